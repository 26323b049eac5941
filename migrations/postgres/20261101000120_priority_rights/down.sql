ALTER TABLE auctions DROP COLUMN holders;
DROP TABLE priority_rights;
