CREATE TABLE stock (
    product_id TEXT PRIMARY KEY,
    start BIGINT NOT NULL,
    available BIGINT NOT NULL,
    reserved BIGINT NOT NULL,
    shipped BIGINT NOT NULL,
    returned BIGINT NOT NULL,
    unlimited INTEGER NOT NULL
);
CREATE TABLE reservations (
    order_id TEXT PRIMARY KEY,
    reference TEXT,
    items TEXT NOT NULL,
    status TEXT NOT NULL,
    shipped INTEGER NOT NULL,
    returned INTEGER NOT NULL
);
