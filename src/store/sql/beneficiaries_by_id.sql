-- $2: JSON array of ids in hex. One row for all: each column is the found people's values, one a line, in one order. No value has a
-- line end in it: JSON text escapes them, and codes have none.
SELECT
    group_concat(hex(b.beneficiary_id), char(10)), group_concat(b.units, char(10)), group_concat(b.methods, char(10)),
    group_concat(ifnull(b.died_on, ''), char(10)), group_concat(ifnull(b.birth_decade, ''), char(10)),
    group_concat(ifnull(b.sex, ''), char(10)), group_concat(b.revision, char(10)),
    group_concat(b.registered_position, char(10)), group_concat(b.last_position, char(10)),
    group_concat(b.updated_at_us, char(10)), group_concat(ifnull(b.more, ''), char(10)),
    group_concat(b.counted_position, char(10))
FROM json_each($2) AS wanted
CROSS JOIN beneficiaries AS b
WHERE b.log_id = $1 AND b.beneficiary_id = unhex(wanted.value)
