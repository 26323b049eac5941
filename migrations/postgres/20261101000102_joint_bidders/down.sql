DROP TABLE joint_bidders;
ALTER TABLE enrolments DROP COLUMN share;
