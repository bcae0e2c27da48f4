DELETE FROM sessions WHERE log_id = $1 AND session_hash = $2
