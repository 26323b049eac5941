-- Why the second person refused; the transfer that is taken back; the account to which money goes; whether what is kept goes on to
-- the collective.
ALTER TABLE money_orders ADD COLUMN refusal TEXT;
ALTER TABLE money_orders ADD COLUMN transfer_id TEXT;
ALTER TABLE money_orders ADD COLUMN payee_id TEXT;
ALTER TABLE money_orders ADD COLUMN pays_on INTEGER;

-- Accounts to which money goes: of a collective, or of one deposit where it cannot go back to the account from which it came. One
-- person writes a change down, another confirms it.
CREATE TABLE payees (
  id TEXT PRIMARY KEY,
  collective_code TEXT NOT NULL REFERENCES collectives (code),
  deposit_id TEXT REFERENCES deposits (id),
  subject TEXT NOT NULL,
  holder TEXT NOT NULL,
  number TEXT NOT NULL,
  bank TEXT NOT NULL,
  grounds TEXT NOT NULL,
  state TEXT NOT NULL,
  prepared_by TEXT NOT NULL,
  prepared_at INTEGER NOT NULL,
  confirmed_by TEXT,
  confirmed_at INTEGER,
  refusal TEXT,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX payees_by_collective ON payees (collective_code, id);
-- One is in force, and one change waits, for a collective or a deposit.
CREATE UNIQUE INDEX payees_one_in_force ON payees (subject) WHERE state = 'in_force';
CREATE UNIQUE INDEX payees_one_prepared ON payees (subject) WHERE state = 'prepared';
