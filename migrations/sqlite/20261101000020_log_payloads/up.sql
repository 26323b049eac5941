-- What the digests of an entry stand for: the rows as they became, word for word, in the entry's order. Not published: taking
-- one away would leave the entry and its proofs as they are.
CREATE TABLE log_payloads (
  seq INTEGER PRIMARY KEY REFERENCES log_entries (seq),
  states BLOB NOT NULL
) STRICT;
