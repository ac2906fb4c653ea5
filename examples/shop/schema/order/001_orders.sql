CREATE TABLE orders (
    id TEXT PRIMARY KEY,
    reference TEXT UNIQUE,
    user_id TEXT NOT NULL,
    purchased_at BIGINT,
    status TEXT NOT NULL,
    items TEXT NOT NULL,
    payments TEXT NOT NULL,
    total BIGINT NOT NULL,
    reason TEXT,
    invalid_items TEXT NOT NULL,
    email TEXT,
    phone TEXT,
    paid INTEGER NOT NULL,
    reserved INTEGER NOT NULL,
    picked_up INTEGER NOT NULL,
    delivered INTEGER NOT NULL,
    placed_at BIGINT,
    updated_at BIGINT
);
CREATE INDEX orders_by_user ON orders (user_id);
CREATE TABLE contacts (
    user_id TEXT PRIMARY KEY,
    email TEXT NOT NULL,
    phone TEXT NOT NULL,
    updated_at BIGINT
);
