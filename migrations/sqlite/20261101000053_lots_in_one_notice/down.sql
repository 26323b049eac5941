DROP INDEX lots_by_notice;
ALTER TABLE lots DROP COLUMN notice_number;
