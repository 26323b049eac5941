-- A proof needs the roots of up to 255 neighbouring tiles of the level below: from here they are read together, without
-- touching a page of 8 KiB for each.
CREATE INDEX log_tiles_roots ON log_tiles (level, n, root);
