-- Tables of the projections. All of them can be emptied and built again from the log; nothing but the projections writes to them.

-- How far each projection has read the log: written in the same transaction as its rows, so that rows and checkpoint never differ.
CREATE TABLE projections (
    log_id         INTEGER NOT NULL,
    name           TEXT    NOT NULL,
    position       INTEGER NOT NULL,
    -- Time of the event at the position: the as_of_time of answers, without a look into the log.
    recorded_at_us INTEGER NOT NULL,
    -- Set while the projection is stopped: the event that it cannot handle, and why.
    error_position INTEGER,
    error          TEXT,
    PRIMARY KEY (log_id, name)
) WITHOUT ROWID;

-- People as decisions need them (unit, methods, death) for thousands of rows of an import at once, without reading their streams.
CREATE TABLE beneficiaries (
    log_id              INTEGER NOT NULL,
    beneficiary_id      BLOB    NOT NULL,
    -- The unit with the latest day of effect, repeated from units for lists by unit.
    unit_key            TEXT    NOT NULL,
    -- JSON: [[first day or null, unit key], ...].
    units               TEXT    NOT NULL,
    -- JSON: the payout methods in the order chosen.
    methods             TEXT    NOT NULL,
    died_on             TEXT,
    birth_decade        INTEGER,
    sex                 TEXT,
    revision            INTEGER NOT NULL,
    registered_position INTEGER NOT NULL,
    last_position       INTEGER NOT NULL,
    updated_at_us       INTEGER NOT NULL,
    PRIMARY KEY (log_id, beneficiary_id)
) WITHOUT ROWID;
CREATE INDEX beneficiaries_registered ON beneficiaries (log_id, registered_position);
CREATE INDEX beneficiaries_unit ON beneficiaries (log_id, unit_key, registered_position);

-- Each payment as it stands: lists, look-ups, and the state that the next event's differences start from.
CREATE TABLE payments (
    log_id                INTEGER NOT NULL,
    payment_id            BLOB    NOT NULL,
    reference             TEXT    NOT NULL,
    beneficiary_id        BLOB    NOT NULL,
    benefit_type          TEXT    NOT NULL,
    -- Months joined by commas; nobody searches by them.
    benefit_months        TEXT    NOT NULL,
    cycle                 TEXT    NOT NULL,
    amount_minor          INTEGER NOT NULL,
    currency              TEXT    NOT NULL,
    unit_key              TEXT    NOT NULL,
    unit_code_as_received TEXT    NOT NULL,
    urban                 INTEGER NOT NULL,
    supplement            INTEGER NOT NULL,
    state                 TEXT    NOT NULL,
    -- Why the latest attempt waits for a person; NULL when it does not. Apart from the state, which it returns to.
    held                  TEXT,
    attempt               INTEGER NOT NULL,
    channel               TEXT    NOT NULL,
    agent                 TEXT    NOT NULL,
    bank                  TEXT,
    -- The first attempt's: what was intended before any failure.
    first_channel         TEXT    NOT NULL,
    first_agent           TEXT    NOT NULL,
    first_bank            TEXT,
    end_to_end_id         TEXT    NOT NULL,
    due_on                TEXT    NOT NULL,
    settled_on            TEXT,
    returned_on           TEXT,
    -- JSON: why the latest attempt came to nothing.
    outcome               TEXT,
    payee                 TEXT    NOT NULL,
    collected_by          TEXT,
    -- JSON: attempts before the latest; NULL for the many payments that have none.
    past_attempts         TEXT,
    revision              INTEGER NOT NULL,
    -- Grows with the log, so that a list's cursor is one number and new payments come last.
    instructed_position   INTEGER NOT NULL,
    last_position         INTEGER NOT NULL,
    instructed_at_us      INTEGER NOT NULL,
    updated_at_us         INTEGER NOT NULL,
    PRIMARY KEY (log_id, payment_id)
) WITHOUT ROWID;
-- Not unique: that is the claims' rule, and a projection must be able to show a log that breaks it.
CREATE INDEX payments_reference ON payments (log_id, reference);
CREATE INDEX payments_instructed ON payments (log_id, instructed_position);
CREATE INDEX payments_cycle ON payments (log_id, cycle, instructed_position);
CREATE INDEX payments_unit ON payments (log_id, unit_key, instructed_position);
CREATE INDEX payments_beneficiary ON payments (log_id, beneficiary_id, instructed_position);

-- Banks answer with the id of an attempt, which may be an old one; the payment's row holds the latest alone.
CREATE TABLE payment_attempts (
    log_id        INTEGER NOT NULL,
    end_to_end_id TEXT    NOT NULL,
    payment_id    BLOB    NOT NULL,
    attempt       INTEGER NOT NULL,
    PRIMARY KEY (log_id, end_to_end_id)
) WITHOUT ROWID;

