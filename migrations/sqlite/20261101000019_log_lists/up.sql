-- Lists of entries over many villages: walked from the newest back without touching the entries themselves. It grows at its
-- end only, so writing an entry costs no more than before.
CREATE INDEX log_entries_listed ON log_entries (seq, scope, kind, at);
