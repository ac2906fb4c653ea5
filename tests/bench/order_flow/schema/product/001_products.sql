CREATE TABLE products (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL
);
