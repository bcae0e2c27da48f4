-- That a report contradicts the order, apart from why the attempt is held: the one ends without the other.
DROP VIEW report_payments;
DROP VIEW report_settlement;
ALTER TABLE payments ADD COLUMN contradicted INTEGER NOT NULL DEFAULT 0;
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

-- Their columns stay as they are: held is whatever waits for a person.
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
    CASE WHEN p.held IS NULL AND p.contradicted = 0 THEN 0 ELSE 1 END AS held,
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

CREATE VIEW report_settlement AS
SELECT
    p.log_id,
    p.cycle,
    p.unit_key,
    p.benefit_type,
    p.channel,
    p.state AS status,
    COUNT(*) AS payments,
    SUM(p.amount_minor) AS amount_minor,
    SUM(CASE WHEN p.held IS NULL AND p.contradicted = 0 THEN 0 ELSE 1 END) AS payments_held,
    (SELECT c.position FROM projections AS c WHERE c.log_id = p.log_id AND c.name = 'payments') AS as_of_position
FROM payments AS p
GROUP BY p.log_id, p.cycle, p.unit_key, p.benefit_type, p.channel, p.state;
