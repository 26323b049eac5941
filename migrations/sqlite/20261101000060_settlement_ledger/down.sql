DROP TABLE bank_ticks;
DROP TABLE bank_lines;
DROP TABLE bank_statements;
DROP TABLE money_orders;
DROP TABLE transfers;
DROP INDEX deposits_by_payer;
ALTER TABLE deposits DROP COLUMN payer_index;
