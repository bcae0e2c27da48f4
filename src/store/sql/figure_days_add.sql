-- $2: JSON array of [cell, day, count, amount].
INSERT INTO figure_days (log_id, cell_id, day, count, amount_minor)
SELECT $1, value ->> 0, value ->> 1, value ->> 2, value ->> 3
FROM jsonb_each($2)
WHERE true
ON CONFLICT (log_id, cell_id, day) DO UPDATE SET
    count = count + excluded.count, amount_minor = amount_minor + excluded.amount_minor
