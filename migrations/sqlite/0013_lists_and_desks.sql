-- What a list's check asks of earlier cycles: the few payments of which an attempt came to nothing, by cycle. Partial, so that a payment
-- without trouble never touches it.
CREATE INDEX payments_troubled ON payments (log_id, cycle, instructed_position)
    WHERE (outcome IS NOT NULL OR past_attempts IS NOT NULL);

-- What the planner believes of it, as for the others.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('payments', 'payments_troubled', '20000 20000 1000 1');

-- Cash desks for people with SQL tools.
CREATE VIEW report_desks AS
SELECT
    d.log_id,
    lower(substr(hex(d.desk_id), 1, 8) || '-' || substr(hex(d.desk_id), 9, 4) || '-' || substr(hex(d.desk_id), 13, 4)
        || '-' || substr(hex(d.desk_id), 17, 4) || '-' || substr(hex(d.desk_id), 21)) AS desk_id,
    d.code,
    d.kind,
    d.unit_key,
    d.agent,
    d.liquidated_to,
    CAST(COALESCE((
        SELECT SUM(c.advanced_minor - c.paid_minor - c.handed_back_minor)
        FROM desk_days AS c
        WHERE c.log_id = d.log_id AND c.desk_id = d.desk_id
    ), 0) AS BIGINT) AS held_minor,
    d.registered_position,
    d.last_position,
    strftime('%Y-%m-%dT%H:%M:%SZ', d.updated_at_us / 1000000, 'unixepoch') AS updated_at
FROM desks AS d;

-- Their books by day: opening + advanced = paid + handed back + held.
CREATE VIEW report_desk_days AS
SELECT
    c.log_id,
    lower(substr(hex(c.desk_id), 1, 8) || '-' || substr(hex(c.desk_id), 9, 4) || '-' || substr(hex(c.desk_id), 13, 4)
        || '-' || substr(hex(c.desk_id), 17, 4) || '-' || substr(hex(c.desk_id), 21)) AS desk_id,
    d.code,
    d.unit_key,
    c.day,
    CAST(SUM(c.advanced_minor - c.paid_minor - c.handed_back_minor) OVER upto AS BIGINT)
        - c.advanced_minor + c.paid_minor + c.handed_back_minor AS opening_minor,
    c.advanced_minor,
    c.paid_minor,
    c.paid_count AS paid_payments,
    c.handed_back_minor,
    c.unclaimed_minor,
    c.unclaimed_count AS unclaimed_payments,
    CAST(SUM(c.advanced_minor - c.paid_minor - c.handed_back_minor) OVER upto AS BIGINT) AS held_minor,
    CASE WHEN c.day <= d.liquidated_to THEN 1 ELSE 0 END AS liquidated
FROM desk_days AS c
JOIN desks AS d ON d.log_id = c.log_id AND d.desk_id = c.desk_id
WINDOW upto AS (PARTITION BY c.log_id, c.desk_id ORDER BY c.day);
