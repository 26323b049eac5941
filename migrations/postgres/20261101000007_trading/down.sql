DROP TABLE awards;
DROP TABLE auction_commands;
DROP TABLE auctions;
DROP TABLE enrolments;
DROP TABLE lot_terms;
DROP TABLE lots;
