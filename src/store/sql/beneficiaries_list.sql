-- $2: JSON array of units or NULL; $3: after this position; $4: at most so many.
SELECT
    beneficiary_id, unit_key, units, methods, died_on, birth_decade, sex, revision, registered_position,
    last_position, updated_at_us
FROM beneficiaries
WHERE log_id = $1 AND ($2 IS NULL OR unit_key IN (SELECT value FROM json_each($2))) AND registered_position > $3
ORDER BY registered_position
LIMIT $4
