-- Changes of banks and keys wait for a second person too: they belong to no unit and are about no money. So is erasing.
ALTER TABLE approvals
    ALTER COLUMN unit_key DROP NOT NULL,
    ALTER COLUMN amount_minor DROP NOT NULL,
    ALTER COLUMN currency DROP NOT NULL;
