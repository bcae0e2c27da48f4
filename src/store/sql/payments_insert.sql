-- Rows in the order of the columns.
INSERT INTO payments (
    log_id, payment_id, reference, beneficiary_id, benefit_type, benefit_months, cycle, amount_minor, currency,
    unit_key, unit_code_as_received, urban, kind, state, held, attempt, channel, agent, bank, first_channel,
    first_agent, first_bank, end_to_end_id, due_on, settled_on, returned_on, outcome, payee, collected_by,
    past_attempts, revision, instructed_position, last_position, instructed_at_us, updated_at_us, contradicted
)
SELECT
    $1, column1, column2, column3, column4, column5, column6, column7, column8, column9, column10, column11, column12,
    column13, column14, column15, column16, column17, column18, column19, column20, column21, column22, column23, column24,
    column25, column26, column27, column28, column29, column30, column31, column32, column33, column34, column35
FROM (
    VALUES ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
        $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36)
) AS given
WHERE column1 IS NOT NULL
