-- $2: JSON array of [cell, count, amount].
UPDATE figure_cells SET count = count + (v.value ->> 1), amount_minor = amount_minor + (v.value ->> 2)
FROM jsonb_each($2) AS v
WHERE log_id = $1 AND cell_id = v.value ->> 0
