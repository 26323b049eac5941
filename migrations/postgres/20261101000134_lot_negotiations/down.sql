DROP TABLE lot_negotiations;
