DROP INDEX lots_by_previous;
ALTER TABLE lots DROP COLUMN previous_lot;
