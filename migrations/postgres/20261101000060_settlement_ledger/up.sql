-- Under which a payer's account is found again without opening it: one account that pays for two bidders of a lot.
ALTER TABLE deposits ADD COLUMN payer_index TEXT COLLATE "C";
CREATE INDEX deposits_by_payer ON deposits (lot_id, payer_index);

-- The money ledger. A transfer is one row that names both accounts, so no transaction can be out of balance; its kind says
-- which two they are. It belongs to one deposit, which is its own account within the two.
CREATE TABLE transfers (
  id TEXT COLLATE "C" PRIMARY KEY,
  collective_code TEXT COLLATE "C" NOT NULL REFERENCES collectives (code),
  kind TEXT COLLATE "C" NOT NULL,
  debit_account TEXT COLLATE "C" NOT NULL,
  credit_account TEXT COLLATE "C" NOT NULL,
  amount BIGINT NOT NULL CHECK (amount > 0),
  lot_id TEXT COLLATE "C" NOT NULL,
  enrolment_id TEXT COLLATE "C" NOT NULL,
  deposit_id TEXT COLLATE "C" NOT NULL REFERENCES deposits (id),
  step INTEGER NOT NULL CHECK (step > 0),
  moved_at BIGINT NOT NULL,
  recorded_at BIGINT NOT NULL,
  recorded_by TEXT COLLATE "C" NOT NULL,
  salt TEXT NOT NULL,
  CONSTRAINT transfers_accounts CHECK (debit_account <> credit_account AND kind || ' ' || debit_account || ' ' || credit_account IN (
    'receive bank held', 'release held owed', 'apply held applied', 'forfeit held forfeited', 'pay_out owed bank'))
);
CREATE INDEX transfers_by_collective ON transfers (collective_code, moved_at, id);
CREATE UNIQUE INDEX transfers_by_deposit ON transfers (deposit_id, step);
-- Money is received once, a hold ends once, in one of three ways, and what is owed goes back once.
CREATE UNIQUE INDEX transfers_one_receipt ON transfers (deposit_id) WHERE kind = 'receive';
CREATE UNIQUE INDEX transfers_one_end ON transfers (deposit_id) WHERE kind IN ('release', 'apply', 'forfeit');
CREATE UNIQUE INDEX transfers_one_way_back ON transfers (deposit_id) WHERE kind = 'pay_out';
CREATE TRIGGER transfers_no_change BEFORE UPDATE OR DELETE ON transfers FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER transfers_no_truncate BEFORE TRUNCATE ON transfers FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- What the township holds or owes for a deposit is never less than nothing.
CREATE FUNCTION refuse_overdraft() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.debit_account <> 'bank' AND (SELECT COALESCE(SUM(CASE WHEN credit_account = NEW.debit_account THEN amount ELSE -amount END), 0) FROM transfers
    WHERE deposit_id = NEW.deposit_id AND NEW.debit_account IN (debit_account, credit_account)) < NEW.amount THEN
    RAISE EXCEPTION 'this account of the deposit does not hold so much' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER transfers_no_overdraft BEFORE INSERT ON transfers FOR EACH ROW EXECUTE FUNCTION refuse_overdraft();

-- Orders to end a hold or to pay money back: one person prepares, another confirms.
CREATE TABLE money_orders (
  id TEXT COLLATE "C" PRIMARY KEY,
  collective_code TEXT COLLATE "C" NOT NULL REFERENCES collectives (code),
  lot_id TEXT COLLATE "C" NOT NULL,
  enrolment_id TEXT COLLATE "C" NOT NULL,
  deposit_id TEXT COLLATE "C" NOT NULL REFERENCES deposits (id),
  kind TEXT COLLATE "C" NOT NULL,
  title TEXT NOT NULL,
  amount BIGINT NOT NULL,
  counts_from INTEGER NOT NULL,
  grounds TEXT NOT NULL,
  decision_document TEXT COLLATE "C",
  state TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  prepared_by TEXT COLLATE "C",
  prepared_at BIGINT,
  confirmed_by TEXT COLLATE "C",
  confirmed_at BIGINT,
  reference TEXT COLLATE "C",
  version INTEGER NOT NULL,
  salt TEXT NOT NULL
);
CREATE INDEX money_orders_by_collective ON money_orders (collective_code, id);
CREATE INDEX money_orders_by_lot ON money_orders (lot_id);
CREATE INDEX money_orders_by_state ON money_orders (state, counts_from);
CREATE UNIQUE INDEX money_orders_one_open ON money_orders (deposit_id) WHERE state IN ('due', 'prepared');

-- What the bank says of the account of a region: files, their lines, and which transfers were ticked off against which lines.
CREATE TABLE bank_statements (
  id TEXT COLLATE "C" PRIMARY KEY,
  region_code TEXT COLLATE "C" NOT NULL,
  file_name TEXT NOT NULL,
  opening BIGINT NOT NULL,
  closing BIGINT NOT NULL,
  first_on INTEGER NOT NULL,
  last_on INTEGER NOT NULL,
  lines INTEGER NOT NULL,
  imported_by TEXT COLLATE "C" NOT NULL,
  imported_at BIGINT NOT NULL,
  salt TEXT NOT NULL
);
CREATE INDEX bank_statements_by_region ON bank_statements (region_code, id);
CREATE TABLE bank_lines (
  id TEXT COLLATE "C" PRIMARY KEY,
  region_code TEXT COLLATE "C" NOT NULL,
  statement_id TEXT COLLATE "C" NOT NULL REFERENCES bank_statements (id),
  line_key TEXT COLLATE "C" NOT NULL,
  on_day INTEGER NOT NULL,
  amount BIGINT NOT NULL,
  counterparty TEXT NOT NULL,
  reference TEXT NOT NULL,
  match_id TEXT COLLATE "C",
  version INTEGER NOT NULL,
  salt TEXT NOT NULL
);
-- A line is on record once, whichever file brings it.
CREATE UNIQUE INDEX bank_lines_once ON bank_lines (region_code, line_key);
CREATE INDEX bank_lines_by_match ON bank_lines (region_code, match_id);
CREATE TABLE bank_ticks (
  transfer_id TEXT COLLATE "C" PRIMARY KEY REFERENCES transfers (id),
  region_code TEXT COLLATE "C" NOT NULL,
  match_id TEXT COLLATE "C" NOT NULL,
  ticked_by TEXT COLLATE "C" NOT NULL,
  ticked_at BIGINT NOT NULL,
  salt TEXT NOT NULL
);
CREATE INDEX bank_ticks_by_match ON bank_ticks (match_id);
