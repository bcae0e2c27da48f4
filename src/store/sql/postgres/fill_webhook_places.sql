INSERT INTO webhook_places (log_id, webhook_id, position, seen_revision, failing_since_us, version)
SELECT $1, given.*
FROM unnest($2::bytea[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[]) AS given
