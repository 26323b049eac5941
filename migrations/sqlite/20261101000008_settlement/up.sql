-- Deposits that bidders paid for one lot each.
CREATE TABLE deposits (
  id TEXT PRIMARY KEY,
  collective_code TEXT NOT NULL REFERENCES collectives (code),
  lot_id TEXT NOT NULL,
  enrolment_id TEXT NOT NULL UNIQUE,
  amount INTEGER NOT NULL,
  payer_name TEXT NOT NULL,
  payer_account TEXT,
  reference TEXT NOT NULL UNIQUE,
  received_at INTEGER NOT NULL,
  recorded_by TEXT NOT NULL,
  recorded_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  settled_at INTEGER,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX deposits_by_collective ON deposits (collective_code, id);
CREATE INDEX deposits_by_lot ON deposits (lot_id);
