-- A line marked as a filter is left out when it is not set. $7: after this position; $8: at most so many.
SELECT
    beneficiary_id, unit_key, units, methods, died_on, birth_decade, sex, revision, registered_position,
    last_position, updated_at_us, more, counted_position
FROM beneficiaries
WHERE log_id = $1
    AND unit_key = ANY($2::text[]) -- filter: units
    AND channel = ANY($3::text[]) -- filter: channels
    AND to_look_into = 1 -- filter: identity
    AND identity_status = ANY($4::text[]) -- filter: identity
    AND authorised_until >= $5 -- filter: authorised
    AND authorised_until < $6 -- filter: authorised
    AND registered_position > $7
ORDER BY registered_position
LIMIT $8
