SELECT asked.number - 1, found.stream_id
FROM unnest($2::text[], $3::bytea[]) WITH ORDINALITY AS asked (kind, key, number)
CROSS JOIN LATERAL (
    SELECT c.stream_id
    FROM claims AS c
    WHERE c.log_id = $1 AND c.kind = asked.kind AND c.key = asked.key
    LIMIT 1
) AS found
