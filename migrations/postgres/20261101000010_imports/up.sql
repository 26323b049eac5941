-- Files uploaded for an import, encrypted, until they are confirmed or a day has passed. No facts of the business: not
-- logged.
CREATE TABLE import_uploads (
  id TEXT COLLATE "C" PRIMARY KEY,
  account_id TEXT COLLATE "C" NOT NULL REFERENCES accounts (id),
  kind TEXT NOT NULL,
  collective_code TEXT COLLATE "C" NOT NULL,
  file_name TEXT NOT NULL,
  options TEXT NOT NULL,
  content BYTEA NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX import_uploads_by_age ON import_uploads (created_at);
