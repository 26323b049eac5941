DROP INDEX log_entries_listed;
