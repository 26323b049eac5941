-- Entries of the transparency log: canonical bytes written once, hashed as stored, never changed.
CREATE TABLE log_entries (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  at INTEGER NOT NULL,
  scope TEXT NOT NULL,
  actor TEXT NOT NULL,
  bytes BLOB NOT NULL
) STRICT;
CREATE INDEX log_entries_by_scope ON log_entries (scope, seq);
CREATE TRIGGER log_entries_no_update BEFORE UPDATE ON log_entries BEGIN SELECT RAISE(ABORT, 'log entries are never changed'); END;
CREATE TRIGGER log_entries_no_delete BEFORE DELETE ON log_entries BEGIN SELECT RAISE(ABORT, 'log entries are never removed'); END;

-- What an entry is about ("lot/lot_…"): an index for timelines, derived from the entries.
CREATE TABLE log_subjects (
  subject TEXT NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (subject, seq)
) STRICT, WITHOUT ROWID;

-- The integrator's numbering: index in the tree, RFC 6962 leaf hash.
CREATE TABLE log_leaves (
  idx INTEGER PRIMARY KEY,
  seq INTEGER NOT NULL UNIQUE REFERENCES log_entries (seq),
  leaf_hash BLOB NOT NULL
) STRICT;

-- Full tiles of 256 hashes; partial ones are computed.
CREATE TABLE log_tiles (
  level INTEGER NOT NULL,
  n INTEGER NOT NULL,
  root BLOB NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (level, n)
) STRICT, WITHOUT ROWID;

-- Every signed head, oldest to newest.
CREATE TABLE log_checkpoints (
  size INTEGER PRIMARY KEY,
  root BLOB NOT NULL,
  note TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;

-- One row: the lock that makes one integrator among several instances.
CREATE TABLE log_state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  size INTEGER NOT NULL,
  integrated_seq INTEGER NOT NULL
) STRICT;
INSERT INTO log_state (id, size, integrated_seq) VALUES (1, 0, 0);

-- Facts about this database that are set once: the log's origin, fingerprints of the keys it was made with.
CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
