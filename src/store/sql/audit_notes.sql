SELECT note_id, noted_at_us, data
FROM audit_notes
WHERE log_id = $1
ORDER BY noted_at_us, note_id
LIMIT $2
