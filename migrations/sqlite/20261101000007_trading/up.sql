-- A lot: one asset offered in one trade, from draft to result. Its terms stand in lot_terms and do not change once it is published.
CREATE TABLE lots (
  id TEXT PRIMARY KEY,
  collective_code TEXT NOT NULL REFERENCES collectives (code),
  asset_id TEXT NOT NULL,
  title TEXT NOT NULL,
  number TEXT UNIQUE,
  round INTEGER NOT NULL,
  state TEXT NOT NULL,
  drafted_by TEXT NOT NULL,
  submitted_by TEXT,
  submitted_at INTEGER,
  reviewed_by TEXT,
  reviewed_at INTEGER,
  review_note TEXT NOT NULL,
  published_by TEXT,
  published_at INTEGER,
  enrol_until INTEGER,
  opens_at INTEGER,
  closes_at INTEGER,
  ended_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX lots_by_collective ON lots (collective_code, id);
CREATE INDEX lots_by_state ON lots (state, id);
CREATE INDEX lots_by_asset ON lots (asset_id);

-- What is offered and how it is bid for.
CREATE TABLE lot_terms (
  lot_id TEXT PRIMARY KEY REFERENCES lots (id),
  asset_name TEXT NOT NULL,
  asset_class TEXT NOT NULL,
  asset_location TEXT NOT NULL,
  asset_area INTEGER,
  form TEXT NOT NULL,
  usage TEXT NOT NULL,
  term_months INTEGER NOT NULL,
  starts_on INTEGER,
  price_unit TEXT NOT NULL,
  opening_price INTEGER NOT NULL,
  reserve_price INTEGER,
  ceiling_price INTEGER,
  step_min INTEGER NOT NULL,
  step_max INTEGER,
  step_multiple INTEGER,
  deposit INTEGER NOT NULL,
  min_bidders INTEGER NOT NULL,
  window_s INTEGER NOT NULL,
  by_s INTEGER NOT NULL,
  max_extensions INTEGER,
  priority TEXT NOT NULL,
  conditions TEXT NOT NULL,
  remarks TEXT NOT NULL,
  contact TEXT NOT NULL,
  decision_document TEXT,
  decision_on INTEGER,
  decision_summary TEXT NOT NULL,
  notice_days INTEGER NOT NULL,
  result_days INTEGER NOT NULL,
  salt TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Who takes part in a lot. Bid numbers stand for names until the end.
CREATE TABLE enrolments (
  id TEXT PRIMARY KEY,
  lot_id TEXT NOT NULL REFERENCES lots (id),
  collective_code TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  bidder_kind TEXT NOT NULL,
  name TEXT NOT NULL,
  id_number TEXT NOT NULL,
  id_index TEXT NOT NULL,
  phone TEXT NOT NULL,
  priority_claim TEXT NOT NULL,
  priority_rank INTEGER,
  bid_number INTEGER,
  state TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL,
  UNIQUE (lot_id, account_id),
  UNIQUE (lot_id, id_index),
  UNIQUE (lot_id, bid_number)
) STRICT, WITHOUT ROWID;
CREATE INDEX enrolments_by_account ON enrolments (account_id, id);

-- The live part of a published lot, of one small size however many bids there are.
CREATE TABLE auctions (
  lot_id TEXT PRIMARY KEY REFERENCES lots (id),
  leading_number INTEGER,
  price INTEGER,
  end_at INTEGER NOT NULL,
  extensions INTEGER NOT NULL,
  suspended_since INTEGER,
  suspended_us INTEGER NOT NULL,
  terminated INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  closed_at INTEGER,
  salt TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX auctions_by_end ON auctions (closed_at, end_at);

-- Every command an auction was given, refused ones too, in the order it took them. Never changed.
CREATE TABLE auction_commands (
  id TEXT PRIMARY KEY,
  lot_id TEXT NOT NULL REFERENCES auctions (lot_id),
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  action TEXT NOT NULL,
  enrolment_id TEXT REFERENCES enrolments (id),
  bid_number INTEGER,
  amount INTEGER,
  accepted INTEGER NOT NULL,
  reason TEXT,
  bound INTEGER,
  leader INTEGER,
  price INTEGER,
  closes_at INTEGER,
  note TEXT NOT NULL,
  salt TEXT NOT NULL,
  UNIQUE (lot_id, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX auction_commands_by_enrolment ON auction_commands (enrolment_id, seq);
CREATE TRIGGER auction_commands_no_update BEFORE UPDATE ON auction_commands BEGIN SELECT RAISE(ABORT, 'bids are never changed'); END;
CREATE TRIGGER auction_commands_no_delete BEFORE DELETE ON auction_commands BEGIN SELECT RAISE(ABORT, 'bids are never removed'); END;

-- How an auction ended; the result notice.
CREATE TABLE awards (
  lot_id TEXT PRIMARY KEY REFERENCES auctions (lot_id),
  status TEXT NOT NULL,
  reason TEXT,
  winner_number INTEGER,
  winner_enrolment TEXT REFERENCES enrolments (id),
  winner_name TEXT,
  price INTEGER,
  total INTEGER,
  closed_at INTEGER NOT NULL,
  extensions INTEGER NOT NULL,
  participants INTEGER NOT NULL,
  successors TEXT NOT NULL,
  notice_from INTEGER NOT NULL,
  notice_until INTEGER NOT NULL,
  note TEXT NOT NULL,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL
) STRICT, WITHOUT ROWID;
