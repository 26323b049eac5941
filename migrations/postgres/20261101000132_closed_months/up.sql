-- Months whose books are closed, by a named person: nothing is posted into them any more. A code from `from_code` up to, and
-- without, `to_code` lies in the region.
CREATE TABLE closed_months (
  id TEXT COLLATE "C" PRIMARY KEY,
  region_code TEXT COLLATE "C" NOT NULL,
  from_code TEXT COLLATE "C" NOT NULL,
  to_code TEXT COLLATE "C" NOT NULL,
  month TEXT COLLATE "C" NOT NULL,
  before_at BIGINT NOT NULL,
  closed_by TEXT COLLATE "C" NOT NULL,
  closed_at BIGINT NOT NULL,
  salt TEXT NOT NULL
);
CREATE UNIQUE INDEX closed_months_once ON closed_months (region_code, month);
CREATE TRIGGER closed_months_no_change BEFORE UPDATE OR DELETE ON closed_months FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER closed_months_no_truncate BEFORE TRUNCATE ON closed_months FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- When money really moved that is booked later, because its month was closed.
ALTER TABLE transfers ADD COLUMN late_from BIGINT;
CREATE FUNCTION refuse_closed_month() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM closed_months WHERE before_at > NEW.moved_at AND from_code <= NEW.collective_code AND NEW.collective_code < to_code) THEN
    RAISE EXCEPTION 'the books of this month are closed' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER transfers_month_open BEFORE INSERT ON transfers FOR EACH ROW EXECUTE FUNCTION refuse_closed_month();
