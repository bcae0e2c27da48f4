-- What is known of people beyond unit, method and death, and what they counted as before, for figures of identity as of any position.
-- Computed from the log alone.

-- JSON: authorisations, suspensions, checks of accounts, the result of matching; NULL for the many who have none.
ALTER TABLE beneficiaries ADD COLUMN more TEXT;
-- Position from which the person has counted as now.
ALTER TABLE beneficiaries ADD COLUMN counted_position INTEGER NOT NULL DEFAULT 0;
-- Of the payout method chosen last; empty for none.
ALTER TABLE beneficiaries ADD COLUMN channel TEXT NOT NULL DEFAULT '';
-- The latest result of matching; unchecked for none.
ALTER TABLE beneficiaries ADD COLUMN identity_status TEXT NOT NULL DEFAULT 'unchecked';
-- Neither reported dead nor erased.
ALTER TABLE beneficiaries ADD COLUMN counts INTEGER NOT NULL DEFAULT 1;
-- A result that somebody has to look into: few, found by an index of their own.
ALTER TABLE beneficiaries ADD COLUMN to_look_into INTEGER NOT NULL DEFAULT 0;
-- The last day of the right of whoever may receive on the person's behalf.
ALTER TABLE beneficiaries ADD COLUMN authorised_until TEXT;
CREATE INDEX beneficiaries_to_look_into ON beneficiaries (log_id, registered_position) WHERE to_look_into = 1;
CREATE INDEX beneficiaries_authorised ON beneficiaries (log_id, registered_position) WHERE authorised_until IS NOT NULL;

-- What a person counted as from one position to before another; what holds now stands in the person's row.
CREATE TABLE beneficiary_past (
    log_id          INTEGER NOT NULL,
    beneficiary_id  BLOB NOT NULL,
    from_position   INTEGER NOT NULL,
    to_position     INTEGER NOT NULL,
    unit_key        TEXT NOT NULL,
    channel         TEXT NOT NULL,
    identity_status TEXT NOT NULL,
    counts          INTEGER NOT NULL,
    PRIMARY KEY (log_id, beneficiary_id, from_position)
) WITHOUT ROWID;

-- Payments that an agent refused or sent back because the person was not the one it knew: whose, and where in the log.
CREATE TABLE identity_refusals (
    log_id         INTEGER NOT NULL,
    beneficiary_id BLOB NOT NULL,
    position       INTEGER NOT NULL,
    PRIMARY KEY (log_id, beneficiary_id, position)
) WITHOUT ROWID;

-- Both projections begin again: what their rows lack stands in the log.
DELETE FROM beneficiaries;
DELETE FROM payments;
DELETE FROM payment_attempts;
DELETE FROM live_payments;
DELETE FROM figure_cells;
DELETE FROM figure_days;
DELETE FROM figure_blocks;
DELETE FROM business_days;
DELETE FROM projections WHERE name IN ('beneficiaries', 'payments');

-- People by their pseudonym, with the new columns at the end.
DROP VIEW report_beneficiaries;
CREATE VIEW report_beneficiaries AS
SELECT
    b.log_id,
    lower(substr(hex(b.beneficiary_id), 1, 8) || '-' || substr(hex(b.beneficiary_id), 9, 4) || '-'
        || substr(hex(b.beneficiary_id), 13, 4) || '-' || substr(hex(b.beneficiary_id), 17, 4) || '-'
        || substr(hex(b.beneficiary_id), 21)) AS beneficiary_id,
    b.unit_key,
    b.birth_decade,
    b.sex,
    b.died_on,
    b.registered_position,
    b.last_position,
    strftime('%Y-%m-%dT%H:%M:%SZ', b.updated_at_us / 1000000, 'unixepoch') AS updated_at,
    b.identity_status,
    CASE WHEN b.channel = '' THEN NULL ELSE b.channel END AS channel,
    b.authorised_until
FROM beneficiaries AS b;
