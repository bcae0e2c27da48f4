INSERT INTO beneficiary_past (
    log_id, beneficiary_id, from_position, to_position, unit_key, channel, identity_status, counts
)
SELECT $1, given.*
FROM unnest($2::bytea[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::bigint[]) AS given
