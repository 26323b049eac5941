-- Signed reports of verifications, each under its SHA-256, which stands in the entry of its run.
CREATE TABLE verification_reports (
  sha256 TEXT PRIMARY KEY,
  note TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER verification_reports_no_update BEFORE UPDATE ON verification_reports BEGIN SELECT RAISE(ABORT, 'rows of verification_reports are never changed'); END;
CREATE TRIGGER verification_reports_no_delete BEFORE DELETE ON verification_reports BEGIN SELECT RAISE(ABORT, 'rows of verification_reports are never removed'); END;
