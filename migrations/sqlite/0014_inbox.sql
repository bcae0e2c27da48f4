-- Tables of the inbox projection. They can be emptied and built again from the log.

-- Banks' messages with what became of them: the list of what came, and since when a bank has been silent. The messages are in the vault.
CREATE TABLE bank_messages (
    log_id            INTEGER NOT NULL,
    inbox_id          BLOB NOT NULL,
    bank              TEXT NOT NULL,
    format            TEXT NOT NULL,
    version           TEXT,
    sha256            TEXT NOT NULL,
    bytes             INTEGER NOT NULL,
    items             INTEGER NOT NULL,
    -- 1 once every item has its verdict.
    judged            INTEGER NOT NULL,
    applied           INTEGER NOT NULL,
    no_op             INTEGER NOT NULL,
    quarantined       INTEGER NOT NULL,
    -- What nobody dealt with yet.
    waiting           INTEGER NOT NULL,
    received_at_us    INTEGER NOT NULL,
    -- Of a statement: the lowest and highest electronic sequence number. One that never comes was lost.
    sequence_from     INTEGER,
    sequence_to       INTEGER,
    revision          INTEGER NOT NULL,
    -- Grows with the log, so that a list's cursor is one number.
    received_position INTEGER NOT NULL,
    last_position     INTEGER NOT NULL,
    updated_at_us     INTEGER NOT NULL,
    PRIMARY KEY (log_id, inbox_id)
) WITHOUT ROWID;
CREATE INDEX bank_messages_received ON bank_messages (log_id, received_position);
CREATE INDEX bank_messages_bank ON bank_messages (log_id, bank, received_position);
CREATE INDEX bank_messages_format ON bank_messages (log_id, bank, format, received_position);
-- Few among many, whom a crash or a person's absence left behind.
CREATE INDEX bank_messages_unjudged ON bank_messages (log_id, received_position) WHERE judged = 0;
CREATE INDEX bank_messages_waiting ON bank_messages (log_id, received_position) WHERE waiting > 0;

-- Items of messages that could not be applied: the worklist of whoever looks into them.
CREATE TABLE bank_items (
    log_id     INTEGER NOT NULL,
    inbox_id   BLOB NOT NULL,
    -- From 1; 0 is the message as a whole.
    item       INTEGER NOT NULL,
    -- Position of the event and place in it as one number: the list's order and cursor.
    place      INTEGER NOT NULL,
    bank       TEXT NOT NULL,
    cause      TEXT NOT NULL,
    -- In words, since nobody searches by it.
    payment_id TEXT,
    -- The payment's: its clerks see the item.
    unit_key   TEXT,
    since_us   INTEGER NOT NULL,
    resolved   INTEGER NOT NULL,
    PRIMARY KEY (log_id, place)
) WITHOUT ROWID;
CREATE INDEX bank_items_message ON bank_items (log_id, inbox_id, item);
CREATE INDEX bank_items_waiting ON bank_items (log_id, place) WHERE resolved = 0;

-- What the planner believes of these tables, as for the others.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('bank_messages', 'bank_messages', '1000000 1000000 1'),
    ('bank_messages', 'bank_messages_received', '1000000 1000000 1'),
    ('bank_messages', 'bank_messages_bank', '1000000 1000000 20000 1'),
    ('bank_messages', 'bank_messages_format', '1000000 1000000 20000 5000 1'),
    ('bank_messages', 'bank_messages_unjudged', '10 10 1'),
    ('bank_messages', 'bank_messages_waiting', '1000 1000 1'),
    ('bank_items', 'bank_items', '100000 100000 1'),
    ('bank_items', 'bank_items_message', '100000 100000 10 1'),
    ('bank_items', 'bank_items_waiting', '1000 1000 1');
