-- LATERAL with ORDER BY and LIMIT: each stream is one search in the index that has its revisions in their order. Asked for with ANY and sorted
-- as a whole, the planner may walk the whole log in that order instead, since it believes that the limit ends the walk soon.
-- DISTINCT: a stream that is asked for twice is read once.
SELECT
    e.position, e.stream_id, e.revision, e.event_id, e.event_type, e.schema_version, e.recorded_at_us, e.data, e.metadata,
    e.leaf_hash
FROM (SELECT DISTINCT unnest($2::text[]) AS stream_id) AS asked
CROSS JOIN LATERAL (
    SELECT
        r.position, r.stream_id, r.revision, r.event_id, r.event_type, r.schema_version, r.recorded_at_us, r.data, r.metadata,
        r.leaf_hash
    FROM events AS r
    WHERE r.log_id = $1 AND r.stream_id = asked.stream_id
    ORDER BY r.revision
    LIMIT $3
) AS e
ORDER BY e.stream_id, e.revision
LIMIT $3
