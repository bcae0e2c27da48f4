-- What a list's check asks of earlier cycles: the few payments of which an attempt came to nothing, by cycle. Partial, so that a payment
-- without trouble never touches it.
CREATE INDEX payments_troubled ON payments (log_id, cycle, instructed_position)
    WHERE (outcome IS NOT NULL OR past_attempts IS NOT NULL);

-- Cash desks for people with SQL tools.
CREATE VIEW report_desks AS
SELECT
    d.log_id,
    encode(d.desk_id, 'hex')::uuid::text COLLATE "C" AS desk_id,
    d.code,
    d.kind,
    d.unit_key,
    d.agent,
    d.liquidated_to,
    CAST(COALESCE((
        SELECT SUM(c.advanced_minor - c.paid_minor - c.handed_back_minor)
        FROM desk_days AS c
        WHERE c.log_id = d.log_id AND c.desk_id = d.desk_id
    ), 0) AS BIGINT) AS held_minor,
    d.registered_position,
    d.last_position,
    to_char(to_timestamp(d.updated_at_us / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') COLLATE "C" AS updated_at
FROM desks AS d;

-- Their books by day: opening + advanced = paid + handed back + held.
CREATE VIEW report_desk_days AS
SELECT
    c.log_id,
    encode(c.desk_id, 'hex')::uuid::text COLLATE "C" AS desk_id,
    d.code,
    d.unit_key,
    c.day,
    CAST(SUM(c.advanced_minor - c.paid_minor - c.handed_back_minor) OVER upto AS BIGINT)
        - c.advanced_minor + c.paid_minor + c.handed_back_minor AS opening_minor,
    c.advanced_minor,
    c.paid_minor,
    c.paid_count AS paid_payments,
    c.handed_back_minor,
    c.unclaimed_minor,
    c.unclaimed_count AS unclaimed_payments,
    CAST(SUM(c.advanced_minor - c.paid_minor - c.handed_back_minor) OVER upto AS BIGINT) AS held_minor,
    CASE WHEN c.day <= d.liquidated_to THEN 1::bigint ELSE 0 END AS liquidated
FROM desk_days AS c
JOIN desks AS d ON d.log_id = c.log_id AND d.desk_id = c.desk_id
WINDOW upto AS (PARTITION BY c.log_id, c.desk_id ORDER BY c.day);
