-- What a crash left: long records whose pieces began to be written before an instant, and that nothing names.
SELECT subject, record_ref
FROM vault_pieces
WHERE
    log_id = $1 AND piece = 0 AND written_at_us < $2
    AND NOT EXISTS (
        SELECT 1
        FROM vault_records
        WHERE
            vault_records.log_id = vault_pieces.log_id
            AND vault_records.subject = vault_pieces.subject
            AND vault_records.record_ref = vault_pieces.record_ref
    )
LIMIT $3
