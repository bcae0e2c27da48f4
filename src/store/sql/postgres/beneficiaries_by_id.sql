SELECT found.*
FROM unnest($2::bytea[]) AS asked (key)
CROSS JOIN LATERAL (
    SELECT
        b.beneficiary_id, b.unit_key, b.units, b.methods, b.died_on, b.birth_decade, b.sex, b.revision,
        b.registered_position, b.last_position, b.updated_at_us
    FROM beneficiaries AS b
    WHERE b.log_id = $1 AND b.beneficiary_id = asked.key
    OFFSET 0
) AS found
