-- Who is to sign after an auction: the winner, and after a failure the next in line, each with a row of its own.
CREATE TABLE lot_confirmations (
  id TEXT COLLATE "C" PRIMARY KEY,
  lot_id TEXT COLLATE "C" NOT NULL REFERENCES lots (id),
  collective_code TEXT COLLATE "C" NOT NULL,
  place INTEGER NOT NULL,
  enrolment_id TEXT COLLATE "C" NOT NULL REFERENCES enrolments (id),
  bid_number INTEGER NOT NULL,
  name TEXT NOT NULL,
  price BIGINT NOT NULL,
  total BIGINT,
  state TEXT COLLATE "C" NOT NULL,
  answer_by INTEGER,
  contract_by INTEGER,
  ground TEXT COLLATE "C",
  decision TEXT NOT NULL,
  note TEXT NOT NULL,
  contract_id TEXT COLLATE "C",
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL,
  UNIQUE (lot_id, place)
);
CREATE INDEX lot_confirmations_by_enrolment ON lot_confirmations (enrolment_id);
CREATE INDEX lot_confirmations_by_contract ON lot_confirmations (contract_id);
