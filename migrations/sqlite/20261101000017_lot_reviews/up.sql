-- What a reviewer decided about which terms. Never changed.
CREATE TABLE lot_reviews (
  id TEXT PRIMARY KEY,
  lot_id TEXT NOT NULL REFERENCES lots (id),
  at INTEGER NOT NULL,
  reviewed_by TEXT NOT NULL,
  approved INTEGER NOT NULL,
  note TEXT NOT NULL,
  terms TEXT NOT NULL,
  salt TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX lot_reviews_by_lot ON lot_reviews (lot_id, id);
CREATE TRIGGER lot_reviews_no_update BEFORE UPDATE ON lot_reviews BEGIN SELECT RAISE(ABORT, 'reviews are never changed'); END;
CREATE TRIGGER lot_reviews_no_delete BEFORE DELETE ON lot_reviews BEGIN SELECT RAISE(ABORT, 'reviews are never removed'); END;
