-- Who keeps shares of the keys to sealed bids. Name, office and key never change; a trustee may retire.
CREATE TABLE trustees (
  id TEXT COLLATE "C" PRIMARY KEY,
  region_code TEXT COLLATE "C" NOT NULL,
  name TEXT NOT NULL,
  office TEXT NOT NULL,
  recipient TEXT COLLATE "C" NOT NULL UNIQUE,
  registered_by TEXT COLLATE "C" NOT NULL,
  registered_at BIGINT NOT NULL,
  retired_at BIGINT,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL
);
CREATE INDEX trustees_by_region ON trustees (region_code, id);

-- Sealed bids and withdrawals in the order in which they were taken. Never changed.
CREATE TABLE sealed_bids (
  id TEXT COLLATE "C" PRIMARY KEY,
  lot_id TEXT COLLATE "C" NOT NULL REFERENCES auctions (lot_id),
  seq BIGINT NOT NULL,
  at BIGINT NOT NULL,
  enrolment_id TEXT COLLATE "C" NOT NULL REFERENCES enrolments (id),
  bid_number INTEGER NOT NULL,
  recipient TEXT COLLATE "C",
  ciphertext TEXT,
  shares TEXT,
  salt TEXT NOT NULL,
  UNIQUE (lot_id, seq),
  UNIQUE (lot_id, recipient)
);
CREATE TRIGGER sealed_bids_no_change BEFORE UPDATE OR DELETE ON sealed_bids FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER sealed_bids_no_truncate BEFORE TRUNCATE ON sealed_bids FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Shares that trustees have decrypted and handed in after the deadline; the latest of a trustee counts. Never changed.
CREATE TABLE sealed_shares (
  id TEXT COLLATE "C" PRIMARY KEY,
  lot_id TEXT COLLATE "C" NOT NULL REFERENCES auctions (lot_id),
  seq BIGINT NOT NULL,
  bid_id TEXT COLLATE "C" NOT NULL REFERENCES sealed_bids (id),
  trustee TEXT COLLATE "C" NOT NULL,
  at BIGINT NOT NULL,
  handed_in_by TEXT COLLATE "C" NOT NULL,
  share TEXT NOT NULL,
  salt TEXT NOT NULL,
  UNIQUE (lot_id, seq)
);
CREATE TRIGGER sealed_shares_no_change BEFORE UPDATE OR DELETE ON sealed_shares FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER sealed_shares_no_truncate BEFORE TRUNCATE ON sealed_shares FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What opening each counting bid came to. Never changed.
CREATE TABLE sealed_openings (
  bid_id TEXT COLLATE "C" PRIMARY KEY REFERENCES sealed_bids (id),
  lot_id TEXT COLLATE "C" NOT NULL REFERENCES auctions (lot_id),
  at BIGINT NOT NULL,
  outcome TEXT NOT NULL,
  amount BIGINT,
  nonce TEXT,
  identity TEXT,
  command_seq BIGINT,
  salt TEXT NOT NULL
);
CREATE INDEX sealed_openings_by_lot ON sealed_openings (lot_id, bid_id);
CREATE TRIGGER sealed_openings_no_change BEFORE UPDATE OR DELETE ON sealed_openings FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER sealed_openings_no_truncate BEFORE TRUNCATE ON sealed_openings FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
