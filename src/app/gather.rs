//! Look-ups that wait together become one statement: while one is answered, the next ones gather. Alone, a look-up goes at once.

use crate::domain::claims;
use crate::store::{RecordedEvent, SharedEventStore, StoreError};
use std::collections::HashMap;
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

/// Takes the first that waits and all that wait with it; `None` when nobody will ask again.
async fn next<K, V>(receiver: &mut mpsc::Receiver<Asked<K, V>>) -> Option<Vec<Asked<K, V>>> {
    let mut waiting = Vec::new();
    (receiver.recv_many(&mut waiting, GATHERED_MAX).await > 0).then_some(waiting)
}

/// Whole short streams by name.
#[must_use]
pub fn streams(store: SharedEventStore) -> Gather<String, Vec<RecordedEvent>> {
    let (sender, mut receiver) = mpsc::channel::<Asked<String, Vec<RecordedEvent>>>(WAITING_MAX);
    tokio::spawn(async move {
        while let Some(waiting) = next(&mut receiver).await {
            let mut names: Vec<String> = waiting.iter().map(|(name, _)| name.clone()).collect();
            names.sort_unstable();
            names.dedup();
            let found = store.read_streams(&names).await.map(|events| {
                let mut by_stream: HashMap<String, Vec<RecordedEvent>> = HashMap::with_capacity(names.len());
                for event in events {
                    by_stream.entry(event.stream.clone()).or_default().push(event);
                }
                by_stream
            });
            for (name, teller) in waiting {
                let answer = found.as_ref().map(|streams| streams.get(&name).cloned().unwrap_or_default());
                // A caller that went away needs no answer.
                let _gone = teller.send(answer.map_err(Clone::clone));
            }
        }
    });
    Gather { sender }
}

/// Whole streams of the people that identifiers name, by the claim's key.
#[must_use]
pub fn people(store: SharedEventStore) -> Gather<Vec<u8>, Option<Vec<RecordedEvent>>> {
    let (sender, mut receiver) = mpsc::channel::<Asked<Vec<u8>, Option<Vec<RecordedEvent>>>>(WAITING_MAX);
    tokio::spawn(async move {
        while let Some(waiting) = next(&mut receiver).await {
            let (keys, tellers): (Vec<_>, Vec<_>) = waiting.into_iter().unzip();
            match store.read_claimed_streams(claims::IDENTIFIER, &keys).await {
                Ok(streams) => {
                    for (teller, stream) in tellers.into_iter().zip(streams) {
                        let _gone = teller.send(Ok(stream));
                    }
                }
                Err(error) => {
                    for teller in tellers {
                        let _gone = teller.send(Err(error.clone()));
                    }
                }
            }
        }
    });
    Gather { sender }
}
