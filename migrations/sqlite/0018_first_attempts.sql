-- What a payment's order counted as before a position, where a correction or cancellation changed that: few payments have any. With it the
-- figures of first attempts hold as of any position. Computed from the log alone.
CREATE TABLE payment_past (
    log_id              INTEGER NOT NULL,
    payment_id          BLOB    NOT NULL,
    -- It counted so before this position, back to the row before it or to the order.
    to_position         INTEGER NOT NULL,
    instructed_position INTEGER NOT NULL,
    cycle               TEXT    NOT NULL,
    beneficiary_id      BLOB    NOT NULL,
    benefit_type        TEXT    NOT NULL,
    unit_key            TEXT    NOT NULL,
    urban               INTEGER NOT NULL,
    first_channel       TEXT    NOT NULL,
    first_agent         TEXT    NOT NULL,
    first_bank          TEXT,
    -- Not cancelled.
    counts              INTEGER NOT NULL,
    PRIMARY KEY (log_id, payment_id, to_position)
) WITHOUT ROWID;
CREATE INDEX payment_past_cycle ON payment_past (log_id, cycle, to_position);

-- The cube has new tallies: the rows are built again.
DELETE FROM projections WHERE name = 'payments';
DELETE FROM payments;
DELETE FROM payment_attempts;
DELETE FROM live_payments;
DELETE FROM figure_cells;
DELETE FROM figure_days;
DELETE FROM figure_blocks;
DELETE FROM business_days;
DELETE FROM identity_refusals;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('payment_past', 'payment_past', '10000 10000 1 1'),
    ('payment_past', 'payment_past_cycle', '10000 10000 100 1');
