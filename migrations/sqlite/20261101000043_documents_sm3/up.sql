-- SM3 (GB/T 32905) of the encrypted contents, beside their SHA-256. A paper that was kept before has none: its row is in
-- the log as it is.
ALTER TABLE documents ADD COLUMN sm3 TEXT;
