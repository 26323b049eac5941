-- Who steps in is published like who won: until the end of this day.
ALTER TABLE lot_confirmations ADD COLUMN notice_until INTEGER;
