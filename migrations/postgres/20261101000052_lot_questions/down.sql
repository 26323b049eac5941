DROP TABLE lot_questions;
