-- Who looked at the bidders of a lot before its end, and why: at all of them, or at the file of one.
CREATE TABLE bidder_looks (
  id TEXT COLLATE "C" PRIMARY KEY,
  lot_id TEXT COLLATE "C" NOT NULL REFERENCES lots (id),
  collective_code TEXT COLLATE "C" NOT NULL,
  enrolment_id TEXT COLLATE "C" REFERENCES enrolments (id),
  account_id TEXT COLLATE "C" NOT NULL,
  reason TEXT NOT NULL,
  at BIGINT NOT NULL,
  salt TEXT NOT NULL
);
CREATE INDEX bidder_looks_by_lot ON bidder_looks (lot_id, id);
