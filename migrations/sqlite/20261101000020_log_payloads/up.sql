-- What the digests of an entry stand for: the rows as they became, word for word, in the entry's order. Not published. A body
-- may only lose states (an erasure puts null in their place); the entry and its proofs stay as they are.
CREATE TABLE log_payloads (
  seq INTEGER PRIMARY KEY REFERENCES log_entries (seq),
  states BLOB NOT NULL
) STRICT;
