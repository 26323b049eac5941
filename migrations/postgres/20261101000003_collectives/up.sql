-- The region tree by statistical division code.
CREATE TABLE regions (
  code TEXT COLLATE "C" PRIMARY KEY,
  name TEXT NOT NULL,
  level TEXT NOT NULL,
  parent_code TEXT COLLATE "C",
  version INTEGER NOT NULL,
  salt TEXT NOT NULL
);
CREATE INDEX regions_by_parent ON regions (parent_code, code);

-- Collective economic organisations; the region's code is their key.
CREATE TABLE collectives (
  code TEXT COLLATE "C" PRIMARY KEY,
  name TEXT NOT NULL,
  level TEXT NOT NULL,
  credit_code TEXT COLLATE "C" UNIQUE,
  credit_code_confirmed BOOLEAN NOT NULL,
  address TEXT NOT NULL,
  certificate_number TEXT NOT NULL,
  certificate_issuer TEXT NOT NULL,
  registered_on INTEGER,
  certificate_until INTEGER,
  state TEXT NOT NULL,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL
);

CREATE TABLE officers (
  id TEXT COLLATE "C" PRIMARY KEY,
  collective_code TEXT COLLATE "C" NOT NULL REFERENCES collectives (code),
  name TEXT NOT NULL,
  post TEXT NOT NULL,
  since INTEGER NOT NULL,
  until INTEGER,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL
);
CREATE INDEX officers_by_collective ON officers (collective_code, id);

-- Contents stand once by the hash of what was brought, encrypted; documents name them.
CREATE TABLE document_contents (
  sha256 TEXT COLLATE "C" PRIMARY KEY,
  sealed BYTEA NOT NULL
);

CREATE TABLE documents (
  id TEXT COLLATE "C" PRIMARY KEY,
  collective_code TEXT COLLATE "C" NOT NULL REFERENCES collectives (code),
  title TEXT NOT NULL,
  media_type TEXT NOT NULL,
  length BIGINT NOT NULL,
  sha256 TEXT COLLATE "C" NOT NULL REFERENCES document_contents (sha256),
  visibility TEXT NOT NULL,
  uploaded_by TEXT COLLATE "C" NOT NULL,
  uploaded_at BIGINT NOT NULL,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL
);
CREATE INDEX documents_by_collective ON documents (collective_code, id);
