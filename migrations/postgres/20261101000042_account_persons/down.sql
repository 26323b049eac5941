DROP INDEX accounts_by_person;
ALTER TABLE accounts DROP COLUMN person_id;
