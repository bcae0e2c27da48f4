INSERT INTO audit_notes (log_id, note_id, noted_at_us, data)
SELECT $1, given.*
FROM unnest($2::bytea[], $3::bigint[], $4::bytea[]) AS given
