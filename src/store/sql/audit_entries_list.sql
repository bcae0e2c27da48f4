-- Lines marked as filters are left out when they are not set. $7: before this position; $8: at most so many.
SELECT position, recorded_at_us, kind, actor, operation, code, object, purpose, count, about
FROM audit_entries
WHERE log_id = $1
    AND recorded_at_us >= $2 -- filter: from
    AND recorded_at_us < $3 -- filter: until
    AND kind = $4 -- filter: kind
    AND actor = $5 -- filter: actor
    AND operation = $6 -- filter: operation
    AND position < $7
ORDER BY position DESC
LIMIT $8
