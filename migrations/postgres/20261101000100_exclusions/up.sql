-- Who may not bid for a time: by which decision, on which ground, where. A row is lifted, never removed.
CREATE TABLE exclusions (
  id TEXT COLLATE "C" PRIMARY KEY,
  region_code TEXT COLLATE "C" NOT NULL,
  subject_kind TEXT NOT NULL,
  name TEXT NOT NULL,
  id_number TEXT NOT NULL,
  id_index TEXT COLLATE "C" NOT NULL,
  ground TEXT NOT NULL,
  note TEXT NOT NULL,
  decision_number TEXT NOT NULL,
  from_day INTEGER NOT NULL,
  until_day INTEGER,
  enrolment_id TEXT COLLATE "C" REFERENCES enrolments (id),
  recorded_by TEXT COLLATE "C" NOT NULL,
  recorded_at BIGINT NOT NULL,
  lifted_by TEXT COLLATE "C",
  lifted_at BIGINT,
  lift_decision TEXT,
  lift_reason TEXT,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL
);
CREATE INDEX exclusions_by_subject ON exclusions (id_index, id);
CREATE INDEX exclusions_by_region ON exclusions (region_code, id);
