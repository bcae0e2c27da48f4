SELECT position, recorded_at_us, kind, actor, operation, code, object, purpose, count, about
FROM audit_entries
WHERE log_id = $1
ORDER BY position
