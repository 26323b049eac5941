-- Several stand at the ceiling and the notice has a criterion: two officers put them in order by it. One row for each attempt.
CREATE TABLE lot_rankings (
  id TEXT COLLATE "C" PRIMARY KEY,
  lot_id TEXT COLLATE "C" NOT NULL REFERENCES lots (id),
  collective_code TEXT COLLATE "C" NOT NULL,
  place INTEGER NOT NULL,
  state TEXT NOT NULL,
  candidates TEXT NOT NULL,
  called_at BIGINT NOT NULL,
  ranked TEXT,
  reasons TEXT NOT NULL,
  paper TEXT NOT NULL,
  document_id TEXT COLLATE "C" REFERENCES documents (id),
  document_sha256 TEXT,
  prepared_by TEXT COLLATE "C" REFERENCES accounts (id),
  prepared_at BIGINT,
  reviewed_by TEXT COLLATE "C" REFERENCES accounts (id),
  reviewed_at BIGINT,
  note TEXT NOT NULL,
  updated_at BIGINT NOT NULL,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL,
  UNIQUE (lot_id, place)
);
CREATE INDEX lot_rankings_open ON lot_rankings (collective_code, id) WHERE state IN ('called', 'prepared');
