-- Payment lists as they stand. Like all tables of projections they can be emptied and built again from the log.

-- One row a list: what is shown of it without reading its stream.
CREATE TABLE lists (
    log_id            INTEGER NOT NULL,
    list_id           BLOB NOT NULL,
    cycle             TEXT NOT NULL,
    channel           TEXT NOT NULL,
    agent             TEXT NOT NULL,
    currency          TEXT NOT NULL,
    origin            TEXT NOT NULL,
    -- JSON: the lists that it follows on.
    previous          TEXT NOT NULL,
    prepared_by       TEXT NOT NULL,
    stage             TEXT NOT NULL,
    item_count        INTEGER NOT NULL,
    sum_minor         INTEGER NOT NULL,
    left_out          INTEGER NOT NULL,
    -- JSON: items by unit, so that a key's units can be compared without the items.
    units             TEXT NOT NULL,
    -- JSON: items by bank.
    banks             TEXT NOT NULL,
    -- Items that the last check found unfit; NULL when the list changed since.
    blocking          INTEGER,
    approved_by       TEXT,
    answer            TEXT,
    advanced_minor    INTEGER,
    paid_items        INTEGER,
    paid_minor        INTEGER,
    unpaid_items      INTEGER,
    unpaid_minor      INTEGER,
    handed_back_minor INTEGER,
    revision          INTEGER NOT NULL,
    opened_position   INTEGER NOT NULL,
    last_position     INTEGER NOT NULL,
    opened_at_us      INTEGER NOT NULL,
    updated_at_us     INTEGER NOT NULL,
    PRIMARY KEY (log_id, list_id)
) WITHOUT ROWID;
CREATE INDEX lists_opened ON lists (log_id, opened_position);
CREATE INDEX lists_cycle ON lists (log_id, cycle, opened_position);

-- The items in their order. One that came off stays, with the reason: the changes of a list are printed.
CREATE TABLE list_items (
    log_id            INTEGER NOT NULL,
    list_id           BLOB NOT NULL,
    -- Order on the list; chunks have a fixed size, so that places follow from them.
    place             INTEGER NOT NULL,
    payment_id        BLOB NOT NULL,
    attempt           INTEGER NOT NULL,
    beneficiary_id    BLOB NOT NULL,
    benefit_type      TEXT NOT NULL,
    unit_key          TEXT NOT NULL,
    bank              TEXT,
    amount_minor      INTEGER NOT NULL,
    -- Why it came off; NULL while it is on the list.
    removed           TEXT,
    PRIMARY KEY (log_id, list_id, place)
) WITHOUT ROWID;
CREATE INDEX list_items_payment ON list_items (log_id, payment_id);

-- Who was to be on a list and is not: without them nobody could tell a forgotten person from one who is not to be paid.
CREATE TABLE list_left_out (
    log_id            INTEGER NOT NULL,
    list_id           BLOB NOT NULL,
    place             INTEGER NOT NULL,
    beneficiary_id    BLOB NOT NULL,
    benefit_type      TEXT NOT NULL,
    unit_key          TEXT,
    amount_minor      INTEGER NOT NULL,
    reason            TEXT NOT NULL,
    note              TEXT,
    PRIMARY KEY (log_id, list_id, place)
) WITHOUT ROWID;

-- Payment lists for people with SQL tools.
CREATE VIEW report_lists AS
SELECT
    l.log_id,
    lower(substr(hex(l.list_id), 1, 8) || '-' || substr(hex(l.list_id), 9, 4) || '-' || substr(hex(l.list_id), 13, 4)
        || '-' || substr(hex(l.list_id), 17, 4) || '-' || substr(hex(l.list_id), 21)) AS list_id,
    l.cycle,
    l.channel,
    l.agent,
    l.currency,
    l.origin,
    l.stage,
    l.item_count AS items,
    l.sum_minor,
    l.left_out,
    l.advanced_minor,
    l.paid_items,
    l.paid_minor,
    l.unpaid_items,
    l.unpaid_minor,
    l.handed_back_minor,
    l.opened_position,
    l.last_position,
    strftime('%Y-%m-%dT%H:%M:%SZ', l.opened_at_us / 1000000, 'unixepoch') AS opened_at,
    strftime('%Y-%m-%dT%H:%M:%SZ', l.updated_at_us / 1000000, 'unixepoch') AS updated_at
FROM lists AS l;

-- Their items; where an item's attempt stands is in report_attempts.
CREATE VIEW report_list_items AS
SELECT
    i.log_id,
    lower(substr(hex(i.list_id), 1, 8) || '-' || substr(hex(i.list_id), 9, 4) || '-' || substr(hex(i.list_id), 13, 4)
        || '-' || substr(hex(i.list_id), 17, 4) || '-' || substr(hex(i.list_id), 21)) AS list_id,
    lower(substr(hex(i.payment_id), 1, 8) || '-' || substr(hex(i.payment_id), 9, 4) || '-' || substr(hex(i.payment_id), 13, 4)
        || '-' || substr(hex(i.payment_id), 17, 4) || '-' || substr(hex(i.payment_id), 21)) AS payment_id,
    i.attempt,
    lower(substr(hex(i.beneficiary_id), 1, 8) || '-' || substr(hex(i.beneficiary_id), 9, 4) || '-' || substr(hex(i.beneficiary_id), 13, 4)
        || '-' || substr(hex(i.beneficiary_id), 17, 4) || '-' || substr(hex(i.beneficiary_id), 21)) AS beneficiary_id,
    i.benefit_type,
    i.unit_key,
    i.bank,
    i.amount_minor,
    CASE WHEN i.removed IS NULL THEN 1 ELSE 0 END AS on_list
FROM list_items AS i;
