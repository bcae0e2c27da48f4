-- $2 tallies and $3 cycles: their cells by the differences of all days before $4, each with its number.
SELECT
    c.tally, c.value, c.cycle, c.unit_node, c.benefit_node, c.channel, c.agent, c.bank, c.urban,
    COALESCE(SUM(d.count), 0)::bigint, COALESCE(SUM(d.amount_minor), 0)::bigint, c.cell_id
FROM figure_cells AS c
LEFT JOIN figure_days AS d ON d.log_id = $1 AND d.cell_id = c.cell_id AND d.day < $4
WHERE c.log_id = $1 AND c.tally = ANY($2::text[]) AND c.cycle = ANY($3::text[])
GROUP BY c.log_id, c.cell_id
