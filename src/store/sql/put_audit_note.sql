INSERT INTO audit_notes (log_id, note_id, noted_at_us, data)
VALUES ($1, $2, $3, $4)
ON CONFLICT (log_id, note_id) DO NOTHING
