-- $2 tallies; $3, $4 first and last cycle; $5 units with labels $6, $7 benefits with labels $8, or NULL; $9 channels, $10 agents, $11 banks or
-- NULL; $12 urban or NULL; $13 to $17: group by cycle, channel, agent, bank, urban.
-- $18: all days before this one; $19 cells with $20 counts and $21 amounts: their differences after those days.
WITH units AS MATERIALIZED (SELECT node, label FROM unnest($5::text[], $6::text[]) AS u (node, label)),
benefits AS MATERIALIZED (SELECT node, label FROM unnest($7::text[], $8::text[]) AS b (node, label)),
chosen AS MATERIALIZED (
    SELECT
        c.cell_id, c.tally, c.value, c.count, c.amount_minor,
        CASE WHEN $13 THEN c.cycle ELSE '' END AS cycle,
        COALESCE(u.label, '') AS unit,
        COALESCE(b.label, '') AS benefit,
        CASE WHEN $14 THEN c.channel ELSE '' END AS channel,
        CASE WHEN $15 THEN c.agent ELSE '' END AS agent,
        CASE WHEN $16 THEN c.bank ELSE '' END AS bank,
        CASE WHEN $17 THEN c.urban ELSE '' END AS urban
    FROM figure_cells AS c
    LEFT JOIN units AS u ON u.node = c.unit_node
    LEFT JOIN benefits AS b ON b.node = c.benefit_node
    WHERE c.log_id = $1
        AND c.tally = ANY($2::text[])
        AND c.cycle BETWEEN $3 AND $4
        AND ($5::text[] IS NULL OR u.node IS NOT NULL)
        AND ($7::text[] IS NULL OR b.node IS NOT NULL)
        AND ($9::text[] IS NULL OR c.channel = ANY($9))
        AND ($10::text[] IS NULL OR c.agent = ANY($10))
        AND ($11::text[] IS NULL OR c.bank = ANY($11))
        AND ($12::text IS NULL OR c.urban = $12)
),
parts AS (
    SELECT c.tally, c.value, c.cycle, c.unit, c.benefit, c.channel, c.agent, c.bank, c.urban, d.count, d.amount_minor
    FROM chosen AS c
    JOIN figure_days AS d ON d.cell_id = c.cell_id
    WHERE d.log_id = $1 AND d.day < $18
    UNION ALL
    SELECT c.tally, c.value, c.cycle, c.unit, c.benefit, c.channel, c.agent, c.bank, c.urban, l.count, l.amount_minor
    FROM chosen AS c
    JOIN unnest($19::bigint[], $20::bigint[], $21::bigint[]) AS l (cell_id, count, amount_minor) ON l.cell_id = c.cell_id
)
SELECT
    tally, value, cycle, unit, benefit, channel, agent, bank, urban, SUM(count)::bigint AS count,
    SUM(amount_minor)::bigint AS amount_minor
FROM parts
GROUP BY tally, value, cycle, unit, benefit, channel, agent, bank, urban
HAVING SUM(count) <> 0 OR SUM(amount_minor) <> 0
