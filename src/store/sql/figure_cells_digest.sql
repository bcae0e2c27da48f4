SELECT
    cell_id, tally, cycle, unit_node, benefit_node, channel, agent, bank, urban, value, count, amount_minor
FROM figure_cells
WHERE log_id = $1
ORDER BY cell_id
