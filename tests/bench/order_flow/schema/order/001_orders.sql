CREATE TABLE orders (
    id TEXT PRIMARY KEY,
    number BIGINT NOT NULL,
    user_id TEXT NOT NULL,
    status TEXT NOT NULL,
    items TEXT NOT NULL,
    changes INTEGER NOT NULL
);
