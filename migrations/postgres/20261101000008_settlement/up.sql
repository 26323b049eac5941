-- Deposits that bidders paid for one lot each.
CREATE TABLE deposits (
  id TEXT COLLATE "C" PRIMARY KEY,
  collective_code TEXT COLLATE "C" NOT NULL REFERENCES collectives (code),
  lot_id TEXT COLLATE "C" NOT NULL,
  enrolment_id TEXT COLLATE "C" NOT NULL UNIQUE,
  amount BIGINT NOT NULL,
  payer_name TEXT NOT NULL,
  payer_account TEXT,
  reference TEXT COLLATE "C" NOT NULL UNIQUE,
  received_at BIGINT NOT NULL,
  recorded_by TEXT COLLATE "C" NOT NULL,
  recorded_at BIGINT NOT NULL,
  state TEXT NOT NULL,
  settled_at BIGINT,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL
);
CREATE INDEX deposits_by_collective ON deposits (collective_code, id);
CREATE INDEX deposits_by_lot ON deposits (lot_id);
