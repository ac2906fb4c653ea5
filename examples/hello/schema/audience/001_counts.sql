CREATE TABLE counts (
    person TEXT PRIMARY KEY,
    greetings INTEGER NOT NULL
);
