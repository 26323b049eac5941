-- Paddles for the hall: asked for by the bidder, checked in with a code that the bidder alone has on paper, handed back. Each is in
-- the hall once; who comes again asks for another. Of the code there is a keyed digest. A bid that was raised in the hall says
-- which account entered it; bids of an older program, and those of bidders themselves, have none.
CREATE TABLE hall_paddles (
  id TEXT PRIMARY KEY,
  lot_id TEXT NOT NULL REFERENCES lots (id),
  collective_code TEXT NOT NULL,
  enrolment_id TEXT NOT NULL REFERENCES enrolments (id),
  bid_number INTEGER NOT NULL,
  state TEXT NOT NULL,
  code_digest TEXT NOT NULL,
  wrong_codes INTEGER NOT NULL,
  issued_at INTEGER NOT NULL,
  checked_in_by TEXT REFERENCES accounts (id),
  checked_in_at INTEGER,
  ended_by TEXT REFERENCES accounts (id),
  ended_at INTEGER,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX hall_paddles_by_enrolment ON hall_paddles (enrolment_id, id);
CREATE UNIQUE INDEX hall_paddles_one_in_use ON hall_paddles (lot_id, bid_number) WHERE state IN ('issued', 'in_hall');
ALTER TABLE auction_commands ADD COLUMN entered_by TEXT;
