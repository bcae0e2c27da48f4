-- What people with SQL tools may rely on: documented in docs/sql.md, column by column, while tables may change with any release.
-- Ids are lower-case text, instants are UTC text, days are YYYY-MM-DD, yes and no are 1 and 0: the same on every engine.
-- No names, numbers or accounts, which are not in these tables, and no free text that a person typed.

-- Grows when a column changes its meaning or goes; new columns and views do not change it.
CREATE VIEW report_version AS
SELECT 1 AS version;

-- Payments as they stand.
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
    p.supplement,
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
    strftime('%Y-%m-%dT%H:%M:%SZ', p.updated_at_us / 1000000, 'unixepoch') AS updated_at
FROM payments AS p;

-- Every attempt of every payment. Days are kept of the latest one only; those of attempts before it are in the events.
CREATE VIEW report_attempts AS
SELECT
    a.log_id,
    lower(substr(hex(a.payment_id), 1, 8) || '-' || substr(hex(a.payment_id), 9, 4) || '-' || substr(hex(a.payment_id), 13, 4)
        || '-' || substr(hex(a.payment_id), 17, 4) || '-' || substr(hex(a.payment_id), 21)) AS payment_id,
    a.attempt,
    a.end_to_end_id,
    CASE WHEN a.attempt = p.attempt THEN 1 ELSE 0 END AS latest,
    p.cycle,
    p.unit_key,
    p.benefit_type,
    p.amount_minor,
    p.currency,
    CASE WHEN a.attempt = p.attempt THEN p.channel ELSE p.past_attempts ->> ('$[' || (a.attempt - 1) || '].channel') END AS channel,
    CASE WHEN a.attempt = p.attempt THEN p.agent ELSE p.past_attempts ->> ('$[' || (a.attempt - 1) || '].agent') END AS agent,
    CASE WHEN a.attempt = p.attempt THEN p.bank ELSE p.past_attempts ->> ('$[' || (a.attempt - 1) || '].bank') END AS bank,
    CASE
        WHEN a.attempt = p.attempt THEN p.state
        ELSE p.past_attempts ->> ('$[' || (a.attempt - 1) || '].outcome.kind')
    END AS status,
    CASE WHEN a.attempt = p.attempt THEN p.due_on END AS due_on,
    CASE WHEN a.attempt = p.attempt THEN p.settled_on END AS settled_on,
    CASE WHEN a.attempt = p.attempt THEN p.returned_on END AS returned_on,
    CASE
        WHEN a.attempt = p.attempt THEN p.outcome ->> 'system'
        ELSE p.past_attempts ->> ('$[' || (a.attempt - 1) || '].outcome.system')
    END AS reason_system,
    CASE
        WHEN a.attempt = p.attempt THEN p.outcome ->> 'code'
        ELSE p.past_attempts ->> ('$[' || (a.attempt - 1) || '].outcome.code')
    END AS reason_code,
    CASE
        WHEN a.attempt = p.attempt THEN p.outcome ->> 'class'
        ELSE p.past_attempts ->> ('$[' || (a.attempt - 1) || '].outcome.class')
    END AS reason_class
FROM payment_attempts AS a
INNER JOIN payments AS p ON p.log_id = a.log_id AND p.payment_id = a.payment_id;

-- People by their pseudonym.
CREATE VIEW report_beneficiaries AS
SELECT
    b.log_id,
    lower(substr(hex(b.beneficiary_id), 1, 8) || '-' || substr(hex(b.beneficiary_id), 9, 4) || '-'
        || substr(hex(b.beneficiary_id), 13, 4) || '-' || substr(hex(b.beneficiary_id), 17, 4) || '-'
        || substr(hex(b.beneficiary_id), 21)) AS beneficiary_id,
    b.unit_key,
    b.birth_decade,
    b.sex,
    b.died_on,
    b.registered_position,
    b.last_position,
    strftime('%Y-%m-%dT%H:%M:%SZ', b.updated_at_us / 1000000, 'unixepoch') AS updated_at
FROM beneficiaries AS b;

-- How far cashless payment has come, in cells. A person counts once in each cell, so that people do not add up over units, benefits or
-- cycles; amounts and payments do.
CREATE VIEW report_adoption AS
WITH people AS (
    SELECT
        log_id,
        cycle,
        unit_key,
        benefit_type,
        MIN(cashless) AS all_cashless,
        MAX(cashless) AS any_cashless,
        COUNT(*) AS payments,
        SUM(cashless) AS payments_cashless,
        SUM(amount_minor) AS amount_minor,
        SUM(cashless * amount_minor) AS amount_cashless_minor
    FROM live_payments
    WHERE valid_to_position IS NULL
    GROUP BY log_id, cycle, unit_key, benefit_type, beneficiary_id
),
live AS (
    SELECT
        log_id,
        cycle,
        unit_key,
        benefit_type,
        SUM(all_cashless) AS people_cashless,
        SUM(any_cashless - all_cashless) AS people_mixed,
        COUNT(*) AS people,
        SUM(amount_cashless_minor) AS amount_cashless_minor,
        SUM(amount_minor) AS amount_minor,
        SUM(payments_cashless) AS payments_cashless,
        SUM(payments) AS payments
    FROM people
    GROUP BY log_id, cycle, unit_key, benefit_type
),
orders AS (
    SELECT
        log_id,
        cycle,
        unit_key,
        benefit_type,
        COUNT(*) AS payments_instructed,
        SUM(CASE WHEN state IN ('instructed', 'accepted') THEN 0 ELSE 1 END) AS payments_closed
    FROM payments
    GROUP BY log_id, cycle, unit_key, benefit_type
)
SELECT
    o.log_id,
    o.cycle,
    o.unit_key,
    o.benefit_type,
    COALESCE(l.people_cashless, 0) AS people_cashless,
    COALESCE(l.people_mixed, 0) AS people_mixed,
    COALESCE(l.people, 0) AS people,
    COALESCE(l.amount_cashless_minor, 0) AS amount_cashless_minor,
    COALESCE(l.amount_minor, 0) AS amount_minor,
    COALESCE(l.payments_cashless, 0) AS payments_cashless,
    COALESCE(l.payments, 0) AS payments,
    o.payments_closed,
    o.payments_instructed,
    (SELECT c.position FROM projections AS c WHERE c.log_id = o.log_id AND c.name = 'payments') AS as_of_position
FROM orders AS o
LEFT JOIN live AS l
    ON l.log_id = o.log_id AND l.cycle = o.cycle AND l.unit_key = o.unit_key AND l.benefit_type = o.benefit_type;

-- Where payments stand, in cells: the funnel from the order to the money in hand.
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
    SUM(CASE WHEN p.held IS NULL THEN 0 ELSE 1 END) AS payments_held,
    (SELECT c.position FROM projections AS c WHERE c.log_id = p.log_id AND c.name = 'payments') AS as_of_position
FROM payments AS p
GROUP BY p.log_id, p.cycle, p.unit_key, p.benefit_type, p.channel, p.state;
