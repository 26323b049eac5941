-- Answers to the criteria of a notice that are worth something when prices are compared: claimed by a bidder with a paper, examined by a
-- named person. The points that an auction was held with stand beside its award.
CREATE TABLE merit_claims (
  id TEXT COLLATE "C" PRIMARY KEY,
  lot_id TEXT COLLATE "C" NOT NULL REFERENCES lots (id),
  collective_code TEXT COLLATE "C" NOT NULL,
  enrolment_id TEXT COLLATE "C" NOT NULL REFERENCES enrolments (id),
  merit INTEGER NOT NULL,
  answer INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  document_id TEXT COLLATE "C" NOT NULL REFERENCES documents (id),
  document_sha256 TEXT NOT NULL,
  claimed_at BIGINT NOT NULL,
  state TEXT NOT NULL,
  examined_by TEXT COLLATE "C" REFERENCES accounts (id),
  examiner_name TEXT NOT NULL,
  examined_at BIGINT,
  note TEXT NOT NULL,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL,
  UNIQUE (enrolment_id, merit, attempt)
);
CREATE INDEX merit_claims_by_lot ON merit_claims (lot_id, id);
ALTER TABLE auctions ADD COLUMN points TEXT;
