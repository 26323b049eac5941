-- Why a membership was last changed. It stood in the public entry, into which people wrote names.
ALTER TABLE memberships ADD COLUMN change_reason TEXT;
