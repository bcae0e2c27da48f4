-- $2: JSON array of rows.
INSERT INTO cited_figures (
    log_id, figure_id, definition, title, unit_key, asked, as_of_position, digest, cited_by, cited_at_us, cited_position
)
SELECT
    $1, unhex(value ->> 0), value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
    value ->> 8, value ->> 9
FROM jsonb_each($2)
