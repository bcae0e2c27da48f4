-- Tables of the oversight projection. They can be emptied and built again from the log.

-- Money that is out beyond what is owed: worklists by unit and state, and the sums that the verification compares.
CREATE TABLE recoveries (
    log_id            INTEGER NOT NULL,
    recovery_id       BLOB NOT NULL,
    payment_id        BLOB NOT NULL,
    attempt           INTEGER NOT NULL,
    beneficiary_id    BLOB NOT NULL,
    benefit_type      TEXT NOT NULL,
    unit_key          TEXT NOT NULL,
    ground            TEXT NOT NULL,
    -- Months joined by commas; nobody searches by them.
    months            TEXT NOT NULL,
    amount_minor      INTEGER NOT NULL,
    currency          TEXT NOT NULL,
    state             TEXT NOT NULL,
    received_minor    INTEGER NOT NULL,
    written_off_minor INTEGER NOT NULL,
    refund_minor      INTEGER NOT NULL,
    found_on          TEXT NOT NULL,
    demanded_on       TEXT,
    due_on            TEXT,
    revision          INTEGER NOT NULL,
    -- Grows with the log, so that a list's cursor is one number.
    found_position    INTEGER NOT NULL,
    last_position     INTEGER NOT NULL,
    updated_at_us     INTEGER NOT NULL,
    PRIMARY KEY (log_id, recovery_id)
) WITHOUT ROWID;
CREATE INDEX recoveries_found ON recoveries (log_id, found_position);
CREATE INDEX recoveries_payment ON recoveries (log_id, payment_id, found_position);

-- What waits for a second person, and what became of it.
CREATE TABLE approvals (
    log_id             INTEGER NOT NULL,
    approval_id        BLOB NOT NULL,
    action             TEXT NOT NULL,
    -- The stream that it is about.
    object             TEXT NOT NULL,
    unit_key           TEXT NOT NULL,
    amount_minor       INTEGER NOT NULL,
    currency           TEXT NOT NULL,
    -- As recorded: that one expired is told by expires_at_us.
    state              TEXT NOT NULL,
    requested_by       TEXT NOT NULL,
    decided_by         TEXT,
    failure            TEXT,
    requested_at_us    INTEGER NOT NULL,
    expires_at_us      INTEGER NOT NULL,
    revision           INTEGER NOT NULL,
    requested_position INTEGER NOT NULL,
    last_position      INTEGER NOT NULL,
    updated_at_us      INTEGER NOT NULL,
    PRIMARY KEY (log_id, approval_id)
) WITHOUT ROWID;
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

-- What the planner believes of these tables, as for the others.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('recoveries', 'recoveries', '20000 20000 1'),
    ('recoveries', 'recoveries_found', '20000 20000 1'),
    ('recoveries', 'recoveries_payment', '20000 20000 1 1'),
    ('approvals', 'approvals', '20000 20000 1'),
    ('approvals', 'approvals_requested', '20000 20000 1'),
    ('beneficiaries', 'beneficiaries_dead', '3000 3000 1');
