INSERT INTO figure_cells (
    log_id, tally, cycle, unit_node, benefit_node, channel, agent, bank, urban, value, cell_id, count, amount_minor
)
SELECT $1, given.*
FROM unnest(
    $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
    $11::bigint[], $12::bigint[], $13::bigint[]
) AS given
