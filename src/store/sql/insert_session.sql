INSERT INTO sessions (log_id, session_hash, key_id, created_at_us, seen_at_us)
VALUES ($1, $2, $3, $4, $4)
