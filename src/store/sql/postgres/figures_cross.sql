-- People of one cycle by their standing in two scopes: first > second, where `none` is no live payment in the scope. Labels of units and of
-- benefits say which scopes hold the node; $18 and $19 which hold one without a label; $20 and $21 the urban node of each scope, or empty.
-- $2: as of this position; else as figures_now.
WITH units AS MATERIALIZED (SELECT node, label FROM unnest($5::text[], $6::text[]) AS u (node, label)),
benefits AS MATERIALIZED (SELECT node, label FROM unnest($7::text[], $8::text[]) AS b (node, label)),
live AS MATERIALIZED (
    SELECT
        l.beneficiary_id,
        l.cashless,
        l.urban,
        COALESCE(u.label, $18::text) AS unit,
        COALESCE(b.label, $19::text) AS benefit
    FROM live_payments AS l
    LEFT JOIN units AS u ON u.node = l.unit_key
    LEFT JOIN benefits AS b ON b.node = l.benefit_type
    WHERE l.log_id = $1
        AND l.valid_from_position <= $2
        AND (l.valid_to_position IS NULL OR l.valid_to_position > $2)
        AND l.cycle BETWEEN $3 AND $4
        AND $9::text[] IS NULL AND $10::text[] IS NULL AND $11::text[] IS NULL AND $12::text IS NULL
        AND NOT ($13 OR $14 OR $15 OR $16 OR $17)
),
sided AS (
    SELECT
        beneficiary_id,
        CASE WHEN unit IN ('1', '12') AND benefit IN ('1', '12') AND ($20::text = '' OR CAST(urban AS TEXT) = $20) THEN cashless END AS first,
        CASE WHEN unit IN ('2', '12') AND benefit IN ('2', '12') AND ($21::text = '' OR CAST(urban AS TEXT) = $21) THEN cashless END AS second
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
    0::bigint AS amount_minor
FROM people
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
