DROP TABLE settings;
DROP TABLE log_state;
DROP TABLE log_checkpoints;
DROP TABLE log_tiles;
DROP TABLE log_leaves;
DROP TABLE log_queue;
DROP TABLE log_subjects;
DROP TABLE log_entries;
