INSERT INTO checkpoints (log_id, size, signed_at_us, cosignatures, note)
SELECT $1, given.*
FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bytea[]) AS given
