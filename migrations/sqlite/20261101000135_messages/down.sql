DROP TABLE account_contacts;
DROP TABLE deliveries;
DROP TABLE messages_told;
DROP TABLE messages;
