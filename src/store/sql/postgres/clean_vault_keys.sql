VACUUM vault_keys, vault_meta
