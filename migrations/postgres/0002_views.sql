-- Tables of the projections. Where rows are changed later, their pages keep room for it (fillfactor), so that a change stays on its page
-- and touches no index. All of them can be emptied and built again from the log; nothing but the projections writes to them.

-- How far each projection has read the log: written in the same transaction as its rows, so that rows and checkpoint never differ.
CREATE TABLE projections (
    log_id         INTEGER NOT NULL,
    name           TEXT COLLATE "C" NOT NULL,
    position       BIGINT NOT NULL,
    -- Time of the event at the position: the as_of_time of answers, without a look into the log.
    recorded_at_us BIGINT NOT NULL,
    -- Set while the projection is stopped: the event that it cannot handle, and why.
    error_position BIGINT,
    error          TEXT COLLATE "C",
    PRIMARY KEY (log_id, name)
) WITH (fillfactor = 10);

-- People as decisions need them (unit, methods, death) for thousands of rows of an import at once, without reading their streams.
CREATE TABLE beneficiaries (
    log_id              INTEGER NOT NULL,
    beneficiary_id      BYTEA NOT NULL,
    -- The unit with the latest day of effect, repeated from units for lists by unit.
    unit_key            TEXT COLLATE "C" NOT NULL,
    -- JSON: [[first day or null, unit key], ...].
    units               TEXT COLLATE "C" NOT NULL,
    -- JSON: the payout methods in the order chosen.
    methods             TEXT COLLATE "C" NOT NULL,
    died_on             TEXT COLLATE "C",
    birth_decade        BIGINT,
    sex                 TEXT COLLATE "C",
    revision            BIGINT NOT NULL,
    registered_position BIGINT NOT NULL,
    last_position       BIGINT NOT NULL,
    updated_at_us       BIGINT NOT NULL,
    PRIMARY KEY (log_id, beneficiary_id)
);
CREATE INDEX beneficiaries_registered ON beneficiaries (log_id, registered_position);
CREATE INDEX beneficiaries_unit ON beneficiaries (log_id, unit_key, registered_position);

-- Each payment as it stands: lists, look-ups, and the state that the next event's differences start from.
CREATE TABLE payments (
    log_id                INTEGER NOT NULL,
    payment_id            BYTEA NOT NULL,
    reference             TEXT COLLATE "C" NOT NULL,
    beneficiary_id        BYTEA NOT NULL,
    benefit_type          TEXT COLLATE "C" NOT NULL,
    -- Months joined by commas; nobody searches by them.
    benefit_months        TEXT COLLATE "C" NOT NULL,
    cycle                 TEXT COLLATE "C" NOT NULL,
    amount_minor          BIGINT NOT NULL,
    currency              TEXT COLLATE "C" NOT NULL,
    unit_key              TEXT COLLATE "C" NOT NULL,
    unit_code_as_received TEXT COLLATE "C" NOT NULL,
    urban                 BIGINT NOT NULL,
    supplement            BIGINT NOT NULL,
    state                 TEXT COLLATE "C" NOT NULL,
    -- Why the latest attempt waits for a person; NULL when it does not. Apart from the state, which it returns to.
    held                  TEXT COLLATE "C",
    attempt               BIGINT NOT NULL,
    channel               TEXT COLLATE "C" NOT NULL,
    agent                 TEXT COLLATE "C" NOT NULL,
    bank                  TEXT COLLATE "C",
    -- The first attempt's: what was intended before any failure.
    first_channel         TEXT COLLATE "C" NOT NULL,
    first_agent           TEXT COLLATE "C" NOT NULL,
    first_bank            TEXT COLLATE "C",
    end_to_end_id         TEXT COLLATE "C" NOT NULL,
    due_on                TEXT COLLATE "C" NOT NULL,
    settled_on            TEXT COLLATE "C",
    returned_on           TEXT COLLATE "C",
    -- JSON: why the latest attempt came to nothing.
    outcome               TEXT COLLATE "C",
    payee                 TEXT COLLATE "C" NOT NULL,
    collected_by          TEXT COLLATE "C",
    -- JSON: attempts before the latest; NULL for the many payments that have none.
    past_attempts         TEXT COLLATE "C",
    revision              BIGINT NOT NULL,
    -- Grows with the log, so that a list's cursor is one number and new payments come last.
    instructed_position   BIGINT NOT NULL,
    last_position         BIGINT NOT NULL,
    instructed_at_us      BIGINT NOT NULL,
    updated_at_us         BIGINT NOT NULL,
    PRIMARY KEY (log_id, payment_id)
) WITH (fillfactor = 85);
-- Not unique: that is the claims' rule, and a projection must be able to show a log that breaks it.
CREATE INDEX payments_reference ON payments (log_id, reference);
CREATE INDEX payments_instructed ON payments (log_id, instructed_position);
CREATE INDEX payments_cycle ON payments (log_id, cycle, instructed_position);
CREATE INDEX payments_unit ON payments (log_id, unit_key, instructed_position);
CREATE INDEX payments_beneficiary ON payments (log_id, beneficiary_id, instructed_position);

