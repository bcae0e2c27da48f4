//! What the door takes at a time: requests in work, uploads, requests of one key, refused sign-ins of one address. What is beyond is told at
//! once when to come again, so that what was taken is done in good time and memory stays bounded.

pub mod buckets;
pub mod pace;

use crate::app::network::network;
use crate::http::operation::{Effect, Input, Operation};
use crate::http::problem::Problem;
use actix_web::http::StatusCode;
use buckets::{Buckets, Rate};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The settings. A rate that is `None` is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitSettings {
    /// Requests in work at a time.
    pub requests_at_once: usize,
    /// Files on their way in at a time.
    pub uploads_at_once: usize,
    /// Requests of one key.
    pub of_key: Option<Rate>,
    /// Requests of one address that are refused for want of a valid key, session or signature.
    pub failures_of_address: Option<Rate>,
}

impl Default for LimitSettings {
    fn default() -> Self {
        Self { requests_at_once: 512, uploads_at_once: 32, of_key: None, failures_of_address: None }
    }
}

/// Why a request was not taken, for the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turned {
    Overloaded,
    RateLimited,
    TooManyFailures,
}

impl Turned {
    pub const ALL: [Self; 3] = [Self::Overloaded, Self::RateLimited, Self::TooManyFailures];

    /// The code of its problem.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Overloaded => "overloaded",
            Self::RateLimited => "rate-limited",
            Self::TooManyFailures => "too-many-failures",
        }
    }

    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
            Self::RateLimited | Self::TooManyFailures => StatusCode::TOO_MANY_REQUESTS,
        }
    }

    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Overloaded => "Too many requests at once",
            Self::RateLimited => "Too many requests with this key",
            Self::TooManyFailures => "Too much was refused",
        }
    }

    /// What it means and what to do.
    #[must_use]
    pub fn detail(self, seconds: u64) -> String {
        match self {
            Self::Overloaded => format!(
                "The server has as much to do as it can. Nothing of this request was done. Send it again in {seconds} s, with the same Idempotency-Key."
            ),
            Self::RateLimited => format!(
                "Nothing of this request was done. Send it again in {seconds} s, or many rows as one file to /v1/imports."
            ),
            Self::TooManyFailures => {
                format!("Too many requests from this address had no valid key or signature. Try again in {seconds} s.")
            }
        }
    }

    /// The same in Vietnamese.
    #[must_use]
    pub fn detail_vi(self, seconds: u64) -> String {
        match self {
            Self::Overloaded => {
                format!(
                    "Máy chủ đang quá tải, yêu cầu chưa được thực hiện. Hãy gửi lại sau {seconds} giây, với cùng Idempotency-Key."
                )
            }
            Self::RateLimited => {
                format!(
                    "Khóa này gửi quá nhiều yêu cầu. Hãy gửi lại sau {seconds} giây, hoặc gửi nhiều dòng trong một tệp."
                )
            }
            Self::TooManyFailures => {
                format!("Địa chỉ này đã gửi quá nhiều khóa hoặc chữ ký không hợp lệ. Hãy thử lại sau {seconds} giây.")
            }
        }
    }
}

/// One for all threads of a server.
pub struct Limits {
    requests: Arc<Semaphore>,
    uploads: Arc<Semaphore>,
    keys: Option<Buckets<String>>,
    failures: Option<Buckets<IpAddr>>,
    turned: [AtomicU64; 3],
}

/// A request's place. Given back when it is dropped; `None` for what needs none.
pub struct Taken {
    _place: Option<OwnedSemaphorePermit>,
}

impl Limits {
    #[must_use]
    pub fn new(settings: &LimitSettings) -> Self {
        Self {
            requests: Arc::new(Semaphore::new(settings.requests_at_once)),
            uploads: Arc::new(Semaphore::new(settings.uploads_at_once)),
            keys: settings.of_key.map(Buckets::new),
            failures: settings.failures_of_address.map(Buckets::new),
            turned: [const { AtomicU64::new(0) }; 3],
        }
    }

    /// Turns away before any work what would find no place.
    pub fn check_room(&self, operation: &Operation) -> Result<(), Problem> {
        let is_full = self.places(operation).is_some_and(|places| places.available_permits() == 0);
        if is_full { Err(self.turn(Turned::Overloaded, 1)) } else { Ok(()) }
    }

    /// A place for a request whose body has come.
    pub fn take(&self, operation: &Operation) -> Result<Taken, Problem> {
        let Some(places) = self.places(operation) else { return Ok(Taken { _place: None }) };
        self.place(places)
    }

