CREATE TABLE products (
    product_id TEXT PRIMARY KEY,
    name TEXT,
    category TEXT
);
