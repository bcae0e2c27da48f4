-- A whole batch in one statement and one exchange, which commits by itself: if the head stands where it is assumed to ($2) and the
-- continued streams ($5) have the revisions ($6) that their writers saw. Otherwise nothing is written and no row comes back. What was
-- assumed to be new and is not is told by the tables' own keys, which refuse the statement as a whole. The arrays are taken apart where
-- their values are selected: as a table they would be copied once more before the first row.
WITH head AS (
    UPDATE log_head SET next_position = $3, last_recorded_at_us = $4
    WHERE log_id = $1
        AND next_position = $2
        AND cardinality($5::text[]) = (
            SELECT COUNT(*)
            FROM unnest($5::text[], $6::bigint[]) AS given (stream_id, revision)
            CROSS JOIN LATERAL (
                SELECT e.revision
                FROM events AS e
                WHERE e.log_id = $1 AND e.stream_id = given.stream_id AND e.revision BETWEEN given.revision AND given.revision
                ORDER BY e.revision
                LIMIT 1
            ) AS found
        )
    RETURNING next_position
),
new_events AS (
    INSERT INTO events (
        log_id, recorded_at_us, position, stream_id, revision, event_id, event_type, schema_version, data, metadata, leaf_hash
    )
    SELECT
        $1, $4, unnest($7::bigint[]), unnest($8::text[]), unnest($9::bigint[]), unnest($10::bytea[]), unnest($11::text[]),
        unnest($12::bigint[]), unnest($13::bytea[]), unnest($14::bytea[]), unnest($15::bytea[])
    FROM head
),
new_claims AS (
    INSERT INTO claims (log_id, kind, key, stream_id)
    SELECT $1, unnest($16::text[]), unnest($17::bytea[]), unnest($18::text[])
    FROM head
),
new_requests AS (
    INSERT INTO requests (
        log_id, caller, idempotency_key, input_hash, stream_id, first_position, event_count, revision, position
    )
    SELECT
        $1, unnest($19::text[]), unnest($20::text[]), unnest($21::bytea[]), unnest($22::text[]), unnest($23::bigint[]),
        unnest($24::bigint[]), unnest($25::bigint[]), unnest($26::bigint[])
    FROM head
),
new_keys AS (
    INSERT INTO vault_keys (log_id, subject, wrapped_key)
    SELECT $1, unnest($27::bytea[]), unnest($28::bytea[])
    FROM head
),
new_records AS (
    INSERT INTO vault_records (log_id, record_ref, subject, kind, ciphertext)
    SELECT $1, unnest($29::bytea[]), unnest($30::bytea[]), unnest($31::text[]), unnest($32::bytea[])
    FROM head
)
SELECT next_position FROM head
