SELECT note_id, noted_at_us, data
FROM audit_notes
WHERE log_id = $1
ORDER BY note_id
