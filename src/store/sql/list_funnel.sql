-- How many items stand where, with what they add up to.
SELECT status, CAST(COUNT(*) AS BIGINT) AS items, CAST(SUM(amount_minor) AS BIGINT) AS sum_minor
FROM (
    SELECT
        i.amount_minor,
        CASE WHEN p.attempt = i.attempt THEN p.state ELSE p.past_attempts ->> ('$[' || (i.attempt - 1) || '].outcome.kind') END AS status
    FROM list_items AS i
    LEFT JOIN payments AS p ON p.log_id = i.log_id AND p.payment_id = i.payment_id
    WHERE i.log_id = $1 AND i.list_id = $2 AND i.removed IS NULL
) AS standing
GROUP BY status
ORDER BY status
