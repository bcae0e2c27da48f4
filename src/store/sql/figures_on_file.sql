-- People who are paid in cash though the payout method that they chose last goes to an account: value says whether they are. $16: JSON array
-- of cashless channels; else as figures_flow, of the one cycle $4. Rows of people are of now.
WITH units AS MATERIALIZED (SELECT CAST(value ->> 0 AS TEXT) AS node, value ->> 1 AS label FROM json_each($5)),
benefits AS MATERIALIZED (SELECT CAST(value ->> 0 AS TEXT) AS node, value ->> 1 AS label FROM json_each($6)),
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
        AND ($5 IS NULL OR u.node IS NOT NULL)
        AND ($6 IS NULL OR b.node IS NOT NULL)
        AND ($7 IS NULL OR l.channel IN (SELECT value FROM json_each($7)))
        AND ($8 IS NULL OR l.agent IN (SELECT value FROM json_each($8)))
        AND ($9 IS NULL OR l.bank IN (SELECT value FROM json_each($9)))
        AND ($10 IS NULL OR l.urban = CAST($10 AS INTEGER))
),
people AS (
    SELECT beneficiary_id, MAX(unit) AS unit FROM live GROUP BY beneficiary_id HAVING MAX(cashless) = 0
)
SELECT
    'people' AS tally,
    CASE WHEN b.channel IN (SELECT value FROM json_each($16)) THEN 'on_file' ELSE 'cash' END AS value,
    '' AS cycle, person.unit, '' AS benefit, '' AS channel, '' AS agent, '' AS bank, '' AS urban,
    COUNT(*) AS count,
    0 AS amount_minor
FROM people AS person
CROSS JOIN beneficiaries AS b
WHERE b.log_id = $1 AND b.beneficiary_id = person.beneficiary_id
GROUP BY 2, 4
