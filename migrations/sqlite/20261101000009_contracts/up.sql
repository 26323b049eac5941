CREATE TABLE contracts (
  id TEXT PRIMARY KEY,
  collective_code TEXT NOT NULL REFERENCES collectives (code),
  code TEXT,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  asset_id TEXT REFERENCES assets (id),
  subject TEXT NOT NULL,
  lessee TEXT NOT NULL,
  lessee_kind TEXT NOT NULL,
  signed_on INTEGER,
  starts_on INTEGER NOT NULL,
  ends_on INTEGER,
  quantity INTEGER,
  unit TEXT,
  annual_rent INTEGER,
  total INTEGER,
  method TEXT,
  payment_terms TEXT NOT NULL,
  state TEXT NOT NULL,
  note TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL,
  UNIQUE (collective_code, code)
) STRICT, WITHOUT ROWID;
CREATE INDEX contracts_by_collective ON contracts (collective_code, id);
CREATE INDEX contracts_by_asset ON contracts (asset_id);
