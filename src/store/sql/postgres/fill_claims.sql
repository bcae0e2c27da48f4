INSERT INTO claims (log_id, kind, key, stream_id)
SELECT $1, given.*
FROM unnest($2::text[], $3::bytea[], $4::text[]) AS given
