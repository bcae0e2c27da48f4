//! What an operation answers whose caller proves itself by a signature, not by a key.

/// As status, meaning and headers.
pub(super) fn problems() -> Vec<(&'static str, &'static str, &'static [&'static str])> {
    vec![
        ("400", "The body cannot be read to its end.", &[]),
        ("401", "No signature, or not one of this bank.", &["WWW-Authenticate"]),
        ("404", "No bank can have this id.", &[]),
        ("408", "The body does not come. Send it again.", &[]),
        ("409", "Another message came under this message id before.", &[]),
        ("413", "The body is too large.", &[]),
        ("422", "The message cannot be read; nothing of it counts.", &[]),
        ("429", "Too much from this address was refused.", &["Retry-After"]),
        ("500", "A defect of ours.", &[]),
        (
            "503",
            "The store or a projection cannot answer now, or too many messages come at once. Send it again.",
            &["Retry-After"],
        ),
    ]
}
