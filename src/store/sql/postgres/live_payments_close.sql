UPDATE live_payments AS l SET valid_to_position = given.valid_to_position
FROM unnest($2::text[], $3::bytea[], $4::bytea[], $5::bigint[], $6::bigint[]) AS given (
    cycle, beneficiary_id, payment_id, valid_from_position, valid_to_position
)
WHERE l.log_id = $1 AND l.cycle = given.cycle AND l.beneficiary_id = given.beneficiary_id AND l.payment_id = given.payment_id
    AND l.valid_from_position = given.valid_from_position
