INSERT INTO audit_entries (
    log_id, position, recorded_at_us, kind, actor, operation, code, object, purpose, count, about
)
SELECT $1, given.*
FROM unnest(
    $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::bigint[],
    $11::text[]
) AS given
