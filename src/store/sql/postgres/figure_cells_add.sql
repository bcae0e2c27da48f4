UPDATE figure_cells AS c SET count = c.count + given.count, amount_minor = c.amount_minor + given.amount_minor
FROM unnest($2::bigint[], $3::bigint[], $4::bigint[]) AS given (cell_id, count, amount_minor)
WHERE c.log_id = $1 AND c.cell_id = given.cell_id
