-- A lot: one asset offered in one trade, from draft to result. Its terms stand in lot_terms and do not change once it is published.
CREATE TABLE lots (
  id TEXT COLLATE "C" PRIMARY KEY,
  collective_code TEXT COLLATE "C" NOT NULL REFERENCES collectives (code),
  asset_id TEXT COLLATE "C" NOT NULL,
  title TEXT NOT NULL,
  number TEXT COLLATE "C" UNIQUE,
  round INTEGER NOT NULL,
  state TEXT NOT NULL,
  drafted_by TEXT COLLATE "C" NOT NULL,
  submitted_by TEXT COLLATE "C",
  submitted_at BIGINT,
  reviewed_by TEXT COLLATE "C",
  reviewed_at BIGINT,
  review_note TEXT NOT NULL,
  published_by TEXT COLLATE "C",
  published_at BIGINT,
  enrol_until BIGINT,
  opens_at BIGINT,
  closes_at BIGINT,
  ended_at BIGINT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL
);
CREATE INDEX lots_by_collective ON lots (collective_code, id);
CREATE INDEX lots_by_state ON lots (state, id);
CREATE INDEX lots_by_asset ON lots (asset_id);

-- What is offered and how it is bid for.
CREATE TABLE lot_terms (
  lot_id TEXT COLLATE "C" PRIMARY KEY REFERENCES lots (id),
  asset_name TEXT NOT NULL,
  asset_class TEXT NOT NULL,
  asset_location TEXT NOT NULL,
  asset_area BIGINT,
  form TEXT NOT NULL,
  usage TEXT NOT NULL,
  term_months INTEGER NOT NULL,
  starts_on INTEGER,
  price_unit TEXT NOT NULL,
  opening_price BIGINT NOT NULL,
  reserve_price BIGINT,
  ceiling_price BIGINT,
  step_min BIGINT NOT NULL,
  step_max BIGINT,
  step_multiple BIGINT,
  deposit BIGINT NOT NULL,
  min_bidders INTEGER NOT NULL,
  window_s INTEGER NOT NULL,
  by_s INTEGER NOT NULL,
  max_extensions INTEGER,
  priority TEXT NOT NULL,
  conditions TEXT NOT NULL,
  remarks TEXT NOT NULL,
  contact TEXT NOT NULL,
  decision_document TEXT COLLATE "C",
  decision_on INTEGER,
  decision_summary TEXT NOT NULL,
  notice_days INTEGER NOT NULL,
  result_days INTEGER NOT NULL,
  salt TEXT NOT NULL
);

-- Who takes part in a lot. Bid numbers stand for names until the end.
CREATE TABLE enrolments (
  id TEXT COLLATE "C" PRIMARY KEY,
  lot_id TEXT COLLATE "C" NOT NULL REFERENCES lots (id),
  collective_code TEXT COLLATE "C" NOT NULL,
  account_id TEXT COLLATE "C" NOT NULL REFERENCES accounts (id),
  bidder_kind TEXT NOT NULL,
  name TEXT NOT NULL,
  id_number TEXT NOT NULL,
  id_index TEXT COLLATE "C" NOT NULL,
  phone TEXT NOT NULL,
  priority_claim TEXT NOT NULL,
  priority_rank INTEGER,
  bid_number INTEGER,
  state TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL,
  UNIQUE (lot_id, account_id),
  UNIQUE (lot_id, id_index),
  UNIQUE (lot_id, bid_number)
);
CREATE INDEX enrolments_by_account ON enrolments (account_id, id);

-- The live part of a published lot, of one small size however many bids there are.
CREATE TABLE auctions (
  lot_id TEXT COLLATE "C" PRIMARY KEY REFERENCES lots (id),
  leading_number INTEGER,
  price BIGINT,
  end_at BIGINT NOT NULL,
  extensions BIGINT NOT NULL,
  suspended_since BIGINT,
  suspended_us BIGINT NOT NULL,
  terminated BOOLEAN NOT NULL,
  last_seq BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  closed_at BIGINT,
  salt TEXT NOT NULL
);
CREATE INDEX auctions_by_end ON auctions (closed_at, end_at);

-- Every command an auction was given, refused ones too, in the order it took them. Never changed.
CREATE TABLE auction_commands (
  id TEXT COLLATE "C" PRIMARY KEY,
  lot_id TEXT COLLATE "C" NOT NULL REFERENCES auctions (lot_id),
  seq BIGINT NOT NULL,
  at BIGINT NOT NULL,
  action TEXT NOT NULL,
  enrolment_id TEXT COLLATE "C" REFERENCES enrolments (id),
  bid_number INTEGER,
  amount BIGINT,
  accepted BOOLEAN NOT NULL,
  reason TEXT,
  bound BIGINT,
  leader INTEGER,
  price BIGINT,
  closes_at BIGINT,
  note TEXT NOT NULL,
  salt TEXT NOT NULL,
  UNIQUE (lot_id, seq)
);
CREATE INDEX auction_commands_by_enrolment ON auction_commands (enrolment_id, seq);
CREATE TRIGGER auction_commands_no_change BEFORE UPDATE OR DELETE ON auction_commands FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER auction_commands_no_truncate BEFORE TRUNCATE ON auction_commands FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- How an auction ended; the result notice.
CREATE TABLE awards (
  lot_id TEXT COLLATE "C" PRIMARY KEY REFERENCES auctions (lot_id),
  status TEXT NOT NULL,
  reason TEXT,
  winner_number INTEGER,
  winner_enrolment TEXT COLLATE "C" REFERENCES enrolments (id),
  winner_name TEXT,
  price BIGINT,
  total BIGINT,
  closed_at BIGINT NOT NULL,
  extensions BIGINT NOT NULL,
  participants INTEGER NOT NULL,
  successors TEXT NOT NULL,
  notice_from INTEGER NOT NULL,
  notice_until INTEGER NOT NULL,
  note TEXT NOT NULL,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL
);
