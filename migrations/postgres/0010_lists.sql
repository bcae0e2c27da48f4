-- Payment lists as they stand. Like all tables of projections they can be emptied and built again from the log.

-- One row a list: what is shown of it without reading its stream.
CREATE TABLE lists (
    log_id            INTEGER NOT NULL,
    list_id           BYTEA NOT NULL,
    cycle             TEXT COLLATE "C" NOT NULL,
    channel           TEXT COLLATE "C" NOT NULL,
    agent             TEXT COLLATE "C" NOT NULL,
    currency          TEXT COLLATE "C" NOT NULL,
    origin            TEXT COLLATE "C" NOT NULL,
    -- JSON: the lists that it follows on.
    previous          TEXT COLLATE "C" NOT NULL,
    prepared_by       TEXT COLLATE "C" NOT NULL,
    stage             TEXT COLLATE "C" NOT NULL,
    item_count        BIGINT NOT NULL,
    sum_minor         BIGINT NOT NULL,
    left_out          BIGINT NOT NULL,
    -- JSON: items by unit, so that a key's units can be compared without the items.
    units             TEXT COLLATE "C" NOT NULL,
    -- JSON: items by bank.
    banks             TEXT COLLATE "C" NOT NULL,
    -- Items that the last check found unfit; NULL when the list changed since.
    blocking          BIGINT,
    approved_by       TEXT COLLATE "C",
    answer            TEXT COLLATE "C",
    advanced_minor    BIGINT,
    paid_items        BIGINT,
    paid_minor        BIGINT,
    unpaid_items      BIGINT,
    unpaid_minor      BIGINT,
    handed_back_minor BIGINT,
    revision          BIGINT NOT NULL,
    opened_position   BIGINT NOT NULL,
    last_position     BIGINT NOT NULL,
    opened_at_us      BIGINT NOT NULL,
    updated_at_us     BIGINT NOT NULL,
    PRIMARY KEY (log_id, list_id)
);
CREATE INDEX lists_opened ON lists (log_id, opened_position);
CREATE INDEX lists_cycle ON lists (log_id, cycle, opened_position);

-- The items in their order. One that came off stays, with the reason: the changes of a list are printed.
CREATE TABLE list_items (
    log_id            INTEGER NOT NULL,
    list_id           BYTEA NOT NULL,
    -- Order on the list; chunks have a fixed size, so that places follow from them.
    place             BIGINT NOT NULL,
    payment_id        BYTEA NOT NULL,
    attempt           BIGINT NOT NULL,
    beneficiary_id    BYTEA NOT NULL,
    benefit_type      TEXT COLLATE "C" NOT NULL,
    unit_key          TEXT COLLATE "C" NOT NULL,
    bank              TEXT COLLATE "C",
    amount_minor      BIGINT NOT NULL,
    -- Why it came off; NULL while it is on the list.
    removed           TEXT COLLATE "C",
    PRIMARY KEY (log_id, list_id, place)
);
CREATE INDEX list_items_payment ON list_items (log_id, payment_id);

-- Who was to be on a list and is not: without them nobody could tell a forgotten person from one who is not to be paid.
CREATE TABLE list_left_out (
    log_id            INTEGER NOT NULL,
    list_id           BYTEA NOT NULL,
    place             BIGINT NOT NULL,
    beneficiary_id    BYTEA NOT NULL,
    benefit_type      TEXT COLLATE "C" NOT NULL,
    unit_key          TEXT COLLATE "C",
    amount_minor      BIGINT NOT NULL,
    reason            TEXT COLLATE "C" NOT NULL,
    note              TEXT COLLATE "C",
    PRIMARY KEY (log_id, list_id, place)
);

-- Payment lists for people with SQL tools.
CREATE VIEW report_lists AS
SELECT
    l.log_id,
    encode(l.list_id, 'hex')::uuid::text COLLATE "C" AS list_id,
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
    to_char(to_timestamp(l.opened_at_us / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') COLLATE "C" AS opened_at,
    to_char(to_timestamp(l.updated_at_us / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') COLLATE "C" AS updated_at
FROM lists AS l;

-- Their items; where an item's attempt stands is in report_attempts.
CREATE VIEW report_list_items AS
SELECT
    i.log_id,
    encode(i.list_id, 'hex')::uuid::text COLLATE "C" AS list_id,
    encode(i.payment_id, 'hex')::uuid::text COLLATE "C" AS payment_id,
    i.attempt,
    encode(i.beneficiary_id, 'hex')::uuid::text COLLATE "C" AS beneficiary_id,
    i.benefit_type,
    i.unit_key,
    i.bank,
    i.amount_minor,
    CASE WHEN i.removed IS NULL THEN 1::bigint ELSE 0 END AS on_list
FROM list_items AS i;
