WITH asked AS (
    SELECT column1 AS number, column2 AS stream_id
    FROM (
        VALUES (0, $1)
    ) AS given
    WHERE column2 IS NOT NULL
)
SELECT number, revision
FROM (
    SELECT
        asked.number,
        (
            SELECT e.revision
            FROM events AS e
            WHERE e.log_id = $2 AND e.stream_id = asked.stream_id
            ORDER BY e.revision DESC
            LIMIT 1
        ) AS revision
    FROM asked
) AS found
WHERE revision IS NOT NULL
