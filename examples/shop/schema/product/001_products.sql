CREATE TABLE products (
    product_id TEXT PRIMARY KEY,
    title TEXT,
    category TEXT
);
