-- Why people who were paid without cash in an earlier cycle ($18) are paid in cash in the later one ($4): value is class|system|code of the
-- first attempt that came to nothing, or `ordered` where cash was ordered from the start. $19: the cashless channels; else as
-- figures_flow. Rows of payments are of now.
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
    SELECT beneficiary_id, COALESCE(MAX(CASE WHEN later = 1 THEN unit END), MAX(unit)) AS unit
    FROM live
    GROUP BY beneficiary_id
    HAVING MIN(CASE WHEN later = 0 THEN cashless END) = 1 AND MAX(CASE WHEN later = 1 THEN cashless END) = 0
),
reasons AS (
    SELECT
        person.unit,
        MIN(
            CASE WHEN p.first_channel = ANY($19::text[])
                THEN COALESCE(
                    (p.past_attempts::jsonb -> 0 -> 'outcome' ->> 'class') || '|' || (p.past_attempts::jsonb -> 0 -> 'outcome' ->> 'system')
                        || '|' || (p.past_attempts::jsonb -> 0 -> 'outcome' ->> 'code'),
                    'unknown|chitra|unknown'
                )
                ELSE 'ordered'
            END
        ) AS value
    FROM people AS person
    CROSS JOIN payments AS p
    WHERE p.log_id = $1 AND p.beneficiary_id = person.beneficiary_id AND p.cycle = $4 AND p.state = 'settled'
        AND ($7::text[] IS NULL OR p.benefit_type = ANY($7))
    GROUP BY person.beneficiary_id, person.unit
)
SELECT
    'people' AS tally, value, '' AS cycle, unit, '' AS benefit, '' AS channel, '' AS agent, '' AS bank, '' AS urban,
    COUNT(*) AS count,
    0::bigint AS amount_minor
FROM reasons
GROUP BY value, unit
