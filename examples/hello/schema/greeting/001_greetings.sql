CREATE TABLE greetings (
    id TEXT PRIMARY KEY,
    person TEXT NOT NULL,
    text TEXT NOT NULL
);
