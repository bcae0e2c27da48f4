-- $2 tallies; $3, $4 first and last cycle; $5 units and $6 benefits as [[node, label], ...] or NULL; $7 channels, $8 agents, $9 banks or
-- NULL; $10 urban or NULL; $11 to $15: group by cycle, channel, agent, bank, urban.
-- $16: all days before this one; $17: differences of cells after those days, as [[cell, count, amount], ...].
WITH units AS MATERIALIZED (SELECT CAST(value ->> 0 AS TEXT) AS node, value ->> 1 AS label FROM json_each($5)),
benefits AS MATERIALIZED (SELECT CAST(value ->> 0 AS TEXT) AS node, value ->> 1 AS label FROM json_each($6)),
chosen AS MATERIALIZED (
    SELECT
        c.cell_id, c.tally, c.value, c.count, c.amount_minor,
        CASE WHEN $11 THEN c.cycle ELSE '' END AS cycle,
        COALESCE(u.label, '') AS unit,
        COALESCE(b.label, '') AS benefit,
        CASE WHEN $12 THEN c.channel ELSE '' END AS channel,
        CASE WHEN $13 THEN c.agent ELSE '' END AS agent,
        CASE WHEN $14 THEN c.bank ELSE '' END AS bank,
        CASE WHEN $15 THEN c.urban ELSE '' END AS urban
    FROM figure_cells AS c
    LEFT JOIN units AS u ON u.node = c.unit_node
    LEFT JOIN benefits AS b ON b.node = c.benefit_node
    WHERE c.log_id = $1
        AND c.tally IN (SELECT value FROM json_each($2))
        AND c.cycle BETWEEN $3 AND $4
        AND ($5 IS NULL OR u.node IS NOT NULL)
        AND ($6 IS NULL OR b.node IS NOT NULL)
        AND ($7 IS NULL OR c.channel IN (SELECT value FROM json_each($7)))
        AND ($8 IS NULL OR c.agent IN (SELECT value FROM json_each($8)))
        AND ($9 IS NULL OR c.bank IN (SELECT value FROM json_each($9)))
        AND ($10 IS NULL OR c.urban = $10)
),
later AS MATERIALIZED (SELECT CAST(value ->> 0 AS INTEGER) AS cell_id, value ->> 1 AS count, value ->> 2 AS amount_minor FROM json_each($17)),
parts AS (
    SELECT c.tally, c.value, c.cycle, c.unit, c.benefit, c.channel, c.agent, c.bank, c.urban, d.count, d.amount_minor
    FROM chosen AS c
    CROSS JOIN figure_days AS d
    WHERE d.log_id = $1 AND d.cell_id = c.cell_id AND d.day < $16
    UNION ALL
    SELECT c.tally, c.value, c.cycle, c.unit, c.benefit, c.channel, c.agent, c.bank, c.urban, l.count, l.amount_minor
    FROM chosen AS c
    JOIN later AS l ON l.cell_id = c.cell_id
)
SELECT tally, value, cycle, unit, benefit, channel, agent, bank, urban, CAST(SUM(count) AS BIGINT) AS count, CAST(SUM(amount_minor) AS BIGINT) AS amount_minor
FROM parts
GROUP BY tally, value, cycle, unit, benefit, channel, agent, bank, urban
HAVING SUM(count) <> 0 OR SUM(amount_minor) <> 0
