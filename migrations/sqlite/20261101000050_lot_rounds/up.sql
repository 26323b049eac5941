-- The round before: the lot that came to nothing and is listed again by this one. A lot that was drafted before has none
-- on record: its row is in the log as it is.
ALTER TABLE lots ADD COLUMN previous_lot TEXT;
CREATE INDEX lots_by_previous ON lots (previous_lot);
