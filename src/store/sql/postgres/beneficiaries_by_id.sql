-- BETWEEN and ORDER BY: of the indexes only the right one gives this order, so that it is taken whatever the planner believes.
SELECT found.*
FROM unnest($2::bytea[]) AS asked (key)
CROSS JOIN LATERAL (
    SELECT
        b.beneficiary_id, b.unit_key, b.units, b.methods, b.died_on, b.birth_decade, b.sex, b.revision,
        b.registered_position, b.last_position, b.updated_at_us, b.more, b.counted_position
    FROM beneficiaries AS b
    WHERE b.log_id = $1 AND b.beneficiary_id BETWEEN asked.key AND asked.key
    ORDER BY b.beneficiary_id
    LIMIT 1
) AS found
