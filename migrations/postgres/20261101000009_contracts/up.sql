CREATE TABLE contracts (
  id TEXT COLLATE "C" PRIMARY KEY,
  collective_code TEXT COLLATE "C" NOT NULL REFERENCES collectives (code),
  code TEXT,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  asset_id TEXT COLLATE "C" REFERENCES assets (id),
  subject TEXT NOT NULL,
  lessee TEXT NOT NULL,
  lessee_kind TEXT NOT NULL,
  signed_on INTEGER,
  starts_on INTEGER NOT NULL,
  ends_on INTEGER,
  quantity BIGINT,
  unit TEXT,
  annual_rent BIGINT,
  total BIGINT,
  method TEXT,
  payment_terms TEXT NOT NULL,
  state TEXT NOT NULL,
  note TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL,
  UNIQUE (collective_code, code)
);
CREATE INDEX contracts_by_collective ON contracts (collective_code, id);
CREATE INDEX contracts_by_asset ON contracts (asset_id);
