ALTER TABLE auction_commands DROP COLUMN since;
ALTER TABLE lot_terms DROP COLUMN further_terms;
