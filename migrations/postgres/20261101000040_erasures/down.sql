DROP TABLE erasures;
ALTER TABLE persons DROP COLUMN erased_at;
DROP TRIGGER log_payloads_only_erased ON log_payloads;
DROP FUNCTION only_erased();
DROP TRIGGER log_payloads_no_truncate ON log_payloads;
DROP TRIGGER log_payloads_no_delete ON log_payloads;
