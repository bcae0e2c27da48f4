//! When an endpoint that did not take a message is tried again, and when it has been failing for too long. Pure.

use jiff::{SignedDuration, Timestamp};

/// How long after the try before it each try comes: the first at once, the last some 27 and a half hours after it.
pub const DELAYS: [SignedDuration; 8] = [
    SignedDuration::ZERO,
    SignedDuration::from_secs(5),
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(30),
    SignedDuration::from_hours(2),
    SignedDuration::from_hours(5),
    SignedDuration::from_hours(10),
    SignedDuration::from_hours(10),
];

/// How often a message is tried.
pub const TRIES_MAX: u32 = 8;

/// How long an endpoint may take nothing before it is switched off.
pub const FAILING_MAX: SignedDuration = SignedDuration::from_hours(5 * 24);

/// When the next try comes after one that failed; `None` when it was the last. Later than the plan by up to a tenth, as `spread` says (0 to
/// 255), so that what failed together does not come back together; the first repeat is not spread.
#[must_use]
pub fn next_try(tries: u32, failed_at: Timestamp, spread: u8) -> Option<Timestamp> {
    let delay = usize::try_from(tries).ok().and_then(|tries| DELAYS.get(tries))?;
    let seconds = delay.as_secs();
    let later = if tries <= 1 { 0 } else { seconds * i64::from(spread) / 2_550 };
    failed_at.checked_add(SignedDuration::from_secs(seconds + later)).ok()
}

/// Whether an endpoint that took nothing since an instant is to be switched off.
#[must_use]
pub fn is_over(failing_since: Timestamp, now: Timestamp) -> bool {
    now.duration_since(failing_since) >= FAILING_MAX
}
