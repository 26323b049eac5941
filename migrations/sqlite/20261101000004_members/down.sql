DROP TABLE memberships;
DROP TABLE former_persons;
DROP TABLE persons;
DROP TABLE households;
