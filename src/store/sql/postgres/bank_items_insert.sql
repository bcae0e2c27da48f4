INSERT INTO bank_items (log_id, inbox_id, item, place, bank, cause, payment_id, unit_key, since_us, resolved)
SELECT $1, given.*
FROM unnest(
    $2::bytea[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[],
    $10::bigint[]
) AS given
