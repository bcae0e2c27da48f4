//! Codes of keys, and of what is told of their use.

use super::codes::{Code, problem};

/// What is refused of keys.
pub(super) const ACCESS: &[Code] =
    &[problem("401", "key-expired", "The key's time is over. It can be given a new secret: `chitra keys rotate`.")];
