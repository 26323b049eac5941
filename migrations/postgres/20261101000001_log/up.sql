-- Entries of the transparency log: canonical bytes written once, hashed as stored, never changed.
CREATE TABLE log_entries (
  seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind TEXT NOT NULL,
  at BIGINT NOT NULL,
  scope TEXT COLLATE "C" NOT NULL,
  actor TEXT COLLATE "C" NOT NULL,
  bytes BYTEA NOT NULL
);
CREATE INDEX log_entries_by_scope ON log_entries (scope, seq);
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % are never changed or removed', TG_TABLE_NAME;
END $$;
CREATE TRIGGER log_entries_no_change BEFORE UPDATE OR DELETE ON log_entries FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_entries_no_truncate BEFORE TRUNCATE ON log_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What an entry is about ("lot/lot_…"): an index for timelines, derived from the entries.
CREATE TABLE log_subjects (
  subject TEXT COLLATE "C" NOT NULL,
  seq BIGINT NOT NULL,
  PRIMARY KEY (subject, seq)
);

-- Entries that have no place in the tree yet. Not "those after the last": on PostgreSQL a smaller seq may commit later.
CREATE TABLE log_queue (
  seq BIGINT PRIMARY KEY
);

-- The integrator's numbering: index in the tree, RFC 6962 leaf hash.
CREATE TABLE log_leaves (
  idx BIGINT PRIMARY KEY,
  seq BIGINT NOT NULL UNIQUE REFERENCES log_entries (seq),
  leaf_hash BYTEA NOT NULL
);
CREATE TRIGGER log_leaves_no_change BEFORE UPDATE OR DELETE ON log_leaves FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_leaves_no_truncate BEFORE TRUNCATE ON log_leaves FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Full tiles of 256 hashes; partial ones are computed.
CREATE TABLE log_tiles (
  level INTEGER NOT NULL,
  n BIGINT NOT NULL,
  root BYTEA NOT NULL,
  bytes BYTEA NOT NULL,
  PRIMARY KEY (level, n)
);
CREATE TRIGGER log_tiles_no_change BEFORE UPDATE OR DELETE ON log_tiles FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_tiles_no_truncate BEFORE TRUNCATE ON log_tiles FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Every signed head, oldest to newest.
CREATE TABLE log_checkpoints (
  size BIGINT PRIMARY KEY,
  root BYTEA NOT NULL,
  note TEXT NOT NULL
);
CREATE TRIGGER log_checkpoints_no_change BEFORE UPDATE OR DELETE ON log_checkpoints FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_checkpoints_no_truncate BEFORE TRUNCATE ON log_checkpoints FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- One row: the lock that makes one integrator among several instances.
CREATE TABLE log_state (
  id TEXT PRIMARY KEY CHECK (id = 'log'),
  size BIGINT NOT NULL
);
INSERT INTO log_state (id, size) VALUES ('log', 0);

-- Facts about this database that are set once: the log's origin, fingerprints of the keys it was made with.
CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
);
