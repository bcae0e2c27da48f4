-- What everybody counted as at a position, now or before. The line marked as a filter is left out when it is not set. $3: JSON array.
SELECT
    s.unit_key, s.channel, s.identity_status, CAST(COUNT(*) AS BIGINT) AS people,
    CAST(SUM(CASE WHEN EXISTS (
        SELECT 1
        FROM identity_refusals AS i
        WHERE i.log_id = $1 AND i.beneficiary_id = s.beneficiary_id AND i.position <= $2
    ) THEN 1 ELSE 0 END) AS BIGINT) AS refused
FROM (
    SELECT b.beneficiary_id, b.unit_key, b.channel, b.identity_status
    FROM beneficiaries AS b
    WHERE b.log_id = $1 AND b.counts = 1 AND b.counted_position <= $2
    UNION ALL
    SELECT a.beneficiary_id, a.unit_key, a.channel, a.identity_status
    FROM beneficiary_past AS a
    WHERE a.log_id = $1 AND a.counts = 1 AND a.from_position <= $2 AND a.to_position > $2
) AS s
WHERE EXISTS (SELECT 1 FROM payments AS p WHERE p.log_id = $1 AND p.beneficiary_id = s.beneficiary_id AND p.instructed_position <= $2 AND p.benefit_type IN (SELECT value FROM json_each($3))) -- filter: benefit_types
GROUP BY s.unit_key, s.channel, s.identity_status
ORDER BY s.unit_key, s.channel, s.identity_status
