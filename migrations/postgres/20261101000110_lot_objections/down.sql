DROP TABLE lot_objections;
