-- Why somebody opened a sealed value. The public entry says who, when and which field; the reason is for auditors and for
-- the person concerned.
CREATE TABLE looks (
  id TEXT COLLATE "C" PRIMARY KEY,
  person_id TEXT COLLATE "C" NOT NULL,
  scope TEXT COLLATE "C" NOT NULL,
  account_id TEXT COLLATE "C" NOT NULL,
  field TEXT NOT NULL,
  reason TEXT NOT NULL,
  at BIGINT NOT NULL,
  salt TEXT NOT NULL
);
CREATE INDEX looks_by_person ON looks (person_id, id);
