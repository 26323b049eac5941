DROP TABLE payees;
ALTER TABLE money_orders DROP COLUMN pays_on;
ALTER TABLE money_orders DROP COLUMN payee_id;
ALTER TABLE money_orders DROP COLUMN transfer_id;
ALTER TABLE money_orders DROP COLUMN refusal;
