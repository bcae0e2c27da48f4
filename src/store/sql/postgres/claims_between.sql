-- The numbers of those runs of keys, from the first to the last, between whose ends any key is held. Their kind is $4.
SELECT asked.number - 1
FROM unnest($2::bytea[], $3::bytea[]) WITH ORDINALITY AS asked (first_key, last_key, number)
CROSS JOIN LATERAL (
    SELECT 1
    FROM claims AS c
    WHERE c.log_id = $1 AND c.kind = $4 AND c.key BETWEEN asked.first_key AND asked.last_key
    ORDER BY c.key
    LIMIT 1
) AS found
