-- Whose account it is, where a clerk has tied it to a person of the roster: that person sees the own record. One account a
-- person; a second office has an account that is tied to nobody.
ALTER TABLE accounts ADD COLUMN person_id TEXT;
CREATE UNIQUE INDEX accounts_by_person ON accounts (person_id);
