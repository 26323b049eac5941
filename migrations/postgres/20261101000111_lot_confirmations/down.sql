DROP TABLE lot_confirmations;
