-- Months whose books are closed, by a named person: nothing is posted into them any more. A code from `from_code` up to, and
-- without, `to_code` lies in the region.
CREATE TABLE closed_months (
  id TEXT PRIMARY KEY,
  region_code TEXT NOT NULL,
  from_code TEXT NOT NULL,
  to_code TEXT NOT NULL,
  month TEXT NOT NULL,
  before_at INTEGER NOT NULL,
  closed_by TEXT NOT NULL,
  closed_at INTEGER NOT NULL,
  salt TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX closed_months_once ON closed_months (region_code, month);
CREATE TRIGGER closed_months_no_update BEFORE UPDATE ON closed_months BEGIN SELECT RAISE(ABORT, 'a closed month is never changed'); END;
CREATE TRIGGER closed_months_no_delete BEFORE DELETE ON closed_months BEGIN SELECT RAISE(ABORT, 'a closed month is never opened'); END;

-- When money really moved that is booked later, because its month was closed.
ALTER TABLE transfers ADD COLUMN late_from INTEGER;
CREATE TRIGGER transfers_month_open BEFORE INSERT ON transfers BEGIN
  SELECT RAISE(ABORT, 'the books of this month are closed') WHERE EXISTS (SELECT 1 FROM closed_months
    WHERE before_at > NEW.moved_at AND from_code <= NEW.collective_code AND NEW.collective_code < to_code);
END;
