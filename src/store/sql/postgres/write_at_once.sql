-- A whole batch in one statement and one exchange, which commits by itself: if the head stands where it is assumed to ($2) and the
-- continued streams ($5) have the revisions ($6) that their writers saw. Otherwise nothing is written and no row comes back. What was
-- assumed to be new and is not is told by the tables' own keys, which refuse the statement as a whole.
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
    SELECT $1, $4, given.*
    FROM head
    CROSS JOIN unnest(
        $7::bigint[], $8::text[], $9::bigint[], $10::bytea[], $11::text[], $12::bigint[], $13::bytea[], $14::bytea[],
        $15::bytea[]
    ) AS given
),
new_claims AS (
    INSERT INTO claims (log_id, kind, key, stream_id)
    SELECT $1, given.*
    FROM head
    CROSS JOIN unnest($16::text[], $17::bytea[], $18::text[]) AS given
),
new_requests AS (
    INSERT INTO requests (
        log_id, caller, idempotency_key, input_hash, stream_id, first_position, event_count, revision, position
    )
    SELECT $1, given.*
    FROM head
    CROSS JOIN unnest(
        $19::text[], $20::text[], $21::bytea[], $22::text[], $23::bigint[], $24::bigint[], $25::bigint[], $26::bigint[]
    ) AS given
),
new_keys AS (
    INSERT INTO vault_keys (log_id, subject, wrapped_key)
    SELECT $1, given.*
    FROM head
    CROSS JOIN unnest($27::bytea[], $28::bytea[]) AS given
),
new_records AS (
    INSERT INTO vault_records (log_id, record_ref, subject, kind, ciphertext)
    SELECT $1, given.*
    FROM head
    CROSS JOIN unnest($29::bytea[], $30::bytea[], $31::text[], $32::bytea[]) AS given
)
SELECT next_position FROM head
