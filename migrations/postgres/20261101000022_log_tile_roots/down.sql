DROP INDEX log_tiles_roots;
