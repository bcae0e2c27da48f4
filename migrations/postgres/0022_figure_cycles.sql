-- Which position changed a cycle last: the state of a cycle asked at or after it is the state of now, however much the log grew meanwhile.
CREATE TABLE figure_cycles (
    log_id        INTEGER NOT NULL,
    cycle         TEXT COLLATE "C" NOT NULL,
    last_position BIGINT NOT NULL,
    PRIMARY KEY (log_id, cycle)
);

-- Which blocks of differences have any of a cycle: a day with very many records is read only where the cycle asked for is.
CREATE TABLE figure_cycle_blocks (
    log_id INTEGER NOT NULL,
    cycle  TEXT COLLATE "C" NOT NULL,
    block  BIGINT NOT NULL,
    PRIMARY KEY (log_id, cycle, block)
);

-- How often a projection's rows were thrown away: what a server keeps in memory of them is of one building.
ALTER TABLE projections ADD COLUMN generation BIGINT NOT NULL DEFAULT 0;

-- The tables are of the whole log: the rows are built again.
DELETE FROM projections WHERE name = 'payments';
DELETE FROM payments;
DELETE FROM payment_attempts;
DELETE FROM payment_past;
DELETE FROM live_payments;
DELETE FROM figure_cells;
DELETE FROM figure_days;
DELETE FROM figure_blocks;
DELETE FROM business_days;
DELETE FROM identity_refusals;

