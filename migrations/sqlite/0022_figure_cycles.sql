-- Which position changed a cycle last: the state of a cycle asked at or after it is the state of now, however much the log grew meanwhile.
CREATE TABLE figure_cycles (
    log_id        INTEGER NOT NULL,
    cycle         TEXT    NOT NULL,
    last_position INTEGER NOT NULL,
    PRIMARY KEY (log_id, cycle)
) WITHOUT ROWID;

-- Which blocks of differences have any of a cycle: a day with very many records is read only where the cycle asked for is.
CREATE TABLE figure_cycle_blocks (
    log_id INTEGER NOT NULL,
    cycle  TEXT    NOT NULL,
    block  INTEGER NOT NULL,
    PRIMARY KEY (log_id, cycle, block)
) WITHOUT ROWID;

-- How often a projection's rows were thrown away: what a server keeps in memory of them is of one building.
ALTER TABLE projections ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;

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

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('figure_cycles', 'figure_cycles', '120 120 1'),
    ('figure_cycle_blocks', 'figure_cycle_blocks', '40000 40000 400 1');
