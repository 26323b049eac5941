-- How the price of a lot is found, where it is not the open auction by plain steps, and its reserve price, sealed until the
-- end: both as JSON. A lot that was drafted before has neither: its row is in the log as it is.
ALTER TABLE lot_terms ADD COLUMN further_terms TEXT;
-- From when the system stood still; only of commands that give that time back.
ALTER TABLE auction_commands ADD COLUMN since INTEGER;
