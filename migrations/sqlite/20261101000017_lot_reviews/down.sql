DROP TABLE lot_reviews;
