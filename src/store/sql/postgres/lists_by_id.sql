-- BETWEEN and ORDER BY: of the indexes only the right one gives this order, so that it is taken whatever the planner believes.
SELECT found.*
FROM unnest($2::bytea[]) AS asked (key)
CROSS JOIN LATERAL (
    SELECT
        l.list_id, l.cycle, l.channel, l.agent, l.currency, l.origin, l.previous, l.prepared_by, l.stage,
        l.item_count, l.sum_minor, l.left_out, l.units, l.banks, l.blocking, l.approved_by, l.answer,
        l.advanced_minor, l.paid_items, l.paid_minor, l.unpaid_items, l.unpaid_minor, l.handed_back_minor,
        l.revision, l.opened_position, l.last_position, l.opened_at_us, l.updated_at_us
    FROM lists AS l
    WHERE l.log_id = $1 AND l.list_id BETWEEN asked.key AND asked.key
    ORDER BY l.list_id
    LIMIT 1
) AS found
