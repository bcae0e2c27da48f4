-- $2: JSON array of rows.
INSERT INTO audit_entries (
    log_id, position, recorded_at_us, kind, actor, operation, code, object, purpose, count, about
)
SELECT
    $1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
    value ->> 8, value ->> 9
FROM jsonb_each($2)
