-- Tables of the oversight projection. They can be emptied and built again from the log.

-- Money that is out beyond what is owed: worklists by unit and state, and the sums that the verification compares.
CREATE TABLE recoveries (
    log_id            INTEGER NOT NULL,
    recovery_id       BYTEA NOT NULL,
    payment_id        BYTEA NOT NULL,
    attempt           BIGINT NOT NULL,
    beneficiary_id    BYTEA NOT NULL,
    benefit_type      TEXT COLLATE "C" NOT NULL,
    unit_key          TEXT COLLATE "C" NOT NULL,
    ground            TEXT COLLATE "C" NOT NULL,
    -- Months joined by commas; nobody searches by them.
    months            TEXT COLLATE "C" NOT NULL,
    amount_minor      BIGINT NOT NULL,
    currency          TEXT COLLATE "C" NOT NULL,
    state             TEXT COLLATE "C" NOT NULL,
    received_minor    BIGINT NOT NULL,
    written_off_minor BIGINT NOT NULL,
    refund_minor      BIGINT NOT NULL,
    found_on          TEXT COLLATE "C" NOT NULL,
    demanded_on       TEXT COLLATE "C",
    due_on            TEXT COLLATE "C",
    revision          BIGINT NOT NULL,
    -- Grows with the log, so that a list's cursor is one number.
    found_position    BIGINT NOT NULL,
    last_position     BIGINT NOT NULL,
    updated_at_us     BIGINT NOT NULL,
    PRIMARY KEY (log_id, recovery_id)
);
CREATE INDEX recoveries_found ON recoveries (log_id, found_position);
CREATE INDEX recoveries_payment ON recoveries (log_id, payment_id, found_position);

-- What waits for a second person, and what became of it.
CREATE TABLE approvals (
    log_id             INTEGER NOT NULL,
    approval_id        BYTEA NOT NULL,
    action             TEXT COLLATE "C" NOT NULL,
    -- The stream that it is about.
    object             TEXT COLLATE "C" NOT NULL,
    unit_key           TEXT COLLATE "C" NOT NULL,
    amount_minor       BIGINT NOT NULL,
    currency           TEXT COLLATE "C" NOT NULL,
    -- As recorded: that one expired is told by expires_at_us.
    state              TEXT COLLATE "C" NOT NULL,
    requested_by       TEXT COLLATE "C" NOT NULL,
    decided_by         TEXT COLLATE "C",
    failure            TEXT COLLATE "C",
    requested_at_us    BIGINT NOT NULL,
    expires_at_us      BIGINT NOT NULL,
    revision           BIGINT NOT NULL,
    requested_position BIGINT NOT NULL,
    last_position      BIGINT NOT NULL,
    updated_at_us      BIGINT NOT NULL,
    PRIMARY KEY (log_id, approval_id)
);
CREATE INDEX approvals_requested ON approvals (log_id, requested_position);

-- The few who died, without a walk over all people.
CREATE INDEX beneficiaries_dead ON beneficiaries (log_id, beneficiary_id) WHERE died_on IS NOT NULL;

-- Rows of payments tell since this version of late money and of payments that stand on an earlier attempt: they are built anew.
DELETE FROM projections WHERE name = 'payments';
DELETE FROM payments;
DELETE FROM payment_attempts;
DELETE FROM live_payments;
DELETE FROM figure_cells;
DELETE FROM figure_days;
DELETE FROM figure_blocks;
DELETE FROM business_days;
