-- Questions about a notice and their answers. An answer is given once and stays.
CREATE TABLE lot_questions (
  id TEXT PRIMARY KEY,
  lot_id TEXT NOT NULL REFERENCES lots (id),
  collective_code TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  question TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  answer TEXT,
  answered_by TEXT,
  answered_at INTEGER,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX lot_questions_by_lot ON lot_questions (lot_id, id);
