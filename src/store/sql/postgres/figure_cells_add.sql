-- BETWEEN and ORDER BY: of the indexes only the right one gives this order, so that it is taken whatever the planner believes.
-- The rows are found by one search in the index for each key, and changed where they lie: a plain join may walk the whole log when the
-- planner takes the table for small. Nobody else writes to them meanwhile.
UPDATE figure_cells AS c SET count = c.count + given.count, amount_minor = c.amount_minor + given.amount_minor
FROM unnest($2::bigint[], $3::bigint[], $4::bigint[]) AS given (cell_id, count, amount_minor)
CROSS JOIN LATERAL (
    SELECT r.ctid
    FROM figure_cells AS r
    WHERE r.log_id = $1 AND r.cell_id BETWEEN given.cell_id AND given.cell_id
    ORDER BY r.cell_id
    LIMIT 1
) AS found
WHERE c.ctid = found.ctid
