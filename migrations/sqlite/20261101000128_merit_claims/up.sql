-- Answers to the criteria of a notice that are worth something when prices are compared: claimed by a bidder with a paper, examined by a
-- named person. The points that an auction was held with stand beside its award.
CREATE TABLE merit_claims (
  id TEXT PRIMARY KEY,
  lot_id TEXT NOT NULL REFERENCES lots (id),
  collective_code TEXT NOT NULL,
  enrolment_id TEXT NOT NULL REFERENCES enrolments (id),
  merit INTEGER NOT NULL,
  answer INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  document_id TEXT NOT NULL REFERENCES documents (id),
  document_sha256 TEXT NOT NULL,
  claimed_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  examined_by TEXT REFERENCES accounts (id),
  examiner_name TEXT NOT NULL,
  examined_at INTEGER,
  note TEXT NOT NULL,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL,
  UNIQUE (enrolment_id, merit, attempt)
) STRICT, WITHOUT ROWID;
CREATE INDEX merit_claims_by_lot ON merit_claims (lot_id, id);
ALTER TABLE auctions ADD COLUMN points TEXT;
