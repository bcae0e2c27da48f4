-- The numbers of those runs of keys, from the first to the last, between whose ends any key is held. Their kind comes last.
SELECT column1
FROM (
    VALUES (0, $1, $2)
) AS asked
WHERE column2 IS NOT NULL AND EXISTS (
    SELECT 1 FROM claims AS c WHERE c.log_id = $3 AND c.kind = $4 AND c.key BETWEEN column2 AND column3
)
