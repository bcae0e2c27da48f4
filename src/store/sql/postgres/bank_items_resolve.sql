-- Found by one search in the index for each key, and changed where they lie: nobody else writes to them meanwhile.
UPDATE bank_items AS i SET resolved = 1
FROM unnest($2::bytea[], $3::bigint[]) AS given (inbox_id, item)
CROSS JOIN LATERAL (
    SELECT r.ctid
    FROM bank_items AS r
    WHERE r.log_id = $1 AND r.inbox_id BETWEEN given.inbox_id AND given.inbox_id AND r.item = given.item
    ORDER BY r.inbox_id
    LIMIT 1
) AS found
WHERE i.ctid = found.ctid
