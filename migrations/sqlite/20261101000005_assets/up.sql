CREATE TABLE assets (
  id TEXT PRIMARY KEY,
  collective_code TEXT NOT NULL REFERENCES collectives (code),
  code TEXT,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  class TEXT NOT NULL,
  area INTEGER,
  quantity INTEGER,
  unit TEXT,
  location TEXT NOT NULL,
  original_value INTEGER,
  net_value INTEGER,
  quantified INTEGER NOT NULL,
  state TEXT NOT NULL,
  photo TEXT,
  note TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL,
  UNIQUE (collective_code, code)
) STRICT, WITHOUT ROWID;
CREATE INDEX assets_by_collective ON assets (collective_code, id);
