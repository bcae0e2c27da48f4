-- What each unit's payments of a cycle say: how many, how many are open, since when one is due, and when the last was heard of.
SELECT
    unit_key, COUNT(*) AS payments,
    CAST(SUM(CASE WHEN state IN ('instructed', 'accepted') THEN 1 ELSE 0 END) AS BIGINT) AS open,
    MIN(CASE WHEN state IN ('instructed', 'accepted') THEN due_on END) AS first_open_due,
    MAX(updated_at_us) AS last_us
FROM payments
WHERE log_id = $1 AND cycle = $2
GROUP BY unit_key
ORDER BY unit_key
