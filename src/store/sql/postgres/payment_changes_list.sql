-- Each line marked as a filter is left out when its filter is not set. $2 units, $4 kinds; $5, $6: after this position, up to that one;
-- $7: at most so many.
SELECT position, recorded_at_us, kind, payment_id, cycle, unit_key, benefit_type, channel, amount_minor
FROM payment_changes
WHERE log_id = $1
    AND unit_key = ANY($2::text[]) -- filter: units
    AND cycle = $3 -- filter: cycle
    AND kind = ANY($4::text[]) -- filter: kinds
    AND position > $5
    AND position <= $6
ORDER BY position
LIMIT $7
