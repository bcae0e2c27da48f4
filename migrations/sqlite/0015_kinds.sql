-- What a payment pays of its months, in place of whether it stands beside the regular one: arrears and supplements are told apart.
DROP VIEW report_payments;
ALTER TABLE payments ADD COLUMN kind TEXT NOT NULL DEFAULT 'regular';
UPDATE payments SET kind = 'supplement' WHERE supplement = 1;
ALTER TABLE payments DROP COLUMN supplement;

-- The old column as before, the new one at the end.
CREATE VIEW report_payments AS
SELECT
    p.log_id,
    lower(substr(hex(p.payment_id), 1, 8) || '-' || substr(hex(p.payment_id), 9, 4) || '-' || substr(hex(p.payment_id), 13, 4)
        || '-' || substr(hex(p.payment_id), 17, 4) || '-' || substr(hex(p.payment_id), 21)) AS payment_id,
    p.reference AS payment_reference,
    lower(substr(hex(p.beneficiary_id), 1, 8) || '-' || substr(hex(p.beneficiary_id), 9, 4) || '-'
        || substr(hex(p.beneficiary_id), 13, 4) || '-' || substr(hex(p.beneficiary_id), 17, 4) || '-'
        || substr(hex(p.beneficiary_id), 21)) AS beneficiary_id,
    p.benefit_type,
    p.benefit_months,
    p.cycle,
    p.amount_minor,
    p.currency,
    p.unit_key,
    p.urban,
    CASE WHEN p.kind = 'regular' THEN 0 ELSE 1 END AS supplement,
    p.state AS status,
    CASE WHEN p.state = 'settled' THEN 1 ELSE 0 END AS live,
    CASE WHEN p.held IS NULL THEN 0 ELSE 1 END AS held,
    p.attempt,
    p.channel,
    p.agent,
    p.bank,
    p.first_channel,
    p.first_agent,
    p.first_bank,
    p.due_on,
    p.settled_on,
    p.returned_on,
    p.outcome ->> 'kind' AS reason_kind,
    p.outcome ->> 'system' AS reason_system,
    p.outcome ->> 'code' AS reason_code,
    p.outcome ->> 'class' AS reason_class,
    p.instructed_position,
    p.last_position,
    strftime('%Y-%m-%dT%H:%M:%SZ', p.instructed_at_us / 1000000, 'unixepoch') AS instructed_at,
    strftime('%Y-%m-%dT%H:%M:%SZ', p.updated_at_us / 1000000, 'unixepoch') AS updated_at,
    p.kind
FROM payments AS p;
