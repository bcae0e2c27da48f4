SELECT
    figure_id, definition, title, unit_key, asked, as_of_position, digest, cited_by, cited_at_us, cited_position
FROM cited_figures
WHERE log_id = $1
ORDER BY figure_id
