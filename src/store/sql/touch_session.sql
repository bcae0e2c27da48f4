UPDATE sessions SET seen_at_us = $3 WHERE log_id = $1 AND session_hash = $2 AND seen_at_us < $3
