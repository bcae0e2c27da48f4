SELECT
    end_to_end_id, payment_id, attempt
FROM payment_attempts
WHERE log_id = $1
ORDER BY end_to_end_id
