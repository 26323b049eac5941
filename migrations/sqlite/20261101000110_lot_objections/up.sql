-- Objections to a result, and what was found. A finding is given once and stays.
CREATE TABLE lot_objections (
  id TEXT PRIMARY KEY,
  lot_id TEXT NOT NULL REFERENCES lots (id),
  collective_code TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  channel TEXT NOT NULL,
  objection TEXT NOT NULL,
  raised_at INTEGER NOT NULL,
  answer_by INTEGER NOT NULL,
  finding TEXT,
  answer TEXT,
  answered_by TEXT,
  answered_at INTEGER,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX lot_objections_by_lot ON lot_objections (lot_id, id);
