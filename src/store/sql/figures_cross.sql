-- People of one cycle by their standing in two scopes: first > second, where `none` is no live payment in the scope. Labels of units and of
-- benefits say which scopes hold the node; $16 and $17 which hold one without a label; $18 and $19 the urban node of each scope, or empty.
-- $2: as of this position; else as figures_now.
WITH units AS MATERIALIZED (SELECT CAST(value ->> 0 AS TEXT) AS node, value ->> 1 AS label FROM json_each($5)),
benefits AS MATERIALIZED (SELECT CAST(value ->> 0 AS TEXT) AS node, value ->> 1 AS label FROM json_each($6)),
live AS MATERIALIZED (
    SELECT
        l.beneficiary_id,
        l.cashless,
        l.urban,
        COALESCE(u.label, $16) AS unit,
        COALESCE(b.label, $17) AS benefit
    FROM live_payments AS l
    LEFT JOIN units AS u ON u.node = l.unit_key
    LEFT JOIN benefits AS b ON b.node = l.benefit_type
    WHERE l.log_id = $1
        AND l.valid_from_position <= $2
        AND (l.valid_to_position IS NULL OR l.valid_to_position > $2)
        AND l.cycle BETWEEN $3 AND $4
        AND $7 IS NULL AND $8 IS NULL AND $9 IS NULL AND $10 IS NULL
        AND NOT ($11 OR $12 OR $13 OR $14 OR $15)
),
sided AS (
    SELECT
        beneficiary_id,
        CASE WHEN unit IN ('1', '12') AND benefit IN ('1', '12') AND ($18 = '' OR CAST(urban AS TEXT) = $18) THEN cashless END AS first,
        CASE WHEN unit IN ('2', '12') AND benefit IN ('2', '12') AND ($19 = '' OR CAST(urban AS TEXT) = $19) THEN cashless END AS second
    FROM live
),
people AS (
    SELECT
        MAX(first) AS any_first,
        MIN(first) AS all_first,
        MAX(second) AS any_second,
        MIN(second) AS all_second
    FROM sided
    GROUP BY beneficiary_id
)
SELECT
    'people' AS tally,
    CASE WHEN all_first IS NULL THEN 'none' WHEN all_first = 1 THEN 'cashless' WHEN any_first = 1 THEN 'mixed' ELSE 'cash' END
        || '>' || CASE WHEN all_second IS NULL THEN 'none' WHEN all_second = 1 THEN 'cashless' WHEN any_second = 1 THEN 'mixed' ELSE 'cash' END AS value,
    '' AS cycle, '' AS unit, '' AS benefit, '' AS channel, '' AS agent, '' AS bank, '' AS urban,
    COUNT(*) AS count,
    0 AS amount_minor
FROM people
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
