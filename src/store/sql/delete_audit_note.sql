DELETE FROM audit_notes WHERE log_id = $1 AND note_id = $2
