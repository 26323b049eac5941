-- Why somebody opened a sealed value. The public entry says who, when and which field; the reason is for auditors and for
-- the person concerned.
CREATE TABLE looks (
  id TEXT PRIMARY KEY,
  person_id TEXT NOT NULL,
  scope TEXT NOT NULL,
  account_id TEXT NOT NULL,
  field TEXT NOT NULL,
  reason TEXT NOT NULL,
  at INTEGER NOT NULL,
  salt TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX looks_by_person ON looks (person_id, id);
