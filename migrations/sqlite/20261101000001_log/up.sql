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

-- Entries that have no place in the tree yet. Not "those after the last": on PostgreSQL a smaller seq may commit later.
CREATE TABLE log_queue (
  seq INTEGER PRIMARY KEY
) STRICT;

-- The integrator's numbering: index in the tree, RFC 6962 leaf hash.
CREATE TABLE log_leaves (
  idx INTEGER PRIMARY KEY,
  seq INTEGER NOT NULL UNIQUE REFERENCES log_entries (seq),
  leaf_hash BLOB NOT NULL
) STRICT;
CREATE TRIGGER log_leaves_no_update BEFORE UPDATE ON log_leaves BEGIN SELECT RAISE(ABORT, 'rows of log_leaves are never changed'); END;
CREATE TRIGGER log_leaves_no_delete BEFORE DELETE ON log_leaves BEGIN SELECT RAISE(ABORT, 'rows of log_leaves are never removed'); END;

-- Full tiles of 256 hashes; partial ones are computed.
CREATE TABLE log_tiles (
  level INTEGER NOT NULL,
  n INTEGER NOT NULL,
  root BLOB NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (level, n)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER log_tiles_no_update BEFORE UPDATE ON log_tiles BEGIN SELECT RAISE(ABORT, 'rows of log_tiles are never changed'); END;
CREATE TRIGGER log_tiles_no_delete BEFORE DELETE ON log_tiles BEGIN SELECT RAISE(ABORT, 'rows of log_tiles are never removed'); END;

-- Every signed head, oldest to newest.
CREATE TABLE log_checkpoints (
  size INTEGER PRIMARY KEY,
  root BLOB NOT NULL,
  note TEXT NOT NULL
) STRICT;
CREATE TRIGGER log_checkpoints_no_update BEFORE UPDATE ON log_checkpoints BEGIN SELECT RAISE(ABORT, 'rows of log_checkpoints are never changed'); END;
CREATE TRIGGER log_checkpoints_no_delete BEFORE DELETE ON log_checkpoints BEGIN SELECT RAISE(ABORT, 'rows of log_checkpoints are never removed'); END;

-- One row: the lock that makes one integrator among several instances.
CREATE TABLE log_state (
  id TEXT PRIMARY KEY CHECK (id = 'log'),
  size INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO log_state (id, size) VALUES ('log', 0);

-- Facts about this database that are set once: the log's origin, fingerprints of the keys it was made with.
CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
