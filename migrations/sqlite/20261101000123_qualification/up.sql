-- Papers by which a bidder shows that the conditions of the notice are met: handed in, examined by a named person. Whoever was
-- refused may hand in again, which is another row.
CREATE TABLE qualification_papers (
  id TEXT PRIMARY KEY,
  lot_id TEXT NOT NULL REFERENCES lots (id),
  collective_code TEXT NOT NULL,
  enrolment_id TEXT NOT NULL REFERENCES enrolments (id),
  attempt INTEGER NOT NULL,
  document_id TEXT NOT NULL REFERENCES documents (id),
  document_sha256 TEXT NOT NULL,
  handed_in_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  examined_by TEXT REFERENCES accounts (id),
  examiner_name TEXT NOT NULL,
  examined_at INTEGER,
  note TEXT NOT NULL,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL,
  UNIQUE (enrolment_id, attempt)
) STRICT, WITHOUT ROWID;
CREATE INDEX qualification_papers_by_lot ON qualification_papers (lot_id, id);
