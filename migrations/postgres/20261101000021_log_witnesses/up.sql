-- Lines of witnesses under signed heads (C2SP tlog-cosignature), verified before they are kept. `witness` is the public key.
CREATE TABLE log_cosignatures (
  size BIGINT NOT NULL,
  witness TEXT COLLATE "C" NOT NULL,
  at BIGINT NOT NULL,
  line TEXT NOT NULL,
  PRIMARY KEY (size, witness)
);
CREATE INDEX log_cosignatures_by_witness ON log_cosignatures (witness, size);
CREATE TRIGGER log_cosignatures_no_change BEFORE UPDATE OR DELETE ON log_cosignatures FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_cosignatures_no_truncate BEFORE TRUNCATE ON log_cosignatures FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- One row: which instance asks the witnesses and until when it may, and the largest head that had its quorum.
CREATE TABLE log_witnessing (
  id TEXT PRIMARY KEY CHECK (id = 'log'),
  asker TEXT NOT NULL,
  until BIGINT NOT NULL,
  witnessed BIGINT NOT NULL
);
INSERT INTO log_witnessing (id, asker, until, witnessed) VALUES ('log', '', 0, -1);
