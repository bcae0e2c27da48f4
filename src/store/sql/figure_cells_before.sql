-- $2 tallies and $3 cycles as JSON arrays: their cells by the differences of all days before $4, each with its number.
SELECT
    c.tally, c.value, c.cycle, c.unit_node, c.benefit_node, c.channel, c.agent, c.bank, c.urban,
    CAST(COALESCE(SUM(d.count), 0) AS BIGINT), CAST(COALESCE(SUM(d.amount_minor), 0) AS BIGINT), c.cell_id
FROM json_each($2) AS t
CROSS JOIN json_each($3) AS m
CROSS JOIN figure_cells AS c
LEFT JOIN figure_days AS d ON d.log_id = $1 AND d.cell_id = c.cell_id AND d.day < $4
WHERE c.log_id = $1 AND c.tally = t.value AND c.cycle = m.value
GROUP BY c.cell_id
