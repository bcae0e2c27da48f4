-- How many people counted alike at a position, now or before, out of an index by unit; then those whose payment was refused for who they
-- are, who are few. Each line marked as a filter is left out when it is not set. $3 and $4: JSON arrays.
SELECT s.unit_key, s.channel, s.identity_status, CAST(SUM(s.people) AS BIGINT), CAST(SUM(s.refused) AS BIGINT)
FROM (
    SELECT b.unit_key, b.channel, b.identity_status, COUNT(*) AS people, 0 AS refused
    FROM beneficiaries AS b
    WHERE b.log_id = $1 AND b.counts = 1 AND b.counted_position <= $2
        AND b.unit_key IN (SELECT value FROM json_each($4)) -- filter: units
        AND EXISTS (SELECT 1 FROM payments AS p WHERE p.log_id = $1 AND p.beneficiary_id = b.beneficiary_id AND p.instructed_position <= $2 AND p.benefit_type IN (SELECT value FROM json_each($3))) -- filter: benefit_types
    GROUP BY b.unit_key, b.channel, b.identity_status
    UNION ALL
    SELECT b.unit_key, b.channel, b.identity_status, COUNT(*) AS people, 0 AS refused
    FROM beneficiary_past AS b
    WHERE b.log_id = $1 AND b.counts = 1 AND b.from_position <= $2 AND b.to_position > $2
        AND b.unit_key IN (SELECT value FROM json_each($4)) -- filter: units
        AND EXISTS (SELECT 1 FROM payments AS p WHERE p.log_id = $1 AND p.beneficiary_id = b.beneficiary_id AND p.instructed_position <= $2 AND p.benefit_type IN (SELECT value FROM json_each($3))) -- filter: benefit_types
    GROUP BY b.unit_key, b.channel, b.identity_status
    UNION ALL
    SELECT b.unit_key, b.channel, b.identity_status, 0 AS people, COUNT(*) AS refused
    FROM (SELECT DISTINCT beneficiary_id FROM identity_refusals WHERE log_id = $1 AND position <= $2) AS i
    JOIN beneficiaries AS b ON b.log_id = $1 AND b.beneficiary_id = i.beneficiary_id
    WHERE b.counts = 1 AND b.counted_position <= $2
        AND b.unit_key IN (SELECT value FROM json_each($4)) -- filter: units
        AND EXISTS (SELECT 1 FROM payments AS p WHERE p.log_id = $1 AND p.beneficiary_id = b.beneficiary_id AND p.instructed_position <= $2 AND p.benefit_type IN (SELECT value FROM json_each($3))) -- filter: benefit_types
    GROUP BY b.unit_key, b.channel, b.identity_status
    UNION ALL
    SELECT b.unit_key, b.channel, b.identity_status, 0 AS people, COUNT(*) AS refused
    FROM (SELECT DISTINCT beneficiary_id FROM identity_refusals WHERE log_id = $1 AND position <= $2) AS i
    JOIN beneficiary_past AS b ON b.log_id = $1 AND b.beneficiary_id = i.beneficiary_id
    WHERE b.counts = 1 AND b.from_position <= $2 AND b.to_position > $2
        AND b.unit_key IN (SELECT value FROM json_each($4)) -- filter: units
        AND EXISTS (SELECT 1 FROM payments AS p WHERE p.log_id = $1 AND p.beneficiary_id = b.beneficiary_id AND p.instructed_position <= $2 AND p.benefit_type IN (SELECT value FROM json_each($3))) -- filter: benefit_types
    GROUP BY b.unit_key, b.channel, b.identity_status
) AS s
GROUP BY s.unit_key, s.channel, s.identity_status
ORDER BY s.unit_key, s.channel, s.identity_status
