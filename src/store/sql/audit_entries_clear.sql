DELETE FROM audit_entries WHERE log_id = $1
