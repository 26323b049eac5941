-- Signed reports of verifications, each under its SHA-256, which stands in the entry of its run.
CREATE TABLE verification_reports (
  sha256 TEXT COLLATE "C" PRIMARY KEY,
  note TEXT COLLATE "C" NOT NULL
);
CREATE TRIGGER verification_reports_no_change BEFORE UPDATE OR DELETE ON verification_reports FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER verification_reports_no_truncate BEFORE TRUNCATE ON verification_reports FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
