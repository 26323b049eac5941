-- Questions about a notice and their answers. An answer is given once and stays.
CREATE TABLE lot_questions (
  id TEXT COLLATE "C" PRIMARY KEY,
  lot_id TEXT COLLATE "C" NOT NULL REFERENCES lots (id),
  collective_code TEXT COLLATE "C" NOT NULL,
  account_id TEXT COLLATE "C" NOT NULL REFERENCES accounts (id),
  question TEXT NOT NULL,
  asked_at BIGINT NOT NULL,
  answer TEXT,
  answered_by TEXT COLLATE "C",
  answered_at BIGINT,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL
);
CREATE INDEX lot_questions_by_lot ON lot_questions (lot_id, id);
