-- Objections to a result, and what was found. A finding is given once and stays.
CREATE TABLE lot_objections (
  id TEXT COLLATE "C" PRIMARY KEY,
  lot_id TEXT COLLATE "C" NOT NULL REFERENCES lots (id),
  collective_code TEXT COLLATE "C" NOT NULL,
  account_id TEXT COLLATE "C" NOT NULL REFERENCES accounts (id),
  channel TEXT COLLATE "C" NOT NULL,
  objection TEXT NOT NULL,
  raised_at BIGINT NOT NULL,
  answer_by INTEGER NOT NULL,
  finding TEXT COLLATE "C",
  answer TEXT,
  answered_by TEXT COLLATE "C",
  answered_at BIGINT,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL
);
CREATE INDEX lot_objections_by_lot ON lot_objections (lot_id, id);
