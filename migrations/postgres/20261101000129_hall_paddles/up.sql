-- Paddles for the hall: asked for by the bidder, checked in with a code that the bidder alone has on paper, handed back. Each is in
-- the hall once; who comes again asks for another. Of the code there is a keyed digest. A bid that was raised in the hall says
-- which account entered it; bids of an older program, and those of bidders themselves, have none.
CREATE TABLE hall_paddles (
  id TEXT COLLATE "C" PRIMARY KEY,
  lot_id TEXT COLLATE "C" NOT NULL REFERENCES lots (id),
  collective_code TEXT COLLATE "C" NOT NULL,
  enrolment_id TEXT COLLATE "C" NOT NULL REFERENCES enrolments (id),
  bid_number INTEGER NOT NULL,
  state TEXT NOT NULL,
  code_digest TEXT NOT NULL,
  wrong_codes INTEGER NOT NULL,
  issued_at BIGINT NOT NULL,
  checked_in_by TEXT COLLATE "C" REFERENCES accounts (id),
  checked_in_at BIGINT,
  ended_by TEXT COLLATE "C" REFERENCES accounts (id),
  ended_at BIGINT,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL
);
CREATE INDEX hall_paddles_by_enrolment ON hall_paddles (enrolment_id, id);
CREATE UNIQUE INDEX hall_paddles_one_in_use ON hall_paddles (lot_id, bid_number) WHERE state IN ('issued', 'in_hall');
ALTER TABLE auction_commands ADD COLUMN entered_by TEXT COLLATE "C";
