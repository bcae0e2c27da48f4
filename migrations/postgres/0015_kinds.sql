-- What a payment pays of its months, in place of whether it stands beside the regular one: arrears and supplements are told apart.
ALTER TABLE payments ADD COLUMN kind TEXT COLLATE "C" NOT NULL DEFAULT 'regular';
UPDATE payments SET kind = 'supplement' WHERE supplement = 1;

-- The old column as before, the new one at the end, so that grants stay.
CREATE OR REPLACE VIEW report_payments AS
SELECT
    p.log_id,
    encode(p.payment_id, 'hex')::uuid::text COLLATE "C" AS payment_id,
    p.reference AS payment_reference,
    encode(p.beneficiary_id, 'hex')::uuid::text COLLATE "C" AS beneficiary_id,
    p.benefit_type,
    p.benefit_months,
    p.cycle,
    p.amount_minor,
    p.currency,
    p.unit_key,
    p.urban,
    CASE WHEN p.kind = 'regular' THEN 0::bigint ELSE 1::bigint END AS supplement,
    p.state AS status,
    CASE WHEN p.state = 'settled' THEN 1::bigint ELSE 0 END AS live,
    CASE WHEN p.held IS NULL THEN 0::bigint ELSE 1 END AS held,
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
    (p.outcome::json ->> 'kind') COLLATE "C" AS reason_kind,
    (p.outcome::json ->> 'system') COLLATE "C" AS reason_system,
    (p.outcome::json ->> 'code') COLLATE "C" AS reason_code,
    (p.outcome::json ->> 'class') COLLATE "C" AS reason_class,
    p.instructed_position,
    p.last_position,
    to_char(to_timestamp(p.instructed_at_us / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') COLLATE "C" AS instructed_at,
    to_char(to_timestamp(p.updated_at_us / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') COLLATE "C" AS updated_at,
    p.kind
FROM payments AS p;

ALTER TABLE payments DROP COLUMN supplement;
