INSERT INTO import_reports (
    log_id, import_id, actor, report
)
SELECT $1, column1, column2, column3
FROM (
    VALUES ($2, $3, $4)
) AS given
WHERE column1 IS NOT NULL
