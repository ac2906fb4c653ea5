CREATE TABLE intentions (
    order_id TEXT PRIMARY KEY,
    on_event TEXT NOT NULL
);
-- Events of orders that have not been heard of yet: their order.created comes by another topic.
CREATE TABLE seen (
    order_id TEXT NOT NULL,
    type TEXT NOT NULL,
    PRIMARY KEY (order_id, type)
) WITHOUT ROWID;
