-- Several lots in one notice: the number of the notice, which is the trade number of its first lot. A lot with a notice of
-- its own has none.
ALTER TABLE lots ADD COLUMN notice_number TEXT COLLATE "C";
CREATE INDEX lots_by_notice ON lots (notice_number);
