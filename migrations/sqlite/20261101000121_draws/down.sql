DROP TABLE draw_rounds;
DROP TABLE draw_parties;
