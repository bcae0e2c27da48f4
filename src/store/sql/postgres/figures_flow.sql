-- How people's ways of being paid moved between two cycles: $18 the earlier, $4 the later. Value: standing before > standing now, where
-- `none` is no live payment. A person's unit is the one of the later cycle, else of the earlier. $2: as of this position; else as figures_now.
WITH units AS MATERIALIZED (SELECT node, label FROM unnest($5::text[], $6::text[]) AS u (node, label)),
benefits AS MATERIALIZED (SELECT node, label FROM unnest($7::text[], $8::text[]) AS b (node, label)),
live AS MATERIALIZED (
    SELECT
        l.beneficiary_id,
        l.cashless,
        CASE WHEN l.cycle = $4 THEN 1 ELSE 0 END AS later,
        COALESCE(u.label, '') AS unit
    FROM live_payments AS l
    LEFT JOIN units AS u ON u.node = l.unit_key
    LEFT JOIN benefits AS b ON b.node = l.benefit_type
    WHERE l.log_id = $1
        AND l.valid_from_position <= $2
        AND (l.valid_to_position IS NULL OR l.valid_to_position > $2)
        AND l.cycle BETWEEN $3 AND $4
        AND l.cycle IN ($18, $4)
        AND ($5::text[] IS NULL OR u.node IS NOT NULL)
        AND ($7::text[] IS NULL OR b.node IS NOT NULL)
        AND ($9::text[] IS NULL OR l.channel = ANY($9))
        AND ($10::text[] IS NULL OR l.agent = ANY($10))
        AND ($11::text[] IS NULL OR l.bank = ANY($11))
        AND ($12::text IS NULL OR l.urban = $12::bigint)
        -- Broken down by units alone.
        AND NOT ($13 OR $14 OR $15 OR $16 OR $17)
),
people AS (
    SELECT
        MAX(CASE WHEN later = 0 THEN cashless END) AS any_before,
        MIN(CASE WHEN later = 0 THEN cashless END) AS all_before,
        MAX(CASE WHEN later = 1 THEN cashless END) AS any_now,
        MIN(CASE WHEN later = 1 THEN cashless END) AS all_now,
        COALESCE(MAX(CASE WHEN later = 1 THEN unit END), MAX(unit)) AS unit
    FROM live
    GROUP BY beneficiary_id
)
SELECT
    'people' AS tally,
    CASE WHEN all_before IS NULL THEN 'none' WHEN all_before = 1 THEN 'cashless' WHEN any_before = 1 THEN 'mixed' ELSE 'cash' END
        || '>' || CASE WHEN all_now IS NULL THEN 'none' WHEN all_now = 1 THEN 'cashless' WHEN any_now = 1 THEN 'mixed' ELSE 'cash' END AS value,
    '' AS cycle, unit, '' AS benefit, '' AS channel, '' AS agent, '' AS bank, '' AS urban,
    COUNT(*) AS count,
    0::bigint AS amount_minor
FROM people
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
