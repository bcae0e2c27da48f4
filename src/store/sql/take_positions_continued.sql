UPDATE OR ROLLBACK log_head
SET
    next_position = CASE
        WHEN
            next_position = $1 AND NOT EXISTS (
                SELECT 1
                FROM (
                    VALUES ($2, $3)
                ) AS given
                WHERE
                    column1 IS NOT NULL AND NOT EXISTS (
                        SELECT 1 FROM events AS e WHERE e.log_id = $4 AND e.stream_id = column1 AND e.revision = column2
                    )
            )
            THEN $5
    END,
    last_recorded_at_us = $6
WHERE log_id = $7
