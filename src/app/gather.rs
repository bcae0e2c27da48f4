//! Look-ups that wait together become one statement: while one is answered, the next ones gather. Alone, a look-up goes at once.

use crate::domain::claims;
use crate::domain::ids::{BeneficiaryId, EndToEndId, PaymentId};
use crate::projections::payments::PaymentRow;
use crate::store::views::ViewStore;
use crate::store::{RecordedEvent, SharedEventStore, StoreError};
use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// Look-ups of one statement at most.
const GATHERED_MAX: usize = 256;
/// Look-ups that may wait; further callers wait for a place.
const WAITING_MAX: usize = 1_024;

type Asked<K, V> = (K, oneshot::Sender<Result<V, StoreError>>);

/// One kind of look-up.
#[derive(Debug)]
pub struct Gather<K, V> {
    sender: mpsc::Sender<Asked<K, V>>,
}

impl<K: Send + 'static, V: Send + 'static> Gather<K, V> {
    /// Asks, together with whoever else asks now.
    pub async fn ask(&self, key: K) -> Result<V, StoreError> {
        let gone = || StoreError::Unavailable("the store is closing".to_owned());
        let (teller, answer) = oneshot::channel();
        self.sender.send((key, teller)).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

/// Answers all that wait together, until nobody will ask again. `find` answers keys in their order.
fn gather<K, V, F>(find: impl Fn(Vec<K>) -> F + Send + 'static) -> Gather<K, V>
where
    K: Send + 'static,
    V: Send + 'static,
    F: Future<Output = Result<Vec<V>, StoreError>> + Send,
{
    let (sender, mut receiver) = mpsc::channel::<Asked<K, V>>(WAITING_MAX);
    tokio::spawn(async move {
        let mut waiting = Vec::new();
        while receiver.recv_many(&mut waiting, GATHERED_MAX).await > 0 {
            let (keys, tellers): (Vec<_>, Vec<_>) = waiting.drain(..).unzip();
            // A caller that went away needs no answer.
            match find(keys).await {
                Ok(found) => tellers.into_iter().zip(found).for_each(|(teller, value)| _ = teller.send(Ok(value))),
                Err(error) => tellers.into_iter().for_each(|teller| _ = teller.send(Err(error.clone()))),
            }
        }
    });
    Gather { sender }
}

/// Values by key, given out in the order asked; a key may be asked more than once.
fn in_order<K: Eq + Hash, V: Clone + Default>(asked: &[K], found: &HashMap<K, V>) -> Vec<V> {
    asked.iter().map(|key| found.get(key).cloned().unwrap_or_default()).collect()
}

/// Whole short streams by name.
#[must_use]
pub fn streams(store: SharedEventStore) -> Gather<String, Vec<RecordedEvent>> {
    gather(move |asked: Vec<String>| {
        let store = Arc::clone(&store);
        async move {
            let mut names = asked.clone();
            names.sort_unstable();
            names.dedup();
            let mut by_stream: HashMap<String, Vec<RecordedEvent>> = HashMap::with_capacity(names.len());
            for event in store.read_streams(&names).await? {
                by_stream.entry(event.stream.clone()).or_default().push(event);
            }
            Ok(in_order(&asked, &by_stream))
        }
    })
}

/// Whole streams of the people that identifiers name, by the claim's key.
#[must_use]
pub fn people(store: SharedEventStore) -> Gather<Vec<u8>, Option<Vec<RecordedEvent>>> {
    gather(move |keys: Vec<Vec<u8>>| {
        let store = Arc::clone(&store);
        async move { store.read_claimed_streams(claims::IDENTIFIER, &keys).await }
    })
}

/// The payments that banks' ids name, with the attempt that each stands for.
#[must_use]
pub fn attempts(views: Arc<dyn ViewStore>) -> Gather<EndToEndId, Option<(PaymentId, u32)>> {
    gather(move |asked: Vec<EndToEndId>| {
        let views = Arc::clone(&views);
        async move {
            let found = views.attempts_by_end_to_end_id(&asked).await?;
            let by_id: HashMap<EndToEndId, Option<(PaymentId, u32)>> =
                found.into_iter().map(|found| (found.end_to_end_id, Some((found.payment_id, found.attempt)))).collect();
            Ok(in_order(&asked, &by_id))
        }
    })
}

/// Payments in trouble of people.
#[must_use]
pub fn in_trouble(views: Arc<dyn ViewStore>) -> Gather<BeneficiaryId, Vec<PaymentRow>> {
    gather(move |asked: Vec<BeneficiaryId>| {
        let views = Arc::clone(&views);
        async move {
            let people: Vec<BeneficiaryId> = asked.iter().copied().collect::<HashSet<_>>().into_iter().collect();
            let mut by_person: HashMap<BeneficiaryId, Vec<PaymentRow>> = HashMap::new();
            for row in views.payments_in_trouble_of(&people).await? {
                by_person.entry(row.beneficiary_id).or_default().push(row);
            }
            Ok(in_order(&asked, &by_person))
        }
    })
}
