-- $2: JSON array of ids in hex. All days of these desks.
SELECT
    d.desk_id, d.day, d.advanced_minor, d.paid_minor, d.paid_count, d.handed_back_minor, d.unclaimed_minor,
    d.unclaimed_count
FROM json_each($2) AS wanted
CROSS JOIN desk_days AS d
WHERE d.log_id = $1 AND d.desk_id = unhex(wanted.value)
