-- The rows are found by one search in the index for each key, and changed where they lie: a plain join may walk the whole log when the
-- planner takes the table for small. Nobody else writes to them meanwhile.
UPDATE live_payments AS l SET valid_to_position = given.valid_to_position
FROM unnest($2::text[], $3::bytea[], $4::bytea[], $5::bigint[], $6::bigint[]) AS given (
    cycle, beneficiary_id, payment_id, valid_from_position, valid_to_position
)
CROSS JOIN LATERAL (
    SELECT r.ctid
    FROM live_payments AS r
    WHERE r.log_id = $1 AND r.cycle = given.cycle AND r.beneficiary_id = given.beneficiary_id AND r.payment_id = given.payment_id
        AND r.valid_from_position = given.valid_from_position
    LIMIT 1
) AS found
WHERE l.ctid = found.ctid
