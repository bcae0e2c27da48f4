//! Codes of keys, and of what is told of their use.

use super::codes::{Code, entry, problem};

/// What is refused of keys.
pub(super) const ACCESS: &[Code] = &[
    problem(
        "401",
        "key-expired",
        "The key's time is over. It can be given a new secret: `POST /v1/keys/{key}/rotate`, or `chitra keys rotate`.",
    ),
    problem("409", "key-secret-shown", "The secret was shown before, and is shown once."),
    problem("409", "key-revoked", "The key is revoked, for ever."),
    problem("409", "key-over", "The key has expired, and it is not said until when it is to open."),
    problem("409", "key-waits", "The key waits for its first secret."),
    problem("409", "key-without-secret", "It stands for somebody who signs in by a provider."),
    problem("403", "secret-of-another", "Whoever asked for a secret takes it."),
    problem("409", "approval-asker-revoked", "The key that asked is revoked: what it asked for is not consented to."),
    problem("409", "approval-not-used", "What it is for can be taken once another person has consented."),
    entry("key-reach-invalid", "A unit or bank does not go with the key's role."),
];
