-- Money that came and fits nobody: booked to an account of its own until it is known whose it is, or goes back.
CREATE TABLE unidentified_receipts (
  id TEXT COLLATE "C" PRIMARY KEY,
  region_code TEXT COLLATE "C" NOT NULL,
  line_id TEXT COLLATE "C" NOT NULL UNIQUE REFERENCES bank_lines (id),
  amount BIGINT NOT NULL CHECK (amount > 0),
  payer_name TEXT NOT NULL,
  reference TEXT COLLATE "C" NOT NULL,
  received_on INTEGER NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  deposit_id TEXT COLLATE "C" REFERENCES deposits (id),
  booked_by TEXT COLLATE "C" NOT NULL,
  booked_at BIGINT NOT NULL,
  grounds TEXT NOT NULL,
  prepared_by TEXT COLLATE "C",
  prepared_at BIGINT,
  settled_by TEXT COLLATE "C",
  settled_at BIGINT,
  payment TEXT COLLATE "C",
  version INTEGER NOT NULL,
  salt TEXT NOT NULL
);
CREATE INDEX unidentified_by_region ON unidentified_receipts (region_code, id);
CREATE UNIQUE INDEX unidentified_by_payment ON unidentified_receipts (payment);

-- A transfer belongs to a deposit or to money that nobody has claimed; it may reverse another one, which it names; and it says
-- which order moved it.
ALTER TABLE transfers ALTER COLUMN lot_id DROP NOT NULL, ALTER COLUMN enrolment_id DROP NOT NULL, ALTER COLUMN deposit_id DROP NOT NULL;
ALTER TABLE transfers ADD COLUMN unidentified_id TEXT COLLATE "C" REFERENCES unidentified_receipts (id);
ALTER TABLE transfers ADD COLUMN order_id TEXT COLLATE "C";
ALTER TABLE transfers ADD COLUMN reverses TEXT COLLATE "C";
-- Money of the township itself stands under its own code.
ALTER TABLE transfers DROP CONSTRAINT transfers_collective_code_fkey;
ALTER TABLE transfers DROP CONSTRAINT transfers_accounts;
ALTER TABLE transfers ADD CONSTRAINT transfers_accounts CHECK (debit_account <> credit_account AND (kind = 'reverse' OR kind || ' ' || debit_account || ' ' || credit_account IN (
  'receive bank held', 'release held owed', 'apply held applied', 'forfeit held forfeited', 'pay_out owed bank', 'pay_price applied bank',
  'pay_forfeit forfeited bank', 'take_in bank unidentified', 'hand_over unidentified bank', 'give_back unidentified bank')));
ALTER TABLE transfers ADD CONSTRAINT transfers_reverse CHECK ((kind = 'reverse') = (reverses IS NOT NULL));
ALTER TABLE transfers ADD CONSTRAINT transfers_subject CHECK ((deposit_id IS NULL) <> (unidentified_id IS NULL));
-- What was reversed may be done again; that a hold ends once is what the balance of the deposit and the numbers of its steps say.
DROP INDEX transfers_one_end;
DROP INDEX transfers_one_way_back;
CREATE UNIQUE INDEX transfers_by_unidentified ON transfers (unidentified_id, step);
CREATE UNIQUE INDEX transfers_reversed_once ON transfers (reverses);
CREATE OR REPLACE FUNCTION refuse_overdraft() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.debit_account <> 'bank' AND (SELECT COALESCE(SUM(CASE WHEN credit_account = NEW.debit_account THEN amount ELSE -amount END), 0) FROM transfers
    WHERE (deposit_id = NEW.deposit_id OR unidentified_id = NEW.unidentified_id) AND NEW.debit_account IN (debit_account, credit_account)) < NEW.amount THEN
    RAISE EXCEPTION 'this account of the deposit does not hold so much' USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.kind = 'reverse' AND NOT EXISTS (SELECT 1 FROM transfers WHERE id = NEW.reverses AND kind <> 'reverse' AND deposit_id = NEW.deposit_id
    AND debit_account = NEW.credit_account AND credit_account = NEW.debit_account AND amount = NEW.amount) THEN
    RAISE EXCEPTION 'this reverses no transfer of the deposit' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
