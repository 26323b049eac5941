DROP TABLE idempotency_keys;
DROP TABLE spent_tokens;
DROP TABLE sessions;
DROP TABLE accounts;
