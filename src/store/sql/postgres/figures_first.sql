-- Counts different people by what was ordered: the first attempts of payments that are not cancelled. $2: as of this position; $18:
-- the cashless channels; else as figures_now, with channel, agent and bank of the first attempt.
WITH units AS MATERIALIZED (SELECT node, label FROM unnest($5::text[], $6::text[]) AS u (node, label)),
benefits AS MATERIALIZED (SELECT node, label FROM unnest($7::text[], $8::text[]) AS b (node, label)),
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
        CASE WHEN o.first_channel = ANY($18::text[]) THEN 1 ELSE 0 END AS cashless,
        CASE WHEN $13 THEN o.cycle ELSE '' END AS cycle,
        COALESCE(u.label, '') AS unit,
        COALESCE(b.label, '') AS benefit,
        CASE WHEN $14 THEN o.first_channel ELSE '' END AS channel,
        CASE WHEN $15 THEN o.first_agent ELSE '' END AS agent,
        CASE WHEN $16 THEN COALESCE(o.first_bank, '') ELSE '' END AS bank,
        CASE WHEN $17 THEN o.urban::text ELSE '' END AS urban
    FROM ordered AS o
    LEFT JOIN units AS u ON u.node = o.unit_key
    LEFT JOIN benefits AS b ON b.node = o.benefit_type
    WHERE ($5::text[] IS NULL OR u.node IS NOT NULL)
        AND ($7::text[] IS NULL OR b.node IS NOT NULL)
        AND ($9::text[] IS NULL OR o.first_channel = ANY($9))
        AND ($10::text[] IS NULL OR o.first_agent = ANY($10))
        AND ($11::text[] IS NULL OR o.first_bank = ANY($11))
        AND ($12::text IS NULL OR o.urban = $12::bigint)
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
    0::bigint AS amount_minor
FROM people
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
