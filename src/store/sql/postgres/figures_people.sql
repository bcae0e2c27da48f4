-- Counts different people over intervals, for scopes that are no product of subtrees. $2: as of this position; else as figures_now.
WITH units AS MATERIALIZED (SELECT node, label FROM unnest($5::text[], $6::text[]) AS u (node, label)),
benefits AS MATERIALIZED (SELECT node, label FROM unnest($7::text[], $8::text[]) AS b (node, label)),
live AS MATERIALIZED (
    SELECT
        l.beneficiary_id,
        l.cashless,
        CASE WHEN $13 THEN l.cycle ELSE '' END AS cycle,
        COALESCE(u.label, '') AS unit,
        COALESCE(b.label, '') AS benefit,
        CASE WHEN $14 THEN l.channel ELSE '' END AS channel,
        CASE WHEN $15 THEN l.agent ELSE '' END AS agent,
        CASE WHEN $16 THEN COALESCE(l.bank, '') ELSE '' END AS bank,
        CASE WHEN $17 THEN l.urban::text ELSE '' END AS urban
    FROM live_payments AS l
    LEFT JOIN units AS u ON u.node = l.unit_key
    LEFT JOIN benefits AS b ON b.node = l.benefit_type
    WHERE l.log_id = $1
        AND l.valid_from_position <= $2
        AND (l.valid_to_position IS NULL OR l.valid_to_position > $2)
        AND l.cycle BETWEEN $3 AND $4
        AND ($5::text[] IS NULL OR u.node IS NOT NULL)
        AND ($7::text[] IS NULL OR b.node IS NOT NULL)
        AND ($9::text[] IS NULL OR l.channel = ANY($9))
        AND ($10::text[] IS NULL OR l.agent = ANY($10))
        AND ($11::text[] IS NULL OR l.bank = ANY($11))
        AND ($12::text IS NULL OR l.urban = $12::bigint)
),
people AS (
    SELECT
        cycle, unit, benefit, channel, agent, bank, urban,
        MAX(cashless) AS any_cashless,
        MIN(cashless) AS all_cashless
    FROM live
    GROUP BY cycle, unit, benefit, channel, agent, bank, urban, beneficiary_id
)
SELECT
    'people' AS tally,
    CASE WHEN all_cashless = 1 THEN 'cashless' WHEN any_cashless = 1 THEN 'mixed' ELSE 'cash' END AS value,
    cycle, unit, benefit, channel, agent, bank, urban,
    COUNT(*) AS count,
    0::bigint AS amount_minor
FROM people
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
