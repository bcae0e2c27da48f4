SELECT webhook_id, position, event_id, kind, state, tries, next_try_us, updated_at_us, answers
FROM webhook_deliveries
WHERE log_id = $1
ORDER BY webhook_id, position
