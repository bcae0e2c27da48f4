-- $2 tallies and $3 cycles as JSON arrays: their cells as they are.
SELECT c.tally, c.value, c.cycle, c.unit_node, c.benefit_node, c.channel, c.agent, c.bank, c.urban, c.count, c.amount_minor
FROM json_each($2) AS t
CROSS JOIN json_each($3) AS m
CROSS JOIN figure_cells AS c
WHERE c.log_id = $1 AND c.tally = t.value AND c.cycle = m.value AND (c.count <> 0 OR c.amount_minor <> 0)
