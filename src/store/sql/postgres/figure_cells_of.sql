-- $2 tallies and $3 cycles: their cells as they are.
SELECT c.tally, c.value, c.cycle, c.unit_node, c.benefit_node, c.channel, c.agent, c.bank, c.urban, c.count, c.amount_minor
FROM figure_cells AS c
WHERE c.log_id = $1 AND c.tally = ANY($2::text[]) AND c.cycle = ANY($3::text[]) AND (c.count <> 0 OR c.amount_minor <> 0)
