-- Papers by which a bidder shows that the conditions of the notice are met: handed in, examined by a named person. Whoever was
-- refused may hand in again, which is another row.
CREATE TABLE qualification_papers (
  id TEXT COLLATE "C" PRIMARY KEY,
  lot_id TEXT COLLATE "C" NOT NULL REFERENCES lots (id),
  collective_code TEXT COLLATE "C" NOT NULL,
  enrolment_id TEXT COLLATE "C" NOT NULL REFERENCES enrolments (id),
  attempt INTEGER NOT NULL,
  document_id TEXT COLLATE "C" NOT NULL REFERENCES documents (id),
  document_sha256 TEXT NOT NULL,
  handed_in_at BIGINT NOT NULL,
  state TEXT NOT NULL,
  examined_by TEXT COLLATE "C" REFERENCES accounts (id),
  examiner_name TEXT NOT NULL,
  examined_at BIGINT,
  note TEXT NOT NULL,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL,
  UNIQUE (enrolment_id, attempt)
);
CREATE INDEX qualification_papers_by_lot ON qualification_papers (lot_id, id);
