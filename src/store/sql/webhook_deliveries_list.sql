-- The newest events first.
SELECT position, event_id, kind, state, tries, next_try_us, updated_at_us, answers
FROM webhook_deliveries
WHERE log_id = $1 AND webhook_id = $2 AND position < $3 AND state IN ($4, $5, $6)
ORDER BY position DESC
LIMIT $7
