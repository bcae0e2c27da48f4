-- The rows are found by one search in the index for each key, and changed where they lie: a plain join may walk the whole log when the
-- planner takes the table for small. Nobody else writes to them meanwhile. An item comes off once.
UPDATE list_items AS l SET removed = given.removed
FROM unnest($2::bytea[], $3::bytea[], $4::text[]) AS given (list_id, payment_id, removed)
CROSS JOIN LATERAL (
    SELECT r.ctid
    FROM list_items AS r
    WHERE r.log_id = $1 AND r.payment_id BETWEEN given.payment_id AND given.payment_id AND r.list_id = given.list_id
        AND r.removed IS NULL
    ORDER BY r.payment_id
    LIMIT 1
) AS found
WHERE l.ctid = found.ctid
