SELECT column1, c.stream_id
FROM (
    VALUES (0, $1, $2)
) AS asked
CROSS JOIN claims AS c
WHERE c.log_id = $3 AND c.kind = column2 AND c.key = column3
