-- What entries tell of rows is kept for good, with one exception: where a person was erased, a state gives way to
-- {"erased":N}, N being a later entry that says so. That the entry names the row is what `verify` looks at.
CREATE TRIGGER log_payloads_no_delete BEFORE DELETE ON log_payloads BEGIN SELECT RAISE(ABORT, 'rows of log_payloads are never removed'); END;
CREATE TRIGGER log_payloads_only_erased BEFORE UPDATE ON log_payloads
WHEN NEW.seq <> OLD.seq
  OR json_array_length(CAST(NEW.states AS TEXT)) <> json_array_length(CAST(OLD.states AS TEXT))
  OR EXISTS (
    SELECT 1 FROM json_each(CAST(NEW.states AS TEXT)) AS state
    WHERE state.value IS NOT json_extract(CAST(OLD.states AS TEXT), '$[' || state.key || ']')
      AND NOT EXISTS (
        SELECT 1 FROM log_entries AS entry
        WHERE entry.seq = CASE WHEN state.type = 'object' THEN json_extract(state.value, '$.erased') END
          AND entry.seq > OLD.seq AND entry.kind = 'person.erased'
          AND state.value = json_object('erased', entry.seq)))
BEGIN SELECT RAISE(ABORT, 'rows of log_payloads are only changed by an erasure'); END;

-- An erased person's row stays, for what refers to it, and says nothing any more.
ALTER TABLE persons ADD COLUMN erased_at INTEGER;

-- Who asked that a person's data be erased, and who did it.
CREATE TABLE erasures (
  id TEXT PRIMARY KEY,
  person_id TEXT NOT NULL REFERENCES persons (id),
  collective_code TEXT NOT NULL REFERENCES collectives (code),
  ground TEXT NOT NULL,
  state TEXT NOT NULL,
  requested_by TEXT NOT NULL,
  requested_at INTEGER NOT NULL,
  ended_by TEXT,
  ended_at INTEGER,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX erasures_by_person ON erasures (person_id, id);
CREATE INDEX erasures_by_collective ON erasures (collective_code, id);
