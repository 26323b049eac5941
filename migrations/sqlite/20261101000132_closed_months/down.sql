DROP TRIGGER transfers_month_open;
ALTER TABLE transfers DROP COLUMN late_from;
DROP TABLE closed_months;
