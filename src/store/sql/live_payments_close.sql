-- $2: JSON array of [cycle, beneficiary, payment, from, to].
UPDATE live_payments SET valid_to_position = v.value ->> 4
FROM jsonb_each($2) AS v
WHERE log_id = $1 AND cycle = v.value ->> 0 AND beneficiary_id = unhex(v.value ->> 1) AND payment_id = unhex(v.value ->> 2)
    AND valid_from_position = v.value ->> 3
