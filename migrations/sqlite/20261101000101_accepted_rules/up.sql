-- Which version of the notice a bidder accepted, when, and which wording of the declaration was made. Enrolments of an older
-- program have none.
ALTER TABLE enrolments ADD COLUMN accepted_notice INTEGER;
ALTER TABLE enrolments ADD COLUMN accepted_at INTEGER;
ALTER TABLE enrolments ADD COLUMN declaration INTEGER;
