-- The secret floor of a sealed lot in an envelope like a bid's, handed in before the notice; the last counts. Never changed.
CREATE TABLE sealed_reserves (
  id TEXT COLLATE "C" PRIMARY KEY,
  lot_id TEXT COLLATE "C" NOT NULL REFERENCES lots (id),
  seq BIGINT NOT NULL,
  at BIGINT NOT NULL,
  handed_in_by TEXT COLLATE "C" NOT NULL,
  needed INTEGER NOT NULL,
  recipient TEXT COLLATE "C" NOT NULL,
  ciphertext TEXT NOT NULL,
  shares TEXT NOT NULL,
  salt TEXT NOT NULL,
  UNIQUE (lot_id, seq),
  UNIQUE (lot_id, recipient)
);
CREATE TRIGGER sealed_reserves_no_change BEFORE UPDATE OR DELETE ON sealed_reserves FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER sealed_reserves_no_truncate BEFORE TRUNCATE ON sealed_reserves FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Shares and openings may now be those of a bid or of the floor.
ALTER TABLE sealed_shares DROP CONSTRAINT sealed_shares_bid_id_fkey;
ALTER TABLE sealed_openings DROP CONSTRAINT sealed_openings_bid_id_fkey;
