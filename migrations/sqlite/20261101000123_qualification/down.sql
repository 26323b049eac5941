DROP TABLE qualification_papers;
