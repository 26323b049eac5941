-- Money that came and fits nobody: booked to an account of its own until it is known whose it is, or goes back.
CREATE TABLE unidentified_receipts (
  id TEXT PRIMARY KEY,
  region_code TEXT NOT NULL,
  line_id TEXT NOT NULL UNIQUE REFERENCES bank_lines (id),
  amount INTEGER NOT NULL CHECK (amount > 0),
  payer_name TEXT NOT NULL,
  reference TEXT NOT NULL,
  received_on INTEGER NOT NULL,
  state TEXT NOT NULL,
  deposit_id TEXT REFERENCES deposits (id),
  booked_by TEXT NOT NULL,
  booked_at INTEGER NOT NULL,
  grounds TEXT NOT NULL,
  prepared_by TEXT,
  prepared_at INTEGER,
  settled_by TEXT,
  settled_at INTEGER,
  payment TEXT,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX unidentified_by_region ON unidentified_receipts (region_code, id);
CREATE UNIQUE INDEX unidentified_by_payment ON unidentified_receipts (payment);

-- A transfer belongs to a deposit or to money that nobody has claimed; it may reverse another one, which it names; and it says
-- which order moved it. Money of the township itself stands under its own code, which is no collective's.
-- SQLite changes no constraint of a table that is there: it is built anew, and what refers to it steps aside meanwhile.
CREATE TABLE kept_ticks AS SELECT * FROM bank_ticks;
DROP TABLE bank_ticks;
CREATE TABLE transfers_anew (
  id TEXT PRIMARY KEY,
  collective_code TEXT NOT NULL,
  kind TEXT NOT NULL,
  debit_account TEXT NOT NULL,
  credit_account TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (amount > 0),
  lot_id TEXT,
  enrolment_id TEXT,
  deposit_id TEXT REFERENCES deposits (id),
  step INTEGER NOT NULL CHECK (step > 0),
  moved_at INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL,
  recorded_by TEXT NOT NULL,
  salt TEXT NOT NULL,
  unidentified_id TEXT REFERENCES unidentified_receipts (id),
  order_id TEXT,
  reverses TEXT,
  CONSTRAINT transfers_accounts CHECK (debit_account <> credit_account AND (kind = 'reverse' OR kind || ' ' || debit_account || ' ' || credit_account IN (
    'receive bank held', 'release held owed', 'apply held applied', 'forfeit held forfeited', 'pay_out owed bank', 'pay_price applied bank',
    'pay_forfeit forfeited bank', 'take_in bank unidentified', 'hand_over unidentified bank', 'give_back unidentified bank'))),
  CONSTRAINT transfers_reverse CHECK ((kind = 'reverse') = (reverses IS NOT NULL)),
  CONSTRAINT transfers_subject CHECK ((deposit_id IS NULL) <> (unidentified_id IS NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO transfers_anew (id, collective_code, kind, debit_account, credit_account, amount, lot_id, enrolment_id, deposit_id, step, moved_at, recorded_at, recorded_by, salt) SELECT id, collective_code, kind, debit_account, credit_account, amount, lot_id, enrolment_id, deposit_id, step, moved_at, recorded_at, recorded_by, salt FROM transfers;
DROP TABLE transfers;
ALTER TABLE transfers_anew RENAME TO transfers;
CREATE INDEX transfers_by_collective ON transfers (collective_code, moved_at, id);
CREATE UNIQUE INDEX transfers_by_deposit ON transfers (deposit_id, step);
CREATE UNIQUE INDEX transfers_by_unidentified ON transfers (unidentified_id, step);
-- Money is received once, and a transfer is reversed once. What was reversed may be done again; that a hold ends once is what the
-- balance of the deposit and the numbers of its steps say.
CREATE UNIQUE INDEX transfers_one_receipt ON transfers (deposit_id) WHERE kind = 'receive';
CREATE UNIQUE INDEX transfers_reversed_once ON transfers (reverses);
CREATE TRIGGER transfers_no_update BEFORE UPDATE ON transfers BEGIN SELECT RAISE(ABORT, 'rows of transfers are never changed'); END;
CREATE TRIGGER transfers_no_delete BEFORE DELETE ON transfers BEGIN SELECT RAISE(ABORT, 'rows of transfers are never removed'); END;
CREATE TRIGGER transfers_no_overdraft BEFORE INSERT ON transfers WHEN NEW.debit_account <> 'bank' BEGIN
  SELECT RAISE(ABORT, 'this account of the deposit does not hold so much') WHERE (SELECT COALESCE(SUM(CASE WHEN credit_account = NEW.debit_account THEN amount ELSE -amount END), 0) FROM transfers
    WHERE (deposit_id = NEW.deposit_id OR unidentified_id = NEW.unidentified_id) AND NEW.debit_account IN (debit_account, credit_account)) < NEW.amount;
END;
CREATE TRIGGER transfers_reverse_what_is_there BEFORE INSERT ON transfers WHEN NEW.kind = 'reverse' BEGIN
  SELECT RAISE(ABORT, 'this reverses no transfer of the deposit') WHERE NOT EXISTS (SELECT 1 FROM transfers WHERE id = NEW.reverses AND kind <> 'reverse'
    AND deposit_id = NEW.deposit_id AND debit_account = NEW.credit_account AND credit_account = NEW.debit_account AND amount = NEW.amount);
END;
CREATE TABLE bank_ticks (
  transfer_id TEXT PRIMARY KEY REFERENCES transfers (id),
  region_code TEXT NOT NULL,
  match_id TEXT NOT NULL,
  ticked_by TEXT NOT NULL,
  ticked_at INTEGER NOT NULL,
  salt TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO bank_ticks SELECT * FROM kept_ticks;
DROP TABLE kept_ticks;
CREATE INDEX bank_ticks_by_match ON bank_ticks (match_id);
