-- One row for all: the numbers of the keys that are held, and who holds them, as two JSON arrays in one order. The key's kind is $3.
SELECT json_group_array(column1), json_group_array(c.stream_id)
FROM (
    VALUES (0, $1)
) AS asked
CROSS JOIN claims AS c
WHERE c.log_id = $2 AND c.kind = $3 AND c.key = column2
