-- The region tree by statistical division code.
CREATE TABLE regions (
  code TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  level TEXT NOT NULL,
  parent_code TEXT,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX regions_by_parent ON regions (parent_code, code);

-- Collective economic organisations; the region's code is their key.
CREATE TABLE collectives (
  code TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  level TEXT NOT NULL,
  credit_code TEXT UNIQUE,
  credit_code_confirmed INTEGER NOT NULL,
  address TEXT NOT NULL,
  certificate_number TEXT NOT NULL,
  certificate_issuer TEXT NOT NULL,
  registered_on INTEGER,
  certificate_until INTEGER,
  state TEXT NOT NULL,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE officers (
  id TEXT PRIMARY KEY,
  collective_code TEXT NOT NULL REFERENCES collectives (code),
  name TEXT NOT NULL,
  post TEXT NOT NULL,
  since INTEGER NOT NULL,
  until INTEGER,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX officers_by_collective ON officers (collective_code, id);

-- Contents stand once by the hash of what was brought, encrypted; documents name them.
CREATE TABLE document_contents (
  sha256 TEXT PRIMARY KEY,
  sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE documents (
  id TEXT PRIMARY KEY,
  collective_code TEXT NOT NULL REFERENCES collectives (code),
  title TEXT NOT NULL,
  media_type TEXT NOT NULL,
  length INTEGER NOT NULL,
  sha256 TEXT NOT NULL REFERENCES document_contents (sha256),
  visibility TEXT NOT NULL,
  uploaded_by TEXT NOT NULL,
  uploaded_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX documents_by_collective ON documents (collective_code, id);
