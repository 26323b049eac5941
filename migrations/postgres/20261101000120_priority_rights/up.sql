-- Priority rights of a lot: claimed by a bidder with a proof, checked by a named person, lapsed for a cause. The ranks that
-- an auction was held with stand beside its award.
CREATE TABLE priority_rights (
  id TEXT COLLATE "C" PRIMARY KEY,
  lot_id TEXT COLLATE "C" NOT NULL REFERENCES lots (id),
  collective_code TEXT COLLATE "C" NOT NULL,
  enrolment_id TEXT COLLATE "C" NOT NULL REFERENCES enrolments (id),
  kind TEXT NOT NULL,
  rank INTEGER NOT NULL,
  document_id TEXT COLLATE "C" NOT NULL REFERENCES documents (id),
  document_sha256 TEXT NOT NULL,
  claimed_at BIGINT NOT NULL,
  state TEXT NOT NULL,
  checked_by TEXT COLLATE "C" REFERENCES accounts (id),
  checker_name TEXT NOT NULL,
  checked_at BIGINT,
  note TEXT NOT NULL,
  cause TEXT,
  lapsed_at BIGINT,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL,
  UNIQUE (enrolment_id, kind)
);
CREATE INDEX priority_rights_by_lot ON priority_rights (lot_id, id);
ALTER TABLE auctions ADD COLUMN holders TEXT;
