SELECT
    desk_id, day, advanced_minor, paid_minor, paid_count, handed_back_minor, unclaimed_minor, unclaimed_count
FROM desk_days
WHERE log_id = $1
ORDER BY desk_id, day
