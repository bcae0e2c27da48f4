SELECT found.end_to_end_id, found.payment_id, found.attempt
FROM unnest($2::text[]) AS asked (end_to_end_id)
CROSS JOIN LATERAL (
    SELECT a.end_to_end_id, a.payment_id, a.attempt
    FROM payment_attempts AS a
    WHERE a.log_id = $1 AND a.end_to_end_id = asked.end_to_end_id
    OFFSET 0
) AS found
