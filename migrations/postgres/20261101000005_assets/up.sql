CREATE TABLE assets (
  id TEXT COLLATE "C" PRIMARY KEY,
  collective_code TEXT COLLATE "C" NOT NULL REFERENCES collectives (code),
  code TEXT,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  class TEXT NOT NULL,
  area BIGINT,
  quantity BIGINT,
  unit TEXT,
  location TEXT NOT NULL,
  original_value BIGINT,
  net_value BIGINT,
  quantified BIGINT NOT NULL,
  state TEXT NOT NULL,
  photo TEXT,
  note TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL,
  UNIQUE (collective_code, code)
);
CREATE INDEX assets_by_collective ON assets (collective_code, id);
