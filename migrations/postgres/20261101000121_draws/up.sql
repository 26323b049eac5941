-- Draws: what each party bound itself to before anybody could know the outcome, and what each round came to.
CREATE TABLE draw_parties (
  id TEXT COLLATE "C" PRIMARY KEY,
  lot_id TEXT COLLATE "C" NOT NULL REFERENCES lots (id),
  collective_code TEXT COLLATE "C" NOT NULL,
  round INTEGER NOT NULL,
  party TEXT COLLATE "C" NOT NULL,
  enrolment_id TEXT COLLATE "C" REFERENCES enrolments (id),
  account_id TEXT COLLATE "C" NOT NULL REFERENCES accounts (id),
  commitment TEXT NOT NULL,
  committed_at BIGINT NOT NULL,
  value TEXT,
  opened_at BIGINT,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL,
  UNIQUE (lot_id, round, party)
);
CREATE TABLE draw_rounds (
  id TEXT COLLATE "C" PRIMARY KEY,
  lot_id TEXT COLLATE "C" NOT NULL REFERENCES lots (id),
  collective_code TEXT COLLATE "C" NOT NULL,
  round INTEGER NOT NULL,
  state TEXT NOT NULL,
  commit_until BIGINT,
  called_at BIGINT,
  closing_index BIGINT,
  checkpoint TEXT,
  open_until BIGINT,
  first_opening_index BIGINT,
  seed TEXT,
  withheld TEXT NOT NULL,
  updated_at BIGINT NOT NULL,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL,
  UNIQUE (lot_id, round)
);
