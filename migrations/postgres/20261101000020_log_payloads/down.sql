DROP TABLE log_payloads;
