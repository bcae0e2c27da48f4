-- How many deliveries wait, and how many endpoints take nothing.
SELECT
    (SELECT CAST(COUNT(*) AS BIGINT) FROM webhook_deliveries AS d WHERE d.log_id = $1 AND d.state = 'pending'),
    (SELECT CAST(COUNT(*) AS BIGINT) FROM webhook_places AS p WHERE p.log_id = $1 AND p.failing_since_us IS NOT NULL)
