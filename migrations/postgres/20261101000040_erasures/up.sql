-- What entries tell of rows is kept for good, with one exception: where a person was erased, a state gives way to
-- {"erased":N}, N being a later entry that says so. That the entry names the row is what `verify` looks at.
CREATE TRIGGER log_payloads_no_delete BEFORE DELETE ON log_payloads FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_payloads_no_truncate BEFORE TRUNCATE ON log_payloads FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE FUNCTION only_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.seq <> OLD.seq OR EXISTS (
    SELECT 1
    FROM json_array_elements(convert_from(NEW.states, 'UTF8')::json) WITH ORDINALITY AS becomes (state, at)
    FULL JOIN json_array_elements(convert_from(OLD.states, 'UTF8')::json) WITH ORDINALITY AS was (state, at) USING (at)
    WHERE becomes.state::text IS DISTINCT FROM was.state::text
      AND (was.state IS NULL OR becomes.state IS NULL OR NOT EXISTS (
        SELECT 1 FROM log_entries AS entry
        WHERE entry.seq = CASE WHEN json_typeof(becomes.state) = 'object' THEN (becomes.state ->> 'erased')::bigint END
          AND entry.seq > OLD.seq AND entry.kind = 'person.erased'
          AND becomes.state::text = '{"erased":' || entry.seq || '}')))
  THEN
    RAISE EXCEPTION 'rows of log_payloads are only changed by an erasure';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER log_payloads_only_erased BEFORE UPDATE ON log_payloads FOR EACH ROW EXECUTE FUNCTION only_erased();

-- An erased person's row stays, for what refers to it, and says nothing any more.
ALTER TABLE persons ADD COLUMN erased_at BIGINT;

-- Who asked that a person's data be erased, and who did it.
CREATE TABLE erasures (
  id TEXT COLLATE "C" PRIMARY KEY,
  person_id TEXT COLLATE "C" NOT NULL REFERENCES persons (id),
  collective_code TEXT COLLATE "C" NOT NULL REFERENCES collectives (code),
  ground TEXT NOT NULL,
  state TEXT NOT NULL,
  requested_by TEXT COLLATE "C" NOT NULL,
  requested_at BIGINT NOT NULL,
  ended_by TEXT COLLATE "C",
  ended_at BIGINT,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL
);
CREATE INDEX erasures_by_person ON erasures (person_id, id);
CREATE INDEX erasures_by_collective ON erasures (collective_code, id);
