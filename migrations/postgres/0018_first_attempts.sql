-- What a payment's order counted as before a position, where a correction or cancellation changed that: few payments have any. With it the
-- figures of first attempts hold as of any position. Computed from the log alone.
CREATE TABLE payment_past (
    log_id              INTEGER NOT NULL,
    payment_id          BYTEA NOT NULL,
    -- It counted so before this position, back to the row before it or to the order.
    to_position         BIGINT NOT NULL,
    instructed_position BIGINT NOT NULL,
    cycle               TEXT COLLATE "C" NOT NULL,
    beneficiary_id      BYTEA NOT NULL,
    benefit_type        TEXT COLLATE "C" NOT NULL,
    unit_key            TEXT COLLATE "C" NOT NULL,
    urban               BIGINT NOT NULL,
    first_channel       TEXT COLLATE "C" NOT NULL,
    first_agent         TEXT COLLATE "C" NOT NULL,
    first_bank          TEXT COLLATE "C",
    -- Not cancelled.
    counts              BIGINT NOT NULL,
    PRIMARY KEY (log_id, payment_id, to_position)
);
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
