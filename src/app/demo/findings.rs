//! What can be said of a demo afterwards: its digest, a payment worth looking at, and what it planted in the vault.

use super::chance::Chance;
use super::people::{self, Population};
use super::{Calendar, DemoOrder, Places, names};
use crate::app::App;
use crate::app::aggregate::payment_of_stream;
use crate::app::error::AppError;
use crate::app::hex::hex;
use crate::domain::ids::PaymentId;
use crate::domain::profile::Profile;
use crate::store::{Direction, READ_LIMIT_MAX};
use sha2::{Digest, Sha256};

/// How many pages of the log are searched for an eventful payment, from its end.
const PAGES_SEARCHED_MAX: u32 = 50;

/// SHA-256 over all leaf hashes in order, in hex. Two logs with one digest are the same log.
pub async fn log_digest(app: &App) -> Result<String, AppError> {
    let mut hasher = Sha256::new();
    let mut after = 0;
    loop {
        let page = app.store.read_all(Some(after), Direction::Forwards, READ_LIMIT_MAX).await?;
        let Some(last) = page.last() else { break };
        after = last.position;
        for event in &page {
            hasher.update(event.leaf_hash);
        }
    }
    Ok(hex(&hasher.finalize()))
}

/// The payment that was paid again last: one whose timeline has something to tell.
pub async fn eventful_payment(app: &App) -> Result<Option<PaymentId>, AppError> {
    let mut before = None;
    for _ in 0..PAGES_SEARCHED_MAX {
        let page = app.store.read_all(before, Direction::Backwards, READ_LIMIT_MAX).await?;
        let settled =
            |stream: &str| page.iter().any(|event| event.stream == stream && event.event_type == "PaymentSettled");
        let reissued = page.iter().filter(|event| event.event_type == "PaymentReissued");
        if let Some(found) = reissued.into_iter().find(|event| settled(&event.stream)) {
            return Ok(payment_of_stream(&found.stream));
        }
        match page.last() {
            Some(last) => before = Some(last.position),
            None => break,
        }
    }
    Ok(None)
}

/// Every personal value of the demo's people: what must be nowhere but in the vault. Empty for a profile without the demo's units.
#[must_use]
pub fn planted(profile: &Profile, order: DemoOrder) -> Vec<String> {
    let chance = Chance::new(order.seed);
    let (Some(places), Some(calendar)) = (Places::of(profile, chance), Calendar::new(&profile.working_days)) else {
        return Vec::new();
    };
    let population = Population { chance, size: order.size, places, calendar };
    let of_person = |index: u32| {
        let person = population.person(index);
        [
            people::reference(index),
            names::name(chance, index, person.female),
            names::personal_id(chance, index, person.female, person.birth_year),
            names::si_number(chance, index),
            names::account(chance, index, 0, person.bank),
        ]
    };
    (0..order.size).flat_map(of_person).collect()
}
