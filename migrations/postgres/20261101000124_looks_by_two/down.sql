ALTER TABLE bidder_looks DROP COLUMN request_id;
DROP TABLE bidder_look_requests;
