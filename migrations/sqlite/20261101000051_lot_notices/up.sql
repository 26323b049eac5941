-- What a notice said: the first version as it went out, and one more for each correction. Never changed.
CREATE TABLE lot_notices (
  id TEXT PRIMARY KEY,
  lot_id TEXT NOT NULL REFERENCES lots (id),
  number INTEGER NOT NULL,
  at INTEGER NOT NULL,
  made_by TEXT NOT NULL,
  reason TEXT NOT NULL,
  material INTEGER NOT NULL,
  title TEXT NOT NULL,
  terms TEXT NOT NULL,
  enrol_until INTEGER NOT NULL,
  opens_at INTEGER NOT NULL,
  closes_at INTEGER NOT NULL,
  salt TEXT NOT NULL,
  UNIQUE (lot_id, number)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER lot_notices_no_update BEFORE UPDATE ON lot_notices BEGIN SELECT RAISE(ABORT, 'notices are never changed'); END;
CREATE TRIGGER lot_notices_no_delete BEFORE DELETE ON lot_notices BEGIN SELECT RAISE(ABORT, 'notices are never removed'); END;
