CREATE TABLE shipments (
    order_id TEXT PRIMARY KEY,
    shipment_id TEXT NOT NULL,
    reference TEXT,
    status TEXT NOT NULL,
    recalled INTEGER NOT NULL
);
