INSERT INTO list_items (
    log_id, list_id, place, payment_id, attempt, beneficiary_id, benefit_type, unit_key, bank, amount_minor, removed
)
SELECT $1, given.*
FROM unnest(
    $2::bytea[], $3::bigint[], $4::bytea[], $5::bigint[], $6::bytea[], $7::text[], $8::text[], $9::text[],
    $10::bigint[], $11::text[]
) AS given