-- Banks answer with the id of an attempt, which may be an old one; the payment's row holds the latest alone.
CREATE TABLE payment_attempts (
    log_id        INTEGER NOT NULL,
    end_to_end_id TEXT COLLATE "C" NOT NULL,
    payment_id    BYTEA NOT NULL,
    attempt       BIGINT NOT NULL,
    PRIMARY KEY (log_id, end_to_end_id)
);

-- One row per interval of positions in which a payment was live (settled and not returned). The fold reads here what else a person
-- was paid in the cycle; scopes that the cube does not hold are counted here.
CREATE TABLE live_payments (
    log_id              INTEGER NOT NULL,
    cycle               TEXT COLLATE "C" NOT NULL,
    beneficiary_id      BYTEA NOT NULL,
    payment_id          BYTEA NOT NULL,
    valid_from_position BIGINT NOT NULL,
    valid_to_position   BIGINT,
    unit_key            TEXT COLLATE "C" NOT NULL,
    urban               BIGINT NOT NULL,
    benefit_type        TEXT COLLATE "C" NOT NULL,
    channel             TEXT COLLATE "C" NOT NULL,
    agent               TEXT COLLATE "C" NOT NULL,
    bank                TEXT COLLATE "C",
    -- What the profile said of the channel when the payment settled.
    cashless            BIGINT NOT NULL,
    amount_minor        BIGINT NOT NULL,
    PRIMARY KEY (log_id, cycle, beneficiary_id, payment_id, valid_from_position)
);

-- The cube's cells with their totals now. Cells are numbered in the order in which the log first touches them, so that a rebuild gives
-- the same numbers; a cell that falls to zero stays.
CREATE TABLE figure_cells (
    log_id       INTEGER NOT NULL,
    cell_id      BIGINT NOT NULL,
    tally        TEXT COLLATE "C" NOT NULL,
    cycle        TEXT COLLATE "C" NOT NULL,
    unit_node    TEXT COLLATE "C" NOT NULL,
    benefit_node TEXT COLLATE "C" NOT NULL,
    channel      TEXT COLLATE "C" NOT NULL,
    agent        TEXT COLLATE "C" NOT NULL,
    bank         TEXT COLLATE "C" NOT NULL,
    urban        TEXT COLLATE "C" NOT NULL,
    value        TEXT COLLATE "C" NOT NULL,
    count        BIGINT NOT NULL,
    amount_minor BIGINT NOT NULL,
    PRIMARY KEY (log_id, cell_id)
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX figure_cells_key
    ON figure_cells (log_id, tally, cycle, unit_node, benefit_node, channel, agent, bank, urban, value);

-- Differences by business day of recording: a figure as of a day is a sum over the days up to it.
CREATE TABLE figure_days (
    log_id       INTEGER NOT NULL,
    cell_id      BIGINT NOT NULL,
    day          TEXT COLLATE "C" NOT NULL,
    count        BIGINT NOT NULL,
    amount_minor BIGINT NOT NULL,
    PRIMARY KEY (log_id, cell_id, day)
) WITH (fillfactor = 80);

-- Differences by position, packed: read only inside the one day that holds an as_of position.
CREATE TABLE figure_blocks (
    log_id      INTEGER NOT NULL,
    block       BIGINT NOT NULL,
    differences BYTEA NOT NULL,
    PRIMARY KEY (log_id, block)
);

-- Which positions a business day of recording holds: turns a position into a day and a day into its last position.
CREATE TABLE business_days (
    log_id         INTEGER NOT NULL,
    day            TEXT COLLATE "C" NOT NULL,
    first_position BIGINT NOT NULL,
    last_position  BIGINT NOT NULL,
    PRIMARY KEY (log_id, day)
);
