-- Messages to accounts: what the log's entries and the lots themselves say already, in the words of who is concerned. No facts
-- of the business: not logged.
CREATE TABLE messages (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  kind TEXT NOT NULL,
  -- Why it was written: 'entry/12', or 'lead/7' of the lot. One account is told of one occasion once.
  occasion TEXT NOT NULL,
  lot_id TEXT NOT NULL REFERENCES lots (id),
  title TEXT NOT NULL,
  text TEXT NOT NULL,
  price TEXT,
  -- The short end of its address in mails and text messages.
  code TEXT NOT NULL UNIQUE,
  at INTEGER NOT NULL,
  read_at INTEGER,
  -- From when on it may go once it is read.
  kept_until INTEGER NOT NULL,
  UNIQUE (account_id, lot_id, occasion, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX messages_by_account ON messages (account_id, id);
CREATE INDEX messages_unread ON messages (account_id) WHERE read_at IS NULL;
CREATE INDEX messages_by_lot ON messages (lot_id, kind);
CREATE INDEX messages_by_age ON messages (kept_until);

-- How far the log has been told: the place of the next entry. What was written before there were messages is not told.
CREATE TABLE messages_told (
  id TEXT PRIMARY KEY CHECK (id = 'log'),
  place INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO messages_told (id, place) SELECT 'log', size FROM log_state;

-- Messages on their way out of the house.
CREATE TABLE deliveries (
  -- Sent along, so that a receiver who gets one twice knows it.
  id TEXT PRIMARY KEY,
  message_id TEXT NOT NULL REFERENCES messages (id),
  channel TEXT NOT NULL,
  state TEXT NOT NULL,
  tries INTEGER NOT NULL,
  next_at INTEGER NOT NULL,
  -- What went wrong last, without address or secret.
  trouble TEXT NOT NULL,
  ended_at INTEGER,
  UNIQUE (message_id, channel)
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_waiting ON deliveries (next_at) WHERE ended_at IS NULL;

-- Where an account wants its messages sent to. Sealed; what is switched off is not kept.
CREATE TABLE account_contacts (
  account_id TEXT PRIMARY KEY REFERENCES accounts (id),
  phone TEXT,
  mail TEXT,
  changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
