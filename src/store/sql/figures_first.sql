-- Counts different people by what was ordered: the first attempts of payments that are not cancelled. $2: as of this position; $16: JSON
-- array of cashless channels; else as figures_now, with channel, agent and bank of the first attempt.
WITH units AS MATERIALIZED (SELECT CAST(value ->> 0 AS TEXT) AS node, value ->> 1 AS label FROM json_each($5)),
benefits AS MATERIALIZED (SELECT CAST(value ->> 0 AS TEXT) AS node, value ->> 1 AS label FROM json_each($6)),
ordered AS (
    SELECT p.beneficiary_id, p.cycle, p.unit_key, p.benefit_type, p.urban, p.first_channel, p.first_agent, p.first_bank
    FROM payments AS p
    WHERE p.log_id = $1
        AND p.cycle BETWEEN $3 AND $4
        AND p.instructed_position <= $2
        AND p.state <> 'cancelled'
        AND NOT EXISTS (
            SELECT 1 FROM payment_past AS later
            WHERE later.log_id = $1 AND later.payment_id = p.payment_id AND later.to_position > $2
        )
    UNION ALL
    SELECT o.beneficiary_id, o.cycle, o.unit_key, o.benefit_type, o.urban, o.first_channel, o.first_agent, o.first_bank
    FROM payment_past AS o
    WHERE o.log_id = $1
        AND o.cycle BETWEEN $3 AND $4
        AND o.to_position > $2
        AND o.instructed_position <= $2
        AND o.counts = 1
        AND NOT EXISTS (
            SELECT 1 FROM payment_past AS sooner
            WHERE sooner.log_id = $1 AND sooner.payment_id = o.payment_id AND sooner.to_position > $2 AND sooner.to_position < o.to_position
        )
),
chosen AS MATERIALIZED (
    SELECT
        o.beneficiary_id,
        CASE WHEN o.first_channel IN (SELECT value FROM json_each($16)) THEN 1 ELSE 0 END AS cashless,
        CASE WHEN $11 THEN o.cycle ELSE '' END AS cycle,
        COALESCE(u.label, '') AS unit,
        COALESCE(b.label, '') AS benefit,
        CASE WHEN $12 THEN o.first_channel ELSE '' END AS channel,
        CASE WHEN $13 THEN o.first_agent ELSE '' END AS agent,
        CASE WHEN $14 THEN COALESCE(o.first_bank, '') ELSE '' END AS bank,
        CASE WHEN $15 THEN CAST(o.urban AS TEXT) ELSE '' END AS urban
    FROM ordered AS o
    LEFT JOIN units AS u ON u.node = o.unit_key
    LEFT JOIN benefits AS b ON b.node = o.benefit_type
    WHERE ($5 IS NULL OR u.node IS NOT NULL)
        AND ($6 IS NULL OR b.node IS NOT NULL)
        AND ($7 IS NULL OR o.first_channel IN (SELECT value FROM json_each($7)))
        AND ($8 IS NULL OR o.first_agent IN (SELECT value FROM json_each($8)))
        AND ($9 IS NULL OR o.first_bank IN (SELECT value FROM json_each($9)))
        AND ($10 IS NULL OR o.urban = CAST($10 AS INTEGER))
),
people AS (
    SELECT
        cycle, unit, benefit, channel, agent, bank, urban,
        MAX(cashless) AS any_cashless,
        MIN(cashless) AS all_cashless
    FROM chosen
    GROUP BY cycle, unit, benefit, channel, agent, bank, urban, beneficiary_id
)
SELECT
    'people' AS tally,
    CASE WHEN all_cashless = 1 THEN 'cashless' WHEN any_cashless = 1 THEN 'mixed' ELSE 'cash' END AS value,
    cycle, unit, benefit, channel, agent, bank, urban,
    COUNT(*) AS count,
    0 AS amount_minor
FROM people
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
