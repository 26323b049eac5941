DROP TABLE lot_rankings;
