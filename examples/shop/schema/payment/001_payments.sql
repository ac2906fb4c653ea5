CREATE TABLE payments (
    order_id TEXT PRIMARY KEY,
    payment_id TEXT NOT NULL,
    reference TEXT,
    amount BIGINT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT
);
