DROP TABLE erasures;
ALTER TABLE persons DROP COLUMN erased_at;
DROP TRIGGER log_payloads_only_erased;
DROP TRIGGER log_payloads_no_delete;
