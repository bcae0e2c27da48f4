INSERT INTO identity_refusals (log_id, beneficiary_id, position)
SELECT $1, given.*
FROM unnest($2::bytea[], $3::bigint[]) AS given
