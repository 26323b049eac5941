ALTER TABLE enrolments DROP COLUMN declaration;
ALTER TABLE enrolments DROP COLUMN accepted_at;
ALTER TABLE enrolments DROP COLUMN accepted_notice;
