ALTER TABLE auction_commands DROP COLUMN document_sha256;
ALTER TABLE auction_commands DROP COLUMN document_id;
ALTER TABLE auction_commands DROP COLUMN paper;
ALTER TABLE auction_commands DROP COLUMN ground;
