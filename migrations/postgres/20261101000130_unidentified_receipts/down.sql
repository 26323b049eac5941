CREATE OR REPLACE FUNCTION refuse_overdraft() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.debit_account <> 'bank' AND (SELECT COALESCE(SUM(CASE WHEN credit_account = NEW.debit_account THEN amount ELSE -amount END), 0) FROM transfers
    WHERE deposit_id = NEW.deposit_id AND NEW.debit_account IN (debit_account, credit_account)) < NEW.amount THEN
    RAISE EXCEPTION 'this account of the deposit does not hold so much' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
DROP INDEX transfers_reversed_once;
DROP INDEX transfers_by_unidentified;
CREATE UNIQUE INDEX transfers_one_end ON transfers (deposit_id) WHERE kind IN ('release', 'apply', 'forfeit');
CREATE UNIQUE INDEX transfers_one_way_back ON transfers (deposit_id) WHERE kind = 'pay_out';
ALTER TABLE transfers DROP CONSTRAINT transfers_subject;
ALTER TABLE transfers DROP CONSTRAINT transfers_reverse;
ALTER TABLE transfers DROP CONSTRAINT transfers_accounts;
ALTER TABLE transfers ADD CONSTRAINT transfers_accounts CHECK (debit_account <> credit_account AND kind || ' ' || debit_account || ' ' || credit_account IN (
  'receive bank held', 'release held owed', 'apply held applied', 'forfeit held forfeited', 'pay_out owed bank'));
ALTER TABLE transfers ADD CONSTRAINT transfers_collective_code_fkey FOREIGN KEY (collective_code) REFERENCES collectives (code);
ALTER TABLE transfers DROP COLUMN reverses, DROP COLUMN order_id, DROP COLUMN unidentified_id;
ALTER TABLE transfers ALTER COLUMN lot_id SET NOT NULL, ALTER COLUMN enrolment_id SET NOT NULL, ALTER COLUMN deposit_id SET NOT NULL;
DROP TABLE unidentified_receipts;
