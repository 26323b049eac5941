-- Negotiations with one counterpart after rounds that failed, in the order in which they were proposed.
CREATE TABLE lot_negotiations (
  id TEXT COLLATE "C" PRIMARY KEY,
  lot_id TEXT COLLATE "C" NOT NULL REFERENCES lots (id),
  collective_code TEXT COLLATE "C" NOT NULL,
  place INTEGER NOT NULL,
  failed_rounds INTEGER NOT NULL,
  rounds_needed INTEGER NOT NULL,
  bidder_kind TEXT COLLATE "C" NOT NULL,
  name TEXT NOT NULL,
  id_number TEXT NOT NULL,
  id_index TEXT COLLATE "C" NOT NULL,
  phone TEXT NOT NULL,
  price BIGINT NOT NULL,
  total BIGINT,
  vote TEXT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  proposed_by TEXT COLLATE "C" NOT NULL,
  proposed_at BIGINT NOT NULL,
  reviewed_by TEXT COLLATE "C",
  reviewed_at BIGINT,
  note TEXT NOT NULL,
  notice_days INTEGER,
  notice_until INTEGER,
  concluded_by TEXT COLLATE "C",
  concluded_at BIGINT,
  contract_by INTEGER,
  contract_id TEXT COLLATE "C",
  withdrawn_by TEXT COLLATE "C",
  updated_at BIGINT NOT NULL,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL,
  UNIQUE (lot_id, place)
);
CREATE INDEX lot_negotiations_by_index ON lot_negotiations (id_index);
CREATE INDEX lot_negotiations_by_contract ON lot_negotiations (contract_id);
CREATE INDEX lot_negotiations_by_state ON lot_negotiations (state, collective_code);
