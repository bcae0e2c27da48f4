-- Walks them all: there are as many as people who signed in today.
DELETE FROM sessions WHERE log_id = $1 AND (created_at_us < $2 OR seen_at_us < $3)
