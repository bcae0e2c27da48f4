SELECT
    list_id, cycle, channel, agent, currency, origin, previous, prepared_by, stage, item_count, sum_minor, left_out,
    units, banks, blocking, approved_by, answer, advanced_minor, paid_items, paid_minor, unpaid_items, unpaid_minor,
    handed_back_minor, revision, opened_position, last_position, opened_at_us, updated_at_us
FROM lists
WHERE log_id = $1
ORDER BY list_id
