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

/// When an endpoint that cannot take anything now asks to be tried again: the `Retry-After` of HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    In(SignedDuration),
    At(Timestamp),
}

/// Nobody waits longer than our own longest pause because an endpoint says so.
pub const ASKED_PAUSE_MAX: SignedDuration = DELAYS[DELAYS.len() - 1];

impl RetryAfter {
    /// Reads seconds or a date; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            // More digits than fit are a long time.
            return Some(Self::In(SignedDuration::from_secs(text.parse().unwrap_or(i64::MAX))));
        }
        jiff::fmt::rfc2822::parse(text).ok().map(|date| Self::At(date.timestamp()))
    }

    /// Until when nothing is sent after a try that failed: not before it, and within bounds.
    #[must_use]
    pub fn until(self, failed_at: Timestamp) -> Timestamp {
        let pause = match self {
            Self::In(pause) => pause,
            Self::At(at) => at.duration_since(failed_at),
        };
        let pause = pause.clamp(SignedDuration::ZERO, ASKED_PAUSE_MAX);
        failed_at.checked_add(pause).unwrap_or(failed_at)
    }
}

/// Whether an endpoint that took nothing since an instant is to be switched off.
#[must_use]
pub fn is_over(failing_since: Timestamp, now: Timestamp) -> bool {
    now.duration_since(failing_since) >= FAILING_MAX
}
