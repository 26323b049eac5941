-- Why the second person refused; the transfer that is taken back; the account to which money goes; whether what is kept goes on to
-- the collective.
ALTER TABLE money_orders ADD COLUMN refusal TEXT;
ALTER TABLE money_orders ADD COLUMN transfer_id TEXT COLLATE "C";
ALTER TABLE money_orders ADD COLUMN payee_id TEXT COLLATE "C";
ALTER TABLE money_orders ADD COLUMN pays_on BOOLEAN;

-- Accounts to which money goes: of a collective, or of one deposit where it cannot go back to the account from which it came. One
-- person writes a change down, another confirms it.
CREATE TABLE payees (
  id TEXT COLLATE "C" PRIMARY KEY,
  collective_code TEXT COLLATE "C" NOT NULL REFERENCES collectives (code),
  deposit_id TEXT COLLATE "C" REFERENCES deposits (id),
  subject TEXT COLLATE "C" NOT NULL,
  holder TEXT NOT NULL,
  number TEXT NOT NULL,
  bank TEXT NOT NULL,
  grounds TEXT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  prepared_by TEXT COLLATE "C" NOT NULL,
  prepared_at BIGINT NOT NULL,
  confirmed_by TEXT COLLATE "C",
  confirmed_at BIGINT,
  refusal TEXT,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL
);
CREATE INDEX payees_by_collective ON payees (collective_code, id);
-- One is in force, and one change waits, for a collective or a deposit.
CREATE UNIQUE INDEX payees_one_in_force ON payees (subject) WHERE state = 'in_force';
CREATE UNIQUE INDEX payees_one_prepared ON payees (subject) WHERE state = 'prepared';
