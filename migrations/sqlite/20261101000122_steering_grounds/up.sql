-- On which ground an auction is suspended or a trade terminated, by which decision, and the paper of it with the SHA-256 of
-- its stored, encrypted contents. Commands of an older program have a sentence alone: their rows are in the log as they are.
ALTER TABLE auction_commands ADD COLUMN ground TEXT;
ALTER TABLE auction_commands ADD COLUMN paper TEXT;
ALTER TABLE auction_commands ADD COLUMN document_id TEXT;
ALTER TABLE auction_commands ADD COLUMN document_sha256 TEXT;
