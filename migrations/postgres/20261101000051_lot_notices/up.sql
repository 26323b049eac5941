-- What a notice said: the first version as it went out, and one more for each correction. Never changed.
CREATE TABLE lot_notices (
  id TEXT COLLATE "C" PRIMARY KEY,
  lot_id TEXT COLLATE "C" NOT NULL REFERENCES lots (id),
  number INTEGER NOT NULL,
  at BIGINT NOT NULL,
  made_by TEXT COLLATE "C" NOT NULL,
  reason TEXT NOT NULL,
  material BOOLEAN NOT NULL,
  title TEXT NOT NULL,
  terms TEXT NOT NULL,
  enrol_until BIGINT NOT NULL,
  opens_at BIGINT NOT NULL,
  closes_at BIGINT NOT NULL,
  salt TEXT NOT NULL,
  UNIQUE (lot_id, number)
);
CREATE TRIGGER lot_notices_no_change BEFORE UPDATE OR DELETE ON lot_notices FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER lot_notices_no_truncate BEFORE TRUNCATE ON lot_notices FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
