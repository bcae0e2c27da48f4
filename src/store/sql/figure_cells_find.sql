-- $2: JSON array of cell keys. Answers the index in it and the number of those that are known.
SELECT wanted.key, c.cell_id
FROM jsonb_each($2) AS wanted
CROSS JOIN figure_cells AS c
WHERE c.log_id = $1
    AND c.tally = wanted.value ->> 0
    AND c.cycle = wanted.value ->> 1
    AND c.unit_node = wanted.value ->> 2
    AND c.benefit_node = wanted.value ->> 3
    AND c.channel = wanted.value ->> 4
    AND c.agent = wanted.value ->> 5
    AND c.bank = wanted.value ->> 6
    AND c.urban = wanted.value ->> 7
    AND c.value = wanted.value ->> 8
