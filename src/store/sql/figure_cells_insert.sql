-- $2: JSON array of rows.
INSERT INTO figure_cells (
    log_id, tally, cycle, unit_node, benefit_node, channel, agent, bank, urban, value, cell_id, count, amount_minor
)
SELECT
    $1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
    value ->> 8, value ->> 9, value ->> 10, value ->> 11
FROM jsonb_each($2)
