-- Each line marked as a filter is left out when its filter is not set. $2 units, $4 kinds; $5, $6: after this position, up to that one.
SELECT kind, cycle, unit_key, COUNT(*) AS count, CAST(SUM(amount_minor) AS BIGINT) AS amount_minor
FROM payment_changes
WHERE log_id = $1
    AND unit_key = ANY($2::text[]) -- filter: units
    AND cycle = $3 -- filter: cycle
    AND kind = ANY($4::text[]) -- filter: kinds
    AND position > $5
    AND position <= $6
GROUP BY kind, cycle, unit_key