-- One row per interval of positions in which a payment was live (settled and not returned). The fold reads here what else a person
-- was paid in the cycle; scopes that the cube does not hold are counted here.
CREATE TABLE live_payments (
    log_id              INTEGER NOT NULL,
    cycle               TEXT    NOT NULL,
    beneficiary_id      BLOB    NOT NULL,
    payment_id          BLOB    NOT NULL,
    valid_from_position INTEGER NOT NULL,
    valid_to_position   INTEGER,
    unit_key            TEXT    NOT NULL,
    urban               INTEGER NOT NULL,
    benefit_type        TEXT    NOT NULL,
    channel             TEXT    NOT NULL,
    agent               TEXT    NOT NULL,
    bank                TEXT,
    -- What the profile said of the channel when the payment settled.
    cashless            INTEGER NOT NULL,
    amount_minor        INTEGER NOT NULL,
    PRIMARY KEY (log_id, cycle, beneficiary_id, payment_id, valid_from_position)
) WITHOUT ROWID;

-- The cube's cells with their totals now. Cells are numbered in the order in which the log first touches them, so that a rebuild gives
-- the same numbers; a cell that falls to zero stays.
CREATE TABLE figure_cells (
    log_id       INTEGER NOT NULL,
    cell_id      INTEGER NOT NULL,
    tally        TEXT    NOT NULL,
    cycle        TEXT    NOT NULL,
    unit_node    TEXT    NOT NULL,
    benefit_node TEXT    NOT NULL,
    channel      TEXT    NOT NULL,
    agent        TEXT    NOT NULL,
    bank         TEXT    NOT NULL,
    urban        TEXT    NOT NULL,
    value        TEXT    NOT NULL,
    count        INTEGER NOT NULL,
    amount_minor INTEGER NOT NULL,
    PRIMARY KEY (log_id, cell_id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX figure_cells_key
    ON figure_cells (log_id, tally, cycle, unit_node, benefit_node, channel, agent, bank, urban, value);

-- Differences by business day of recording: a figure as of a day is a sum over the days up to it.
CREATE TABLE figure_days (
    log_id       INTEGER NOT NULL,
    cell_id      INTEGER NOT NULL,
    day          TEXT    NOT NULL,
    count        INTEGER NOT NULL,
    amount_minor INTEGER NOT NULL,
    PRIMARY KEY (log_id, cell_id, day)
) WITHOUT ROWID;

-- Differences by position, packed: read only inside the one day that holds an as_of position.
CREATE TABLE figure_blocks (
    log_id      INTEGER NOT NULL,
    block       INTEGER NOT NULL,
    differences BLOB    NOT NULL,
    PRIMARY KEY (log_id, block)
) WITHOUT ROWID;

-- Which positions a business day of recording holds: turns a position into a day and a day into its last position.
CREATE TABLE business_days (
    log_id         INTEGER NOT NULL,
    day            TEXT    NOT NULL,
    first_position INTEGER NOT NULL,
    last_position  INTEGER NOT NULL,
    PRIMARY KEY (log_id, day)
) WITHOUT ROWID;

-- What the planner believes of these tables. Without it a log's number is taken for a good key, though nearly all rows have the same
-- one, and joins walk whole tables. Each row: rows of the index, then rows for each value of its first column, first two columns ...
ANALYZE sqlite_schema;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('beneficiaries', 'beneficiaries', '300000 300000 1'),
    ('beneficiaries', 'beneficiaries_registered', '300000 300000 1'),
    ('beneficiaries', 'beneficiaries_unit', '300000 300000 1200 1'),
    ('payments', 'payments', '1000000 1000000 1'),
    ('payments', 'payments_reference', '1000000 1000000 1'),
    ('payments', 'payments_instructed', '1000000 1000000 1'),
    ('payments', 'payments_cycle', '1000000 1000000 50000 1'),
    ('payments', 'payments_unit', '1000000 1000000 4000 1'),
    ('payments', 'payments_beneficiary', '1000000 1000000 4 1'),
    ('payment_attempts', 'payment_attempts', '1000000 1000000 1'),
    ('live_payments', 'live_payments', '1000000 1000000 50000 2 1 1'),
    ('figure_cells', 'figure_cells', '500000 500000 1'),
    ('figure_cells', 'figure_cells_key', '500000 500000 100000 5000 50 20 10 10 5 4 1'),
    ('figure_days', 'figure_days', '1000000 1000000 2 1'),
    ('figure_blocks', 'figure_blocks', '10000 10000 1'),
    ('business_days', 'business_days', '400 400 1');
