-- Tables of the inbox projection. They can be emptied and built again from the log.

-- Banks' messages with what became of them: the list of what came, and since when a bank has been silent. The messages are in the vault.
CREATE TABLE bank_messages (
    log_id            INTEGER NOT NULL,
    inbox_id          BYTEA NOT NULL,
    bank              TEXT COLLATE "C" NOT NULL,
    format            TEXT COLLATE "C" NOT NULL,
    version           TEXT COLLATE "C",
    sha256            TEXT COLLATE "C" NOT NULL,
    bytes             BIGINT NOT NULL,
    items             BIGINT NOT NULL,
    -- 1 once every item has its verdict.
    judged            BIGINT NOT NULL,
    applied           BIGINT NOT NULL,
    no_op             BIGINT NOT NULL,
    quarantined       BIGINT NOT NULL,
    -- What nobody dealt with yet.
    waiting           BIGINT NOT NULL,
    received_at_us    BIGINT NOT NULL,
    -- Of a statement: the lowest and highest electronic sequence number. One that never comes was lost.
    sequence_from     BIGINT,
    sequence_to       BIGINT,
    revision          BIGINT NOT NULL,
    -- Grows with the log, so that a list's cursor is one number.
    received_position BIGINT NOT NULL,
    last_position     BIGINT NOT NULL,
    updated_at_us     BIGINT NOT NULL,
    PRIMARY KEY (log_id, inbox_id)
);
CREATE INDEX bank_messages_received ON bank_messages (log_id, received_position);
CREATE INDEX bank_messages_bank ON bank_messages (log_id, bank, received_position);
CREATE INDEX bank_messages_format ON bank_messages (log_id, bank, format, received_position);
-- Few among many, whom a crash or a person's absence left behind.
CREATE INDEX bank_messages_unjudged ON bank_messages (log_id, received_position) WHERE judged = 0;
CREATE INDEX bank_messages_waiting ON bank_messages (log_id, received_position) WHERE waiting > 0;

-- Items of messages that could not be applied: the worklist of whoever looks into them.
CREATE TABLE bank_items (
    log_id     INTEGER NOT NULL,
    inbox_id   BYTEA NOT NULL,
    -- From 1; 0 is the message as a whole.
    item       BIGINT NOT NULL,
    -- Position of the event and place in it as one number: the list's order and cursor.
    place      BIGINT NOT NULL,
    bank       TEXT COLLATE "C" NOT NULL,
    cause      TEXT COLLATE "C" NOT NULL,
    -- In words, since nobody searches by it.
    payment_id TEXT COLLATE "C",
    -- The payment's: its clerks see the item.
    unit_key   TEXT COLLATE "C",
    since_us   BIGINT NOT NULL,
    resolved   BIGINT NOT NULL,
    PRIMARY KEY (log_id, place)
);
CREATE INDEX bank_items_message ON bank_items (log_id, inbox_id, item);
CREATE INDEX bank_items_waiting ON bank_items (log_id, place) WHERE resolved = 0;
