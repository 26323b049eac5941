CREATE TABLE households (
  id TEXT PRIMARY KEY,
  collective_code TEXT NOT NULL REFERENCES collectives (code),
  number TEXT NOT NULL,
  head_id TEXT,
  state TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL,
  UNIQUE (collective_code, number)
) STRICT, WITHOUT ROWID;

-- ID numbers, phones and addresses are sealed; the blind index finds an equal number.
CREATE TABLE persons (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  sex TEXT NOT NULL,
  birth INTEGER NOT NULL,
  id_number TEXT NOT NULL,
  id_index TEXT NOT NULL UNIQUE,
  phone TEXT,
  phone_index TEXT,
  address TEXT,
  created_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX persons_by_phone ON persons (phone_index) WHERE phone_index IS NOT NULL;

-- What a person's record said before each correction.
CREATE TABLE former_persons (
  id TEXT PRIMARY KEY,
  person_id TEXT NOT NULL REFERENCES persons (id),
  person_version INTEGER NOT NULL,
  name TEXT NOT NULL,
  phone TEXT,
  address TEXT,
  until INTEGER NOT NULL,
  reason TEXT NOT NULL,
  salt TEXT NOT NULL,
  UNIQUE (person_id, person_version)
) STRICT, WITHOUT ROWID;

-- A membership ends by its state; no row is ever removed.
CREATE TABLE memberships (
  id TEXT PRIMARY KEY,
  person_id TEXT NOT NULL REFERENCES persons (id),
  household_id TEXT NOT NULL REFERENCES households (id),
  collective_code TEXT NOT NULL REFERENCES collectives (code),
  relation TEXT NOT NULL,
  ground TEXT NOT NULL,
  basis TEXT NOT NULL,
  acquired_on INTEGER NOT NULL,
  note TEXT NOT NULL,
  state TEXT NOT NULL,
  loss_cause TEXT,
  loss_basis TEXT,
  lost_on INTEGER,
  retained_until INTEGER,
  created_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX memberships_by_collective ON memberships (collective_code, id);
CREATE INDEX memberships_by_household ON memberships (household_id);
-- One running membership of a person in a collective, any number of ended ones.
CREATE UNIQUE INDEX memberships_by_person ON memberships (person_id, collective_code, (COALESCE(lost_on, 0)));
