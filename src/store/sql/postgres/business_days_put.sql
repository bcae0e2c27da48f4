INSERT INTO business_days (
    log_id, day, first_position, last_position
)
SELECT $1, given.*
FROM unnest(
    $2::text[], $3::bigint[], $4::bigint[]
) AS given
ON CONFLICT (log_id, day) DO UPDATE SET last_position = excluded.last_position
