DROP TABLE log_witnessing;
DROP TABLE log_cosignatures;
