-- $2: JSON array of ids in hex.
SELECT
    b.beneficiary_id, b.unit_key, b.units, b.methods, b.died_on, b.birth_decade, b.sex, b.revision,
    b.registered_position, b.last_position, b.updated_at_us
FROM json_each($2) AS wanted
CROSS JOIN beneficiaries AS b
WHERE b.log_id = $1 AND b.beneficiary_id = unhex(wanted.value)
