-- Negotiations with one counterpart after rounds that failed, in the order in which they were proposed.
CREATE TABLE lot_negotiations (
  id TEXT PRIMARY KEY,
  lot_id TEXT NOT NULL REFERENCES lots (id),
  collective_code TEXT NOT NULL,
  place INTEGER NOT NULL,
  failed_rounds INTEGER NOT NULL,
  rounds_needed INTEGER NOT NULL,
  bidder_kind TEXT NOT NULL,
  name TEXT NOT NULL,
  id_number TEXT NOT NULL,
  id_index TEXT NOT NULL,
  phone TEXT NOT NULL,
  price INTEGER NOT NULL,
  total INTEGER,
  vote TEXT NOT NULL,
  state TEXT NOT NULL,
  proposed_by TEXT NOT NULL,
  proposed_at INTEGER NOT NULL,
  reviewed_by TEXT,
  reviewed_at INTEGER,
  note TEXT NOT NULL,
  notice_days INTEGER,
  notice_until INTEGER,
  concluded_by TEXT,
  concluded_at INTEGER,
  contract_by INTEGER,
  contract_id TEXT,
  withdrawn_by TEXT,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL,
  UNIQUE (lot_id, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX lot_negotiations_by_index ON lot_negotiations (id_index);
CREATE INDEX lot_negotiations_by_contract ON lot_negotiations (contract_id);
CREATE INDEX lot_negotiations_by_state ON lot_negotiations (state, collective_code);
