VACUUM vault_keys
