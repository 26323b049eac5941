CREATE TABLE kept_ticks AS SELECT * FROM bank_ticks;
DROP TABLE bank_ticks;
CREATE TABLE transfers_anew (
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
INSERT INTO transfers_anew (id, collective_code, kind, debit_account, credit_account, amount, lot_id, enrolment_id, deposit_id, step, moved_at, recorded_at, recorded_by, salt) SELECT id, collective_code, kind, debit_account, credit_account, amount, lot_id, enrolment_id, deposit_id, step, moved_at, recorded_at, recorded_by, salt FROM transfers;
DROP TABLE transfers;
ALTER TABLE transfers_anew RENAME TO transfers;
CREATE INDEX transfers_by_collective ON transfers (collective_code, moved_at, id);
CREATE UNIQUE INDEX transfers_by_deposit ON transfers (deposit_id, step);
CREATE UNIQUE INDEX transfers_one_receipt ON transfers (deposit_id) WHERE kind = 'receive';
CREATE UNIQUE INDEX transfers_one_end ON transfers (deposit_id) WHERE kind IN ('release', 'apply', 'forfeit');
CREATE UNIQUE INDEX transfers_one_way_back ON transfers (deposit_id) WHERE kind = 'pay_out';
CREATE TRIGGER transfers_no_update BEFORE UPDATE ON transfers BEGIN SELECT RAISE(ABORT, 'rows of transfers are never changed'); END;
CREATE TRIGGER transfers_no_delete BEFORE DELETE ON transfers BEGIN SELECT RAISE(ABORT, 'rows of transfers are never removed'); END;
CREATE TRIGGER transfers_no_overdraft BEFORE INSERT ON transfers WHEN NEW.debit_account <> 'bank' BEGIN
  SELECT RAISE(ABORT, 'this account of the deposit does not hold so much') WHERE (SELECT COALESCE(SUM(CASE WHEN credit_account = NEW.debit_account THEN amount ELSE -amount END), 0) FROM transfers
    WHERE deposit_id = NEW.deposit_id AND NEW.debit_account IN (debit_account, credit_account)) < NEW.amount;
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
DROP TABLE unidentified_receipts;
