-- That a report contradicts the order, apart from why the attempt is held: the one ends without the other.
ALTER TABLE payments ADD COLUMN contradicted BIGINT NOT NULL DEFAULT 0;
-- A hold stands longer than it did: the rows are built again.
DELETE FROM projections WHERE name = 'payments';
DELETE FROM payments;
DELETE FROM payment_attempts;
DELETE FROM live_payments;
DELETE FROM figure_cells;
DELETE FROM figure_days;
DELETE FROM figure_blocks;
DELETE FROM business_days;

-- Who must act today, as before: a contradicted payment waits too.
DROP INDEX payments_in_trouble;
CREATE INDEX payments_in_trouble ON payments (log_id, instructed_position)
    WHERE (state IN ('rejected', 'failed', 'returned') OR held IS NOT NULL OR contradicted = 1);

-- Their columns stay as they are, and so do grants: held is whatever waits for a person.
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
    CASE WHEN p.held IS NULL AND p.contradicted = 0 THEN 0::bigint ELSE 1 END AS held,
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

CREATE OR REPLACE VIEW report_settlement AS
SELECT
    p.log_id,
    p.cycle,
    p.unit_key,
    p.benefit_type,
    p.channel,
    p.state AS status,
    COUNT(*) AS payments,
    SUM(p.amount_minor)::bigint AS amount_minor,
    SUM(CASE WHEN p.held IS NULL AND p.contradicted = 0 THEN 0 ELSE 1 END) AS payments_held,
    (SELECT c.position FROM projections AS c WHERE c.log_id = p.log_id AND c.name = 'payments') AS as_of_position
FROM payments AS p
GROUP BY p.log_id, p.cycle, p.unit_key, p.benefit_type, p.channel, p.state;
