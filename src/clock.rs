//! The only source of "now", of fresh ids and of random bytes. Tests and the demo put a simulated one in its place.

use jiff::Timestamp;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use uuid::Uuid;

/// Time, ids and randomness.
pub trait Clock: Send + Sync + 'static {
    /// Microseconds since the Unix epoch.
    fn now_us(&self) -> i64;
    /// A time-ordered id (UUIDv7).
    fn time_ordered_id(&self) -> Uuid;
    /// An id that tells nothing (UUIDv4).
    fn opaque_id(&self) -> Uuid;
    /// Fills the buffer for keys and nonces; always from the operating system, in every implementation that is not for tests.
    fn fill_secret(&self, bytes: &mut [u8]);

    /// The time as a timestamp.
    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.now_us()).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

/// The machine's clock and random source.
#[derive(Debug, Default)]
pub struct SystemClock;

#[expect(clippy::disallowed_methods, reason = "this is the one place that may")]
impl Clock for SystemClock {
    fn now_us(&self) -> i64 {
        Timestamp::now().as_microsecond()
    }

    fn time_ordered_id(&self) -> Uuid {
        Uuid::now_v7()
    }

    fn opaque_id(&self) -> Uuid {
        Uuid::new_v4()
    }

    fn fill_secret(&self, bytes: &mut [u8]) {
        os_random(bytes);
    }
}

#[expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "a system without randomness can keep no secret: stop"
)]
fn os_random(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the operating system gives random bytes");
}

/// A clock that stands still until it is moved, and counts its ids: two runs with one seed draw the same ids.
#[derive(Debug)]
pub struct SimulatedClock {
    now_us: AtomicI64,
    counter: AtomicU64,
    seed: u64,
}

impl SimulatedClock {
    /// Starts at an instant with a seed.
    #[must_use]
    pub const fn new(now_us: i64, seed: u64) -> Self {
        Self { now_us: AtomicI64::new(now_us), counter: AtomicU64::new(0), seed }
    }

    /// Moves to an instant. Going back is allowed; the log's own times still never decrease.
    pub fn set_us(&self, now_us: i64) {
        self.now_us.store(now_us, Ordering::SeqCst);
    }

    fn next_bytes(&self) -> (u64, [u8; 16]) {
        let count = self.counter.fetch_add(1, Ordering::SeqCst);
        let name = [self.seed.to_be_bytes(), count.to_be_bytes()].concat();
        (count, *Uuid::new_v5(&Uuid::NAMESPACE_OID, &name).as_bytes())
    }
}

impl Clock for SimulatedClock {
    fn now_us(&self) -> i64 {
        self.now_us.load(Ordering::SeqCst)
    }

    fn time_ordered_id(&self) -> Uuid {
        let (count, random) = self.next_bytes();
        let millis = u64::try_from(self.now_us() / 1000).unwrap_or(0);
        let mut bytes = random;
        bytes[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
        // 12 bits of the counter keep the order of ids drawn within one instant (RFC 9562, section 6.2, method 1).
        bytes[6..8].copy_from_slice(&u16::try_from(count & 0x0fff).unwrap_or(0).to_be_bytes());
        uuid::Builder::from_bytes(bytes)
            .with_version(uuid::Version::SortRand)
            .with_variant(uuid::Variant::RFC4122)
            .into_uuid()
    }

    fn opaque_id(&self) -> Uuid {
        let (_, bytes) = self.next_bytes();
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    fn fill_secret(&self, bytes: &mut [u8]) {
        os_random(bytes);
    }
}
