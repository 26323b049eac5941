-- To look at everybody of a lot before its end one officer asks and another agrees; then the names are shown for a while. A look of
-- an older program has no request.
CREATE TABLE bidder_look_requests (
  id TEXT PRIMARY KEY,
  lot_id TEXT NOT NULL REFERENCES lots (id),
  collective_code TEXT NOT NULL,
  reason TEXT NOT NULL,
  state TEXT NOT NULL,
  requested_by TEXT NOT NULL REFERENCES accounts (id),
  requester_name TEXT NOT NULL,
  requested_at INTEGER NOT NULL,
  decided_by TEXT REFERENCES accounts (id),
  decider_name TEXT NOT NULL,
  decided_at INTEGER,
  refusal TEXT NOT NULL,
  until_at INTEGER,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX bidder_look_requests_by_lot ON bidder_look_requests (lot_id, id);
CREATE UNIQUE INDEX bidder_look_requests_one_waits ON bidder_look_requests (lot_id) WHERE state = 'requested';
ALTER TABLE bidder_looks ADD COLUMN request_id TEXT;
