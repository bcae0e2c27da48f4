-- Items with where their attempt stands; no status while the payment's row is not there yet. $3: from this place; $4: at most so many.
SELECT
    i.list_id, i.place, i.payment_id, i.attempt, i.beneficiary_id, i.benefit_type, i.unit_key, i.bank,
    i.amount_minor, i.removed,
    p.reference,
    CASE WHEN p.attempt = i.attempt THEN p.state ELSE p.past_attempts::json #>> ARRAY[(i.attempt - 1)::text, 'outcome', 'kind'] END AS status
FROM list_items AS i
LEFT JOIN payments AS p ON p.log_id = i.log_id AND p.payment_id = i.payment_id
WHERE i.log_id = $1 AND i.list_id = $2 AND i.place >= $3
ORDER BY i.place
LIMIT $4
