-- BETWEEN and ORDER BY: of the indexes only the right one gives this order, so that it is taken whatever the planner believes.
SELECT found.*
FROM unnest($2::bytea[]) AS asked (key)
CROSS JOIN LATERAL (
    SELECT
        d.desk_id, d.day, d.advanced_minor, d.paid_minor, d.paid_count, d.handed_back_minor,
        d.unclaimed_minor, d.unclaimed_count
    FROM desk_days AS d
    WHERE d.log_id = $1 AND d.desk_id BETWEEN asked.key AND asked.key
    ORDER BY d.desk_id, d.day
) AS found
