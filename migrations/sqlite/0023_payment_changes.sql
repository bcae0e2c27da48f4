-- What changes figures that were told already, or asks a chief clerk to look: one row for each such event, so that what happened since a
-- position is found without reading the log.
CREATE TABLE payment_changes (
    log_id         INTEGER NOT NULL,
    position       INTEGER NOT NULL,
    recorded_at_us INTEGER NOT NULL,
    kind           TEXT    NOT NULL,
    payment_id     BLOB    NOT NULL,
    -- As the payment stood after the event.
    cycle          TEXT    NOT NULL,
    unit_key       TEXT    NOT NULL,
    benefit_type   TEXT    NOT NULL,
    channel        TEXT    NOT NULL,
    -- Of a recovery what is out beyond what is owed.
    amount_minor   INTEGER NOT NULL,
    PRIMARY KEY (log_id, position)
) WITHOUT ROWID;

-- The table is of the whole log: the rows are built again.
DELETE FROM projections WHERE name = 'payments';
DELETE FROM payments;
DELETE FROM payment_attempts;
DELETE FROM payment_past;
DELETE FROM live_payments;
DELETE FROM figure_cells;
DELETE FROM figure_days;
DELETE FROM figure_blocks;
DELETE FROM figure_cycles;
DELETE FROM figure_cycle_blocks;
DELETE FROM business_days;
DELETE FROM identity_refusals;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('payment_changes', 'payment_changes', '50000 50000 1');
