-- $2: JSON array of ids in hex.
SELECT
    l.list_id, l.cycle, l.channel, l.agent, l.currency, l.origin, l.previous, l.prepared_by, l.stage, l.item_count,
    l.sum_minor, l.left_out, l.units, l.banks, l.blocking, l.approved_by, l.answer, l.advanced_minor, l.paid_items,
    l.paid_minor, l.unpaid_items, l.unpaid_minor, l.handed_back_minor, l.revision, l.opened_position,
    l.last_position, l.opened_at_us, l.updated_at_us
FROM json_each($2) AS wanted
CROSS JOIN lists AS l
WHERE l.log_id = $1 AND l.list_id = unhex(wanted.value)
