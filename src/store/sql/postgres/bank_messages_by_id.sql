-- BETWEEN and ORDER BY: of the indexes only the right one gives this order, so that it is taken whatever the planner believes.
SELECT found.*
FROM unnest($2::bytea[]) AS asked (key)
CROSS JOIN LATERAL (
    SELECT
        m.inbox_id, m.bank, m.format, m.version, m.sha256, m.bytes, m.items, m.judged, m.applied, m.no_op,
        m.quarantined, m.waiting, m.received_at_us, m.statements, m.revision, m.received_position,
        m.last_position, m.updated_at_us
    FROM bank_messages AS m
    WHERE m.log_id = $1 AND m.inbox_id BETWEEN asked.key AND asked.key
    ORDER BY m.inbox_id
    LIMIT 1
) AS found
