DROP TABLE sealed_openings;
DROP TABLE sealed_shares;
DROP TABLE sealed_bids;
DROP TABLE trustees;
