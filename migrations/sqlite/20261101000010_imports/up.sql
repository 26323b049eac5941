-- Files uploaded for an import, encrypted, until they are confirmed or a day has passed. No facts of the business: not
-- logged.
CREATE TABLE import_uploads (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  kind TEXT NOT NULL,
  collective_code TEXT NOT NULL,
  file_name TEXT NOT NULL,
  options TEXT NOT NULL,
  content BLOB NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX import_uploads_by_age ON import_uploads (created_at);
