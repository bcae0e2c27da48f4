-- People who are paid in cash though the payout method that they chose last goes to an account: value says whether they are. $18: the
-- cashless channels; else as figures_flow, of the one cycle $4. Rows of people are of now.
WITH units AS MATERIALIZED (SELECT node, label FROM unnest($5::text[], $6::text[]) AS u (node, label)),
benefits AS MATERIALIZED (SELECT node, label FROM unnest($7::text[], $8::text[]) AS b (node, label)),
live AS MATERIALIZED (
    SELECT
        l.beneficiary_id,
        l.cashless,
        COALESCE(u.label, '') AS unit
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
        -- Broken down by units alone.
        AND NOT ($13 OR $14 OR $15 OR $16 OR $17)
),
people AS (
    SELECT beneficiary_id, MAX(unit) AS unit FROM live GROUP BY beneficiary_id HAVING MAX(cashless) = 0
)
SELECT
    'people' AS tally,
    CASE WHEN b.channel = ANY($18::text[]) THEN 'on_file' ELSE 'cash' END AS value,
    '' AS cycle, person.unit, '' AS benefit, '' AS channel, '' AS agent, '' AS bank, '' AS urban,
    COUNT(*) AS count,
    0::bigint AS amount_minor
FROM people AS person
CROSS JOIN beneficiaries AS b
WHERE b.log_id = $1 AND b.beneficiary_id = person.beneficiary_id
GROUP BY 2, 4
