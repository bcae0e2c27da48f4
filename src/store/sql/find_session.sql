SELECT key_id, created_at_us, seen_at_us FROM sessions WHERE log_id = $1 AND session_hash = $2
