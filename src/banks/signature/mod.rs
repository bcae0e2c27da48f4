//! Whether a bank's message is the bank's: signatures over the exact bytes, checked before anything is parsed. The algorithm is that of the
//! registered key, never what a header asks for. The time is the caller's.

pub(super) mod encoding;
mod jws;
mod key;
mod webhook;

#[cfg(test)]
mod tests;

pub use jws::{JWS_HEADER, signing_input};
pub use key::{Algorithm, Key, KeyError, Validity};

use jiff::{SignedDuration, Timestamp};

/// A message as it came in: its headers in any case, its exact body.
#[derive(Debug, Clone, Copy)]
pub struct Signed<'a> {
    pub headers: &'a [(&'a str, &'a str)],
    pub body: &'a [u8],
}

/// The instant of the check, and how far the signer's clock may be from it.
#[derive(Debug, Clone, Copy)]
pub struct ClockWindow {
    pub now: Timestamp,
    pub tolerance: SignedDuration,
}

impl ClockWindow {
    /// Five minutes, as Standard Webhooks advises.
    #[must_use]
    pub const fn at(now: Timestamp) -> Self {
        Self { now, tolerance: SignedDuration::from_mins(5) }
    }

    fn holds(&self, signed_at: Timestamp) -> bool {
        self.now.duration_since(signed_at).abs() <= self.tolerance
    }
}

/// How a message was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// A detached JSON Web Signature in `x-jws-signature`.
    Jws,
    /// Standard Webhooks, HMAC-SHA-256.
    Webhook,
}

/// A message that is its bank's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    pub key_id: String,
    pub scheme: Scheme,
    pub signed_at: Timestamp,
}

/// Why a message does not count as the bank's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    #[error("no signature: send x-jws-signature, or webhook-id, webhook-timestamp and webhook-signature")]
    Missing,
    #[error("two signatures, or one header twice: send one")]
    Ambiguous,
    #[error("the signature is malformed: {0}")]
    Malformed(&'static str),
    #[error("the header names or brings something that is not accepted: {0}")]
    NotAccepted(&'static str),
    #[error("no key of this bank has the id in the signature")]
    KeyUnknown,
    #[error("the key is not in force: it is disabled, expired, or not valid yet")]
    KeyNotInForce,
    #[error("the signature's algorithm is not that of the key")]
    OtherAlgorithm,
    #[error(
        "the signature's time is more than the clock window away from ours; check your clock, and sign anew when repeating"
    )]
    OutsideWindow,
    #[error("the signature does not fit the body, the header and the key")]
    Wrong,
}

impl SignatureError {
    /// The stable code used in JSON, logs and reports.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Missing => "signature-missing",
            Self::Ambiguous => "signature-ambiguous",
            Self::Malformed(_) => "signature-malformed",
            Self::NotAccepted(_) => "signature-not-accepted",
            Self::KeyUnknown => "signature-key-unknown",
            Self::KeyNotInForce => "signature-key-not-in-force",
            Self::OtherAlgorithm => "signature-algorithm",
            Self::OutsideWindow => "signature-outside-window",
            Self::Wrong => "signature-wrong",
        }
    }

    /// The same as the English message, for clerks.
    #[must_use]
    pub const fn message_vi(self) -> &'static str {
        match self {
            Self::Missing => {
                "thiếu chữ ký: cần x-jws-signature, hoặc webhook-id, webhook-timestamp và webhook-signature"
            }
            Self::Ambiguous => "có hai chữ ký hoặc một tiêu đề lặp lại; chỉ gửi một",
            Self::Malformed(_) => "chữ ký sai định dạng",
            Self::NotAccepted(_) => "tiêu đề chữ ký có nội dung không được chấp nhận",
            Self::KeyUnknown => "ngân hàng này không có khóa mang mã ghi trong chữ ký",
            Self::KeyNotInForce => "khóa không có hiệu lực: đã bị khóa, hết hạn hoặc chưa đến hạn",
            Self::OtherAlgorithm => "thuật toán của chữ ký không phải của khóa",
            Self::OutsideWindow => "thời điểm ký lệch quá giới hạn so với đồng hồ của hệ thống; hãy kiểm tra đồng hồ",
            Self::Wrong => "chữ ký không khớp với nội dung, tiêu đề và khóa",
        }
    }
}

/// Checks a message against one bank's keys.
pub fn verify(message: &Signed<'_>, keys: &[Key], clock: &ClockWindow) -> Result<Verified, SignatureError> {
    let named = named(message, keys, clock)?;
    let (key_id, scheme) = match &named {
        Named::Token(token) => (token.verify(message.body)?, Scheme::Jws),
        Named::Webhook(webhook) => (webhook.verify(message.body)?, Scheme::Webhook),
    };
    let signed_at = named.signed_at(clock)?;
    Ok(Verified { key_id, scheme, signed_at })
}

/// All that can be told before the body is there: the signature's form, its key, and its time.
pub fn check_headers(headers: &[(&str, &str)], keys: &[Key], clock: &ClockWindow) -> Result<(), SignatureError> {
    named(&Signed { headers, body: &[] }, keys, clock)?.signed_at(clock).map(|_| ())
}

/// A signature of the right form, by a key of the bank that is in force.
enum Named<'a> {
    Token(jws::Named<'a>),
    Webhook(webhook::Named<'a>),
}

impl Named<'_> {
    fn signed_at(&self, clock: &ClockWindow) -> Result<Timestamp, SignatureError> {
        let signed_at = match self {
            Self::Token(token) => token.signed_at()?,
            Self::Webhook(webhook) => webhook.signed_at,
        };
        if clock.holds(signed_at) { Ok(signed_at) } else { Err(SignatureError::OutsideWindow) }
    }
}

fn named<'a>(message: &Signed<'a>, keys: &'a [Key], clock: &ClockWindow) -> Result<Named<'a>, SignatureError> {
    let token = one_header(message, JWS_HEADER)?;
    let webhook = webhook::HEADERS.iter().any(|name| find(message, name).next().is_some());
    match (token, webhook) {
        (Some(_), true) => Err(SignatureError::Ambiguous),
        (Some(token), false) => jws::named(token, keys, clock).map(Named::Token),
        (None, true) => webhook::named(message, keys, clock).map(Named::Webhook),
        (None, false) => Err(SignatureError::Missing),
    }
}

fn find<'a>(message: &Signed<'a>, name: &str) -> impl Iterator<Item = &'a str> {
    message.headers.iter().filter(move |(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
}

/// A header that may stand once.
fn one_header<'a>(message: &Signed<'a>, name: &str) -> Result<Option<&'a str>, SignatureError> {
    let mut found = find(message, name);
    let first = found.next();
    if found.next().is_some() { Err(SignatureError::Ambiguous) } else { Ok(first) }
}
