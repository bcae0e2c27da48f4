//! What a server takes at a time: requests of one key and refused sign-ins of one address, over HTTP and gRPC together; requests in work and
//! uploads, over HTTP. Some requests more wait a moment for a place, so that a crowd is served one after the other instead of asking again and
//! again; what is beyond is told at once when to come again, so that what was taken is done in good time and memory stays bounded.

pub mod buckets;

use super::network::network;
use buckets::{Buckets, Rate};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// The settings. A rate that is `None` is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitSettings {
    /// Requests in work at a time.
    pub requests_at_once: usize,
    /// Requests that wait for a place, and for how long at most.
    pub requests_waiting: usize,
    pub waiting_within: Duration,
    /// Files on their way in at a time.
    pub uploads_at_once: usize,
    /// Requests of one key.
    pub of_key: Option<Rate>,
    /// Requests of one address that are refused for want of a valid key, session or signature.
    pub failures_of_address: Option<Rate>,
}

impl Default for LimitSettings {
    fn default() -> Self {
        Self {
            requests_at_once: 512,
            requests_waiting: 2048,
            waiting_within: Duration::from_secs(1),
            uploads_at_once: 32,
            of_key: None,
            failures_of_address: None,
        }
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

/// A request that was not taken, and after how many seconds it may come again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ComeAgain {
    pub why: Turned,
    pub after_seconds: u64,
}

/// What a request needs a place for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    Work,
    Upload,
}

/// One for all ports and threads of a server.
pub struct Limits {
    requests: Room,
    uploads: Room,
    keys: Option<Buckets<String>>,
    failures: Option<Buckets<IpAddr>>,
    turned: [AtomicU64; 3],
}

/// Places of one kind, and seats for those who wait for one.
struct Room {
    places: Arc<Semaphore>,
    seats: Semaphore,
    within: Duration,
}

impl Room {
    fn new(places: usize, (seats, within): (usize, Duration)) -> Self {
        Self { places: Arc::new(Semaphore::new(places)), seats: Semaphore::new(seats), within }
    }

    fn is_full(&self) -> bool {
        self.places.available_permits() == 0 && self.seats.available_permits() == 0
    }

    /// A place now, or when it is this one's turn.
    async fn place(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            return Some(place);
        }
        let _seat = self.seats.try_acquire().ok()?;
        timeout(self.within, Arc::clone(&self.places).acquire_owned()).await.ok()?.ok()
    }
}

/// A request's place. Given back when it is dropped.
pub struct Taken {
    _place: OwnedSemaphorePermit,
}

impl Default for Limits {
    fn default() -> Self {
        Self::new(&LimitSettings::default())
    }
}

impl Limits {
    #[must_use]
    pub fn new(settings: &LimitSettings) -> Self {
        Self {
            requests: Room::new(settings.requests_at_once, (settings.requests_waiting, settings.waiting_within)),
            uploads: Room::new(settings.uploads_at_once, (0, Duration::ZERO)),
            keys: settings.of_key.map(Buckets::new),
            failures: settings.failures_of_address.map(Buckets::new),
            turned: [const { AtomicU64::new(0) }; 3],
        }
    }

    /// Turns away before any work what would find neither a place nor a seat.
    pub fn check_room(&self, need: Need) -> Result<(), ComeAgain> {
        if self.room(need).is_full() { Err(self.turn(Turned::Overloaded, 1)) } else { Ok(()) }
    }

    /// A place for a request whose body has come, or for a file that comes.
    pub async fn take(&self, need: Need) -> Result<Taken, ComeAgain> {
        match self.room(need).place().await {
            Some(place) => Ok(Taken { _place: place }),
            None => Err(self.turn(Turned::Overloaded, 1)),
        }
    }

    const fn room(&self, need: Need) -> &Room {
        match need {
            Need::Work => &self.requests,
            Need::Upload => &self.uploads,
        }
    }

    /// Counts a request of a key.
    pub fn of_key(&self, key_id: &str) -> Result<(), ComeAgain> {
        let waits = self.keys.as_ref().and_then(|keys| keys.take(&key_id.to_owned()).err());
        waits.map_or(Ok(()), |seconds| Err(self.turn(Turned::RateLimited, seconds)))
    }

    /// Turns away an address from which too much was refused.
    pub fn check_address(&self, address: Option<IpAddr>) -> Result<(), ComeAgain> {
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

    fn turn(&self, why: Turned, after_seconds: u64) -> ComeAgain {
        self.turned[why as usize].fetch_add(1, Ordering::Relaxed);
        ComeAgain { why, after_seconds }
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
        LimitSettings {
            requests_at_once: 1,
            requests_waiting: 1,
            waiting_within: Duration::from_millis(50),
            uploads_at_once: 1,
            of_key: rate(2),
            failures_of_address: rate(2),
        }
    }

    fn ended<T>(answer: &Result<T, ComeAgain>) -> Option<Turned> {
        answer.as_ref().err().map(|turned| turned.why)
    }

    #[tokio::test]
    async fn one_waits_for_the_place_and_who_finds_no_seat_is_turned_away() {
        let limits = Limits::new(&LimitSettings { waiting_within: Duration::from_mins(1), ..settings() });
        let held = limits.take(Need::Work).await.unwrap();
        assert!(limits.check_room(Need::Work).is_ok(), "there is a seat");
        let mut waits = Box::pin(limits.take(Need::Work));
        assert!(timeout(Duration::from_millis(5), &mut waits).await.is_err());
        assert_eq!(ended(&limits.check_room(Need::Work)), Some(Turned::Overloaded));
        assert_eq!(ended(&limits.take(Need::Work).await), Some(Turned::Overloaded));
        let file = limits.take(Need::Upload).await.unwrap();
        assert_eq!(ended(&limits.take(Need::Upload).await), Some(Turned::Overloaded), "files do not wait");
        assert_eq!(limits.turned(Turned::Overloaded), 3);
        drop((held, file));
        let next = waits.await.unwrap();
        assert!(limits.check_room(Need::Work).is_ok(), "the seat is free");
        drop(next);
        assert!(limits.take(Need::Work).await.is_ok());
    }

    #[tokio::test]
    async fn nobody_waits_for_ever_nor_keeps_a_seat_when_he_left() {
        let limits = Limits::new(&settings());
        let held = limits.take(Need::Work).await.unwrap();
        assert_eq!(ended(&limits.take(Need::Work).await), Some(Turned::Overloaded));
        let mut left = Box::pin(limits.take(Need::Work));
        assert!(timeout(Duration::from_millis(5), &mut left).await.is_err());
        drop(left);
        assert!(limits.check_room(Need::Work).is_ok());
        drop(held);
        assert!(limits.take(Need::Work).await.is_ok());
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
