ALTER TABLE auction_commands DROP COLUMN entered_by;
DROP TABLE hall_paddles;
