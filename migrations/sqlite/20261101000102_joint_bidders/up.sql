-- Who bids together with an enrolment: each with an exact share, in ten-thousandths of a per cent, and the agreement of an
-- account of its own. An enrolment that stands alone has no share.
ALTER TABLE enrolments ADD COLUMN share INTEGER;
CREATE TABLE joint_bidders (
  id TEXT PRIMARY KEY,
  lot_id TEXT NOT NULL REFERENCES lots (id),
  collective_code TEXT NOT NULL,
  enrolment_id TEXT NOT NULL REFERENCES enrolments (id),
  bidder_kind TEXT NOT NULL,
  name TEXT NOT NULL,
  id_number TEXT NOT NULL,
  id_index TEXT NOT NULL,
  share INTEGER NOT NULL,
  account_id TEXT REFERENCES accounts (id),
  agreed_at INTEGER,
  accepted_notice INTEGER,
  declaration INTEGER,
  created_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL,
  UNIQUE (lot_id, id_index),
  UNIQUE (lot_id, account_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX joint_bidders_by_enrolment ON joint_bidders (enrolment_id, id);
