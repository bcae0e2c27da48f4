-- A line marked as a filter is left out when it is not set. $2 to $4: JSON arrays; $7: after this position; $8: at most so many.
SELECT
    beneficiary_id, unit_key, units, methods, died_on, birth_decade, sex, revision, registered_position,
    last_position, updated_at_us, more, counted_position
FROM beneficiaries
WHERE log_id = $1
    AND unit_key IN (SELECT value FROM json_each($2)) -- filter: units
    AND channel IN (SELECT value FROM json_each($3)) -- filter: channels
    AND to_look_into = 1 -- filter: identity
    AND identity_status IN (SELECT value FROM json_each($4)) -- filter: identity
    AND authorised_until >= $5 -- filter: authorised
    AND authorised_until < $6 -- filter: authorised
    AND registered_position > $7
ORDER BY registered_position
LIMIT $8
