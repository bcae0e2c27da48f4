-- How people's ways of being paid moved between two cycles: $16 the earlier, $4 the later. Value: standing before > standing now, where
-- `none` is no live payment. A person's unit is the one of the later cycle, else of the earlier. $2: as of this position; else as figures_now.
WITH units AS MATERIALIZED (SELECT CAST(value ->> 0 AS TEXT) AS node, value ->> 1 AS label FROM json_each($5)),
benefits AS MATERIALIZED (SELECT CAST(value ->> 0 AS TEXT) AS node, value ->> 1 AS label FROM json_each($6)),
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
        AND l.cycle IN ($16, $4)
        AND ($5 IS NULL OR u.node IS NOT NULL)
        AND ($6 IS NULL OR b.node IS NOT NULL)
        AND ($7 IS NULL OR l.channel IN (SELECT value FROM json_each($7)))
        AND ($8 IS NULL OR l.agent IN (SELECT value FROM json_each($8)))
        AND ($9 IS NULL OR l.bank IN (SELECT value FROM json_each($9)))
        AND ($10 IS NULL OR l.urban = CAST($10 AS INTEGER))
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
    0 AS amount_minor
FROM people
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
