-- Lines of witnesses under signed heads (C2SP tlog-cosignature), verified before they are kept. `witness` is the public key.
CREATE TABLE log_cosignatures (
  size INTEGER NOT NULL,
  witness TEXT NOT NULL,
  at INTEGER NOT NULL,
  line TEXT NOT NULL,
  PRIMARY KEY (size, witness)
) STRICT, WITHOUT ROWID;
CREATE INDEX log_cosignatures_by_witness ON log_cosignatures (witness, size);
CREATE TRIGGER log_cosignatures_no_update BEFORE UPDATE ON log_cosignatures BEGIN SELECT RAISE(ABORT, 'rows of log_cosignatures are never changed'); END;
CREATE TRIGGER log_cosignatures_no_delete BEFORE DELETE ON log_cosignatures BEGIN SELECT RAISE(ABORT, 'rows of log_cosignatures are never removed'); END;

-- One row: which instance asks the witnesses and until when it may, and the largest head that had its quorum.
CREATE TABLE log_witnessing (
  id TEXT PRIMARY KEY CHECK (id = 'log'),
  asker TEXT NOT NULL,
  until INTEGER NOT NULL,
  witnessed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO log_witnessing (id, asker, until, witnessed) VALUES ('log', '', 0, -1);
