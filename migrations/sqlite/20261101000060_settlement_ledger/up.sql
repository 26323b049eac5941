-- Under which a payer's account is found again without opening it: one account that pays for two bidders of a lot.
ALTER TABLE deposits ADD COLUMN payer_index TEXT;
CREATE INDEX deposits_by_payer ON deposits (lot_id, payer_index);

-- The money ledger. A transfer is one row that names both accounts, so no transaction can be out of balance; its kind says
-- which two they are. It belongs to one deposit, which is its own account within the two.
CREATE TABLE transfers (
  id TEXT PRIMARY KEY,
  collective_code TEXT NOT NULL REFERENCES collectives (code),
  kind TEXT NOT NULL,
  debit_account TEXT NOT NULL,
  credit_account TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (amount > 0),
  lot_id TEXT NOT NULL,
  enrolment_id TEXT NOT NULL,
  deposit_id TEXT NOT NULL REFERENCES deposits (id),
  step INTEGER NOT NULL CHECK (step > 0),
  moved_at INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL,
  recorded_by TEXT NOT NULL,
  salt TEXT NOT NULL,
  CONSTRAINT transfers_accounts CHECK (debit_account <> credit_account AND kind || ' ' || debit_account || ' ' || credit_account IN (
    'receive bank held', 'release held owed', 'apply held applied', 'forfeit held forfeited', 'pay_out owed bank'))
) STRICT, WITHOUT ROWID;
CREATE INDEX transfers_by_collective ON transfers (collective_code, moved_at, id);
CREATE UNIQUE INDEX transfers_by_deposit ON transfers (deposit_id, step);
-- Money is received once, a hold ends once, in one of three ways, and what is owed goes back once.
CREATE UNIQUE INDEX transfers_one_receipt ON transfers (deposit_id) WHERE kind = 'receive';
CREATE UNIQUE INDEX transfers_one_end ON transfers (deposit_id) WHERE kind IN ('release', 'apply', 'forfeit');
CREATE UNIQUE INDEX transfers_one_way_back ON transfers (deposit_id) WHERE kind = 'pay_out';
CREATE TRIGGER transfers_no_update BEFORE UPDATE ON transfers BEGIN SELECT RAISE(ABORT, 'rows of transfers are never changed'); END;
CREATE TRIGGER transfers_no_delete BEFORE DELETE ON transfers BEGIN SELECT RAISE(ABORT, 'rows of transfers are never removed'); END;
-- What the township holds or owes for a deposit is never less than nothing.
CREATE TRIGGER transfers_no_overdraft BEFORE INSERT ON transfers WHEN NEW.debit_account <> 'bank' BEGIN
  SELECT RAISE(ABORT, 'this account of the deposit does not hold so much') WHERE (SELECT COALESCE(SUM(CASE WHEN credit_account = NEW.debit_account THEN amount ELSE -amount END), 0) FROM transfers
    WHERE deposit_id = NEW.deposit_id AND NEW.debit_account IN (debit_account, credit_account)) < NEW.amount;
END;

-- Orders to end a hold or to pay money back: one person prepares, another confirms.
CREATE TABLE money_orders (
  id TEXT PRIMARY KEY,
  collective_code TEXT NOT NULL REFERENCES collectives (code),
  lot_id TEXT NOT NULL,
  enrolment_id TEXT NOT NULL,
  deposit_id TEXT NOT NULL REFERENCES deposits (id),
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  amount INTEGER NOT NULL,
  counts_from INTEGER NOT NULL,
  grounds TEXT NOT NULL,
  decision_document TEXT,
  state TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  prepared_by TEXT,
  prepared_at INTEGER,
  confirmed_by TEXT,
  confirmed_at INTEGER,
  reference TEXT,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX money_orders_by_collective ON money_orders (collective_code, id);
CREATE INDEX money_orders_by_lot ON money_orders (lot_id);
CREATE INDEX money_orders_by_state ON money_orders (state, counts_from);
CREATE UNIQUE INDEX money_orders_one_open ON money_orders (deposit_id) WHERE state IN ('due', 'prepared');

-- What the bank says of the account of a region: files, their lines, and which transfers were ticked off against which lines.
CREATE TABLE bank_statements (
  id TEXT PRIMARY KEY,
  region_code TEXT NOT NULL,
  file_name TEXT NOT NULL,
  opening INTEGER NOT NULL,
  closing INTEGER NOT NULL,
  first_on INTEGER NOT NULL,
  last_on INTEGER NOT NULL,
  lines INTEGER NOT NULL,
  imported_by TEXT NOT NULL,
  imported_at INTEGER NOT NULL,
  salt TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX bank_statements_by_region ON bank_statements (region_code, id);
CREATE TABLE bank_lines (
  id TEXT PRIMARY KEY,
  region_code TEXT NOT NULL,
  statement_id TEXT NOT NULL REFERENCES bank_statements (id),
  line_key TEXT NOT NULL,
  on_day INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  counterparty TEXT NOT NULL,
  reference TEXT NOT NULL,
  match_id TEXT,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL
) STRICT, WITHOUT ROWID;
-- A line is on record once, whichever file brings it.
CREATE UNIQUE INDEX bank_lines_once ON bank_lines (region_code, line_key);
CREATE INDEX bank_lines_by_match ON bank_lines (region_code, match_id);
CREATE TABLE bank_ticks (
  transfer_id TEXT PRIMARY KEY REFERENCES transfers (id),
  region_code TEXT NOT NULL,
  match_id TEXT NOT NULL,
  ticked_by TEXT NOT NULL,
  ticked_at INTEGER NOT NULL,
  salt TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX bank_ticks_by_match ON bank_ticks (match_id);
