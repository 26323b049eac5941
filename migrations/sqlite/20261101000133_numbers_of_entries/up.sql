-- Numbers of entries: nothing to do here, on PostgreSQL the program may choose them.
SELECT 1;
