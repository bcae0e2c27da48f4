INSERT INTO list_left_out (
    log_id, list_id, place, beneficiary_id, benefit_type, unit_key, amount_minor, reason, note
)
SELECT $1, given.*
FROM unnest(
    $2::bytea[], $3::bigint[], $4::bytea[], $5::text[], $6::text[], $7::bigint[], $8::text[], $9::text[]
) AS given
