DROP TRIGGER transfers_month_open ON transfers;
DROP FUNCTION refuse_closed_month();
ALTER TABLE transfers DROP COLUMN late_from;
DROP TABLE closed_months;
