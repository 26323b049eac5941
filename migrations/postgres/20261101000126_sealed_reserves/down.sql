ALTER TABLE sealed_openings ADD CONSTRAINT sealed_openings_bid_id_fkey FOREIGN KEY (bid_id) REFERENCES sealed_bids (id);
ALTER TABLE sealed_shares ADD CONSTRAINT sealed_shares_bid_id_fkey FOREIGN KEY (bid_id) REFERENCES sealed_bids (id);
DROP TABLE sealed_reserves;
