ALTER TABLE memberships DROP COLUMN change_reason;
