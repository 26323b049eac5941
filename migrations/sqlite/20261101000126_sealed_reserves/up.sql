-- The secret floor of a sealed lot in an envelope like a bid's, handed in before the notice; the last counts. Never changed.
CREATE TABLE sealed_reserves (
  id TEXT PRIMARY KEY,
  lot_id TEXT NOT NULL REFERENCES lots (id),
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  handed_in_by TEXT NOT NULL,
  needed INTEGER NOT NULL,
  recipient TEXT NOT NULL,
  ciphertext TEXT NOT NULL,
  shares TEXT NOT NULL,
  salt TEXT NOT NULL,
  UNIQUE (lot_id, seq),
  UNIQUE (lot_id, recipient)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER sealed_reserves_no_update BEFORE UPDATE ON sealed_reserves BEGIN SELECT RAISE(ABORT, 'envelopes are never changed'); END;
CREATE TRIGGER sealed_reserves_no_delete BEFORE DELETE ON sealed_reserves BEGIN SELECT RAISE(ABORT, 'envelopes are never removed'); END;

-- Shares and openings may now be those of a bid or of the floor.
CREATE TABLE new_shares (
  id TEXT PRIMARY KEY,
  lot_id TEXT NOT NULL REFERENCES auctions (lot_id),
  seq INTEGER NOT NULL,
  bid_id TEXT NOT NULL,
  trustee TEXT NOT NULL,
  at INTEGER NOT NULL,
  handed_in_by TEXT NOT NULL,
  share TEXT NOT NULL,
  salt TEXT NOT NULL,
  UNIQUE (lot_id, seq)
) STRICT, WITHOUT ROWID;
INSERT INTO new_shares SELECT id, lot_id, seq, bid_id, trustee, at, handed_in_by, share, salt FROM sealed_shares;
DROP TABLE sealed_shares;
ALTER TABLE new_shares RENAME TO sealed_shares;
CREATE TRIGGER sealed_shares_no_update BEFORE UPDATE ON sealed_shares BEGIN SELECT RAISE(ABORT, 'shares are never changed'); END;
CREATE TRIGGER sealed_shares_no_delete BEFORE DELETE ON sealed_shares BEGIN SELECT RAISE(ABORT, 'shares are never removed'); END;

CREATE TABLE new_openings (
  bid_id TEXT PRIMARY KEY,
  lot_id TEXT NOT NULL REFERENCES auctions (lot_id),
  at INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  amount INTEGER,
  nonce TEXT,
  identity TEXT,
  command_seq INTEGER,
  salt TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO new_openings SELECT bid_id, lot_id, at, outcome, amount, nonce, identity, command_seq, salt FROM sealed_openings;
DROP TABLE sealed_openings;
ALTER TABLE new_openings RENAME TO sealed_openings;
CREATE INDEX sealed_openings_by_lot ON sealed_openings (lot_id, bid_id);
CREATE TRIGGER sealed_openings_no_update BEFORE UPDATE ON sealed_openings BEGIN SELECT RAISE(ABORT, 'openings are never changed'); END;
CREATE TRIGGER sealed_openings_no_delete BEFORE DELETE ON sealed_openings BEGIN SELECT RAISE(ABORT, 'openings are never removed'); END;
