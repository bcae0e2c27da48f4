-- $2: JSON array of ids. One row for all: each column is the found attempts' values, one a line, in one order.
SELECT
    group_concat(a.end_to_end_id, char(10)), group_concat(hex(a.payment_id), char(10)), group_concat(a.attempt, char(10))
FROM json_each($2) AS wanted
CROSS JOIN payment_attempts AS a
WHERE a.log_id = $1 AND a.end_to_end_id = wanted.value
