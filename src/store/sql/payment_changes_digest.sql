SELECT
    position, recorded_at_us, kind, payment_id, cycle, unit_key, benefit_type, channel, amount_minor
FROM payment_changes
WHERE log_id = $1
ORDER BY position
