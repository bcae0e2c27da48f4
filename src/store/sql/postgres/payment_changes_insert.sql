INSERT INTO payment_changes (log_id, position, recorded_at_us, kind, payment_id, cycle, unit_key, benefit_type, channel, amount_minor)
SELECT $1, given.*
FROM unnest(
    $2::bigint[], $3::bigint[], $4::text[], $5::bytea[], $6::text[], $7::text[], $8::text[], $9::text[], $10::bigint[]
) AS given
