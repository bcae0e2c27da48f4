-- Each line marked as a filter is left out when its filter is not set. $6: after this position; $7: at most so many.
SELECT
    list_id, cycle, channel, agent, currency, origin, previous, prepared_by, stage, item_count, sum_minor, left_out,
    units, banks, blocking, approved_by, answer, advanced_minor, paid_items, paid_minor, unpaid_items, unpaid_minor,
    handed_back_minor, revision, opened_position, last_position, opened_at_us, updated_at_us
FROM lists
WHERE log_id = $1
    AND cycle = $2 -- filter: cycle
    AND stage = $3 -- filter: stage
    AND channel = $4 -- filter: channel
    AND agent = $5 -- filter: agent
    AND opened_position > $6
ORDER BY opened_position
LIMIT $7
