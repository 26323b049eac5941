-- Who looked at the bidders of a lot before its end, and why: at all of them, or at the file of one.
CREATE TABLE bidder_looks (
  id TEXT PRIMARY KEY,
  lot_id TEXT NOT NULL REFERENCES lots (id),
  collective_code TEXT NOT NULL,
  enrolment_id TEXT REFERENCES enrolments (id),
  account_id TEXT NOT NULL,
  reason TEXT NOT NULL,
  at INTEGER NOT NULL,
  salt TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX bidder_looks_by_lot ON bidder_looks (lot_id, id);
