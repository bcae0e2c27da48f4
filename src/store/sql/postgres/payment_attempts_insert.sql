INSERT INTO payment_attempts (
    log_id, end_to_end_id, payment_id, attempt
)
SELECT $1, given.*
FROM unnest(
    $2::text[], $3::bytea[], $4::bigint[]
) AS given
