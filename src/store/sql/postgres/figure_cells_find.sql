-- Answers the index of each key that is known, and its number.
SELECT asked.index - 1, found.cell_id
FROM unnest(
    $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[]
) WITH ORDINALITY AS asked (tally, cycle, unit_node, benefit_node, channel, agent, bank, urban, value, index)
CROSS JOIN LATERAL (
    SELECT c.cell_id
    FROM figure_cells AS c
    WHERE c.log_id = $1
        AND c.tally = asked.tally
        AND c.cycle = asked.cycle
        AND c.unit_node = asked.unit_node
        AND c.benefit_node = asked.benefit_node
        AND c.channel = asked.channel
        AND c.agent = asked.agent
        AND c.bank = asked.bank
        AND c.urban = asked.urban
        AND c.value = asked.value
    LIMIT 1
) AS found
