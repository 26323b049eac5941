ALTER TABLE auctions DROP COLUMN points;
DROP TABLE merit_claims;
