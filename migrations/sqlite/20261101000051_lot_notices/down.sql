DROP TABLE lot_notices;
