DROP TABLE documents;
DROP TABLE document_contents;
DROP TABLE officers;
DROP TABLE collectives;
DROP TABLE regions;
