DROP TABLE bidder_looks;
