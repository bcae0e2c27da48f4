INSERT INTO webhook_deliveries (
    log_id, webhook_id, position, event_id, kind, state, tries, next_try_us, updated_at_us, answers
)
SELECT $1, given.*
FROM unnest(
    $2::bytea[], $3::bigint[], $4::bytea[], $5::text[], $6::text[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bytea[]
) AS given
