-- Who keeps shares of the keys to sealed bids. Name, office and key never change; a trustee may retire.
CREATE TABLE trustees (
  id TEXT PRIMARY KEY,
  region_code TEXT NOT NULL,
  name TEXT NOT NULL,
  office TEXT NOT NULL,
  recipient TEXT NOT NULL UNIQUE,
  registered_by TEXT NOT NULL,
  registered_at INTEGER NOT NULL,
  retired_at INTEGER,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX trustees_by_region ON trustees (region_code, id);

-- Sealed bids and withdrawals in the order in which they were taken. Never changed.
CREATE TABLE sealed_bids (
  id TEXT PRIMARY KEY,
  lot_id TEXT NOT NULL REFERENCES auctions (lot_id),
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  enrolment_id TEXT NOT NULL REFERENCES enrolments (id),
  bid_number INTEGER NOT NULL,
  recipient TEXT,
  ciphertext TEXT,
  shares TEXT,
  salt TEXT NOT NULL,
  UNIQUE (lot_id, seq),
  UNIQUE (lot_id, recipient)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER sealed_bids_no_update BEFORE UPDATE ON sealed_bids BEGIN SELECT RAISE(ABORT, 'sealed bids are never changed'); END;
CREATE TRIGGER sealed_bids_no_delete BEFORE DELETE ON sealed_bids BEGIN SELECT RAISE(ABORT, 'sealed bids are never removed'); END;

-- Shares that trustees have decrypted and handed in after the deadline; the latest of a trustee counts. Never changed.
CREATE TABLE sealed_shares (
  id TEXT PRIMARY KEY,
  lot_id TEXT NOT NULL REFERENCES auctions (lot_id),
  seq INTEGER NOT NULL,
  bid_id TEXT NOT NULL REFERENCES sealed_bids (id),
  trustee TEXT NOT NULL,
  at INTEGER NOT NULL,
  handed_in_by TEXT NOT NULL,
  share TEXT NOT NULL,
  salt TEXT NOT NULL,
  UNIQUE (lot_id, seq)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER sealed_shares_no_update BEFORE UPDATE ON sealed_shares BEGIN SELECT RAISE(ABORT, 'shares are never changed'); END;
CREATE TRIGGER sealed_shares_no_delete BEFORE DELETE ON sealed_shares BEGIN SELECT RAISE(ABORT, 'shares are never removed'); END;

-- What opening each counting bid came to. Never changed.
CREATE TABLE sealed_openings (
  bid_id TEXT PRIMARY KEY REFERENCES sealed_bids (id),
  lot_id TEXT NOT NULL REFERENCES auctions (lot_id),
  at INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  amount INTEGER,
  nonce TEXT,
  identity TEXT,
  command_seq INTEGER,
  salt TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sealed_openings_by_lot ON sealed_openings (lot_id, bid_id);
CREATE TRIGGER sealed_openings_no_update BEFORE UPDATE ON sealed_openings BEGIN SELECT RAISE(ABORT, 'openings are never changed'); END;
CREATE TRIGGER sealed_openings_no_delete BEFORE DELETE ON sealed_openings BEGIN SELECT RAISE(ABORT, 'openings are never removed'); END;
