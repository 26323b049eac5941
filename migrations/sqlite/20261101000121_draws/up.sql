-- Draws: what each party bound itself to before anybody could know the outcome, and what each round came to.
CREATE TABLE draw_parties (
  id TEXT PRIMARY KEY,
  lot_id TEXT NOT NULL REFERENCES lots (id),
  collective_code TEXT NOT NULL,
  round INTEGER NOT NULL,
  party TEXT NOT NULL,
  enrolment_id TEXT REFERENCES enrolments (id),
  account_id TEXT NOT NULL REFERENCES accounts (id),
  commitment TEXT NOT NULL,
  committed_at INTEGER NOT NULL,
  value TEXT,
  opened_at INTEGER,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL,
  UNIQUE (lot_id, round, party)
) STRICT, WITHOUT ROWID;
CREATE TABLE draw_rounds (
  id TEXT PRIMARY KEY,
  lot_id TEXT NOT NULL REFERENCES lots (id),
  collective_code TEXT NOT NULL,
  round INTEGER NOT NULL,
  state TEXT NOT NULL,
  commit_until INTEGER,
  called_at INTEGER,
  closing_index INTEGER,
  checkpoint TEXT,
  open_until INTEGER,
  first_opening_index INTEGER,
  seed TEXT,
  withheld TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL,
  UNIQUE (lot_id, round)
) STRICT, WITHOUT ROWID;