    /// A place for a page.
    pub fn take_page(&self) -> Result<Taken, Problem> {
        self.place(&self.requests)
    }

    /// A place for a form with a file.
    pub fn take_page_upload(&self) -> Result<Taken, Problem> {
        self.place(&self.uploads)
    }

    fn place(&self, places: &Arc<Semaphore>) -> Result<Taken, Problem> {
        match Arc::clone(places).try_acquire_owned() {
            Ok(place) => Ok(Taken { _place: Some(place) }),
            Err(_) => Err(self.turn(Turned::Overloaded, 1)),
        }
    }

    /// Health and documents are answered in any case; a bank's messages share a room of their own.
    fn places(&self, operation: &Operation) -> Option<&Arc<Semaphore>> {
        match (operation.action, operation.effect, operation.input) {
            (None, _, _) | (_, Effect::Signed, _) => None,
            (_, Effect::Import, _) | (_, _, Input::File) => Some(&self.uploads),
            _ => Some(&self.requests),
        }
    }

    /// Counts a request of a key.
    pub fn of_key(&self, key_id: &str) -> Result<(), Problem> {
        let waits = self.keys.as_ref().and_then(|keys| keys.take(&key_id.to_owned()).err());
        waits.map_or(Ok(()), |seconds| Err(self.turn(Turned::RateLimited, seconds)))
    }

    /// Turns away an address from which too much was refused.
    pub fn check_address(&self, address: Option<IpAddr>) -> Result<(), Problem> {
        let waits = match (&self.failures, address) {
            (Some(failures), Some(address)) => failures.look(&network(address)).err(),
            _ => None,
        };
        waits.map_or(Ok(()), |seconds| Err(self.turn(Turned::TooManyFailures, seconds)))
    }

    /// Counts a refusal.
    pub fn failed(&self, address: Option<IpAddr>) {
        if let (Some(failures), Some(address)) = (&self.failures, address) {
            // Beyond the limit, the next request is turned away.
            let _counted = failures.take(&network(address));
        }
    }

    fn turn(&self, why: Turned, after_seconds: u64) -> Problem {
        self.turned[why as usize].fetch_add(1, Ordering::Relaxed);
        Problem::ComeAgain { why, after_seconds }
    }

    /// How many were turned away, by this process.
    pub fn turned(&self, why: Turned) -> u64 {
        self.turned[why as usize].load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> LimitSettings {
        let rate = |burst| Some(Rate { per_second: 1, burst });
        LimitSettings { requests_at_once: 1, uploads_at_once: 1, of_key: rate(2), failures_of_address: rate(2) }
    }

    fn operation(id: &str) -> &'static Operation {
        crate::http::routes::OPERATIONS.iter().find(|operation| operation.id == id).unwrap()
    }

    fn ended<T>(answer: &Result<T, Problem>) -> Option<Turned> {
        match answer {
            Err(Problem::ComeAgain { why, .. }) => Some(*why),
            Err(_) | Ok(_) => None,
        }
    }

    #[test]
    fn who_finds_no_place_is_turned_away_until_one_is_given_back() {
        let limits = Limits::new(&settings());
        let (read, upload) = (operation("listPayments"), operation("importFile"));
        let held = limits.take(read).unwrap();
        assert_eq!(ended(&limits.check_room(read)), Some(Turned::Overloaded));
        assert_eq!(ended(&limits.take(read)), Some(Turned::Overloaded));
        assert_eq!(ended(&limits.take_page()), Some(Turned::Overloaded));
        assert!(limits.take(upload).is_ok() && limits.take(operation("alive")).is_ok());
        assert_eq!(limits.turned(Turned::Overloaded), 3);
        drop(held);
        assert!(limits.check_room(read).is_ok() && limits.take(read).is_ok());
    }

    #[test]
    fn a_key_and_an_address_have_their_own_count() {
        let limits = Limits::new(&settings());
        let turned: Vec<_> = (0..3).map(|_| ended(&limits.of_key("a"))).collect();
        assert_eq!((turned, ended(&limits.of_key("b"))), (vec![None, None, Some(Turned::RateLimited)], None));
        let [mine, same, other] = ["2001:db8:1:2::3", "2001:db8:1:2:ffff::", "2001:db8:1:3::3"]
            .map(|text| Some(text.parse::<IpAddr>().unwrap()));
        assert_eq!(ended(&limits.check_address(mine)), None);
        (0..2).for_each(|_| limits.failed(mine));
        assert_eq!(ended(&limits.check_address(same)), Some(Turned::TooManyFailures));
        assert_eq!((ended(&limits.check_address(other)), ended(&limits.check_address(None))), (None, None));
    }
}
