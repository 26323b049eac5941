ALTER TABLE lot_confirmations DROP COLUMN notice_until;
