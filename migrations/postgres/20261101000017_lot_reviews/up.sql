-- What a reviewer decided about which terms. Never changed.
CREATE TABLE lot_reviews (
  id TEXT COLLATE "C" PRIMARY KEY,
  lot_id TEXT COLLATE "C" NOT NULL REFERENCES lots (id),
  at BIGINT NOT NULL,
  reviewed_by TEXT COLLATE "C" NOT NULL,
  approved BOOLEAN NOT NULL,
  note TEXT NOT NULL,
  terms TEXT NOT NULL,
  salt TEXT NOT NULL
);
CREATE INDEX lot_reviews_by_lot ON lot_reviews (lot_id, id);
CREATE TRIGGER lot_reviews_no_change BEFORE UPDATE OR DELETE ON lot_reviews FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER lot_reviews_no_truncate BEFORE TRUNCATE ON lot_reviews FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
