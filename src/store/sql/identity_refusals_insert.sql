-- $2: JSON array of rows.
INSERT INTO identity_refusals (log_id, beneficiary_id, position)
SELECT $1, unhex(value ->> 0), value ->> 1
FROM jsonb_each($2)
