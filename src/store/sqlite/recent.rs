//! Short streams as they were read last: a bank's entry is asked for by each of its messages, and seldom changes.
//!
//! Always what the log holds: a stream is kept only by who holds the writing connection, and forgotten by whoever appends to it before he
//! writes, while he holds that. Nobody else writes, which the lock beside the database sees to.

use crate::store::RecordedEvent;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Streams that are kept at most, in each of two halves: those asked for lately, and those before them.
const STREAMS_MAX: usize = 128;
/// Longer ones are read anew each time.
const BYTES_MAX: usize = 16 * 1024;

type Streams = HashMap<String, Vec<RecordedEvent>>;

/// The streams that are kept.
#[derive(Default)]
pub(super) struct Recent(Mutex<Halves>);

#[derive(Default)]
struct Halves {
    young: Streams,
    old: Streams,
}

impl Halves {
    fn put(&mut self, stream: String, events: Vec<RecordedEvent>) {
        if self.young.len() >= STREAMS_MAX {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(stream, events);
    }
}

impl Recent {
    /// The events of those that are kept, each stream once and in the order of their names; and which are not.
    pub fn known(&self, streams: &[String]) -> (Vec<RecordedEvent>, Vec<String>) {
        let mut streams: Vec<&String> = streams.iter().collect();
        streams.sort_unstable();
        streams.dedup();
        let mut halves = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut events, mut others) = (Vec::new(), Vec::new());
        for stream in streams {
            if let Some(known) = halves.young.get(stream) {
                events.extend_from_slice(known);
            } else if let Some((stream, known)) = halves.old.remove_entry(stream.as_str()) {
                events.extend_from_slice(&known);
                halves.put(stream, known);
            } else {
                others.push(stream.clone());
            }
        }
        (events, others)
    }

    /// Keeps streams that were read whole, their events one behind the other. The caller holds the writing connection since he read them.
    pub fn keep(&self, events: &[RecordedEvent]) {
        let mut halves = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for events in events.chunk_by(|event, next| event.stream == next.stream) {
            let bytes: usize = events.iter().map(|event| event.data.len() + event.metadata.len()).sum();
            if let Some(first) = events.first()
                && bytes <= BYTES_MAX
            {
                halves.put(first.stream.clone(), events.to_vec());
            }
        }
    }

    /// Forgets streams that are about to be appended to. The caller holds the writing connection until he has.
    pub fn forget<'a>(&self, streams: impl Iterator<Item = &'a str>) {
        let mut halves = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Halves { young, old } = &mut *halves;
        if young.is_empty() && old.is_empty() {
            return;
        }
        for stream in streams {
            young.remove(stream);
            old.remove(stream);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn events(stream: &str, count: u64, bytes: usize) -> Vec<RecordedEvent> {
        let event = |revision| RecordedEvent {
            position: revision + 1,
            stream: stream.to_owned(),
            revision,
            event_id: Uuid::from_u128(u128::from(revision)),
            event_type: "T".to_owned(),
            schema_version: 1,
            recorded_at_us: 1,
            data: vec![0; bytes],
            metadata: Vec::new(),
            leaf_hash: [0; 32],
        };
        (0..count).map(event).collect()
    }

    fn known(recent: &Recent, stream: &str) -> Option<usize> {
        let (found, others) = recent.known(&[stream.to_owned()]);
        others.is_empty().then_some(found.len())
    }

    #[test]
    fn what_is_kept_is_known_until_it_is_forgotten_and_the_rest_is_named() {
        let recent = Recent::default();
        recent.keep(&[events("a", 2, 10), events("b", 1, 10)].concat());
        let (found, others) = recent.known(&["b", "c", "a", "b", "c"].map(str::to_owned));
        assert_eq!((found, others), ([events("a", 2, 10), events("b", 1, 10)].concat(), vec!["c".to_owned()]));
        recent.forget(["a", "c"].into_iter());
        assert_eq!((known(&recent, "a"), known(&recent, "b")), (None, Some(1)));
    }

    #[test]
    fn a_long_stream_is_not_kept() {
        let recent = Recent::default();
        recent.keep(&[events("a", 2, BYTES_MAX / 2), events("b", 2, BYTES_MAX / 2 + 1)].concat());
        assert_eq!((known(&recent, "a"), known(&recent, "b")), (Some(2), None));
    }

    #[test]
    fn what_is_asked_for_stays_while_others_pass_by_and_their_number_is_bounded() {
        let recent = Recent::default();
        recent.keep(&events("a", 1, 1));
        for number in 0..STREAMS_MAX * 5 {
            recent.keep(&events(&format!("passing-{number}"), 1, 1));
            assert_eq!(known(&recent, "a"), Some(1), "{number}");
        }
        let halves = recent.0.lock().unwrap();
        assert!(halves.young.len() <= STREAMS_MAX && halves.old.len() <= STREAMS_MAX);
        drop(halves);
        assert_eq!(known(&recent, "passing-0"), None);
    }

    /// What was forgotten in one half must not come back from the other.
    #[test]
    fn a_stream_that_was_read_again_after_a_while_is_forgotten_wholly() {
        let recent = Recent::default();
        recent.keep(&events("a", 1, 1));
        (0..STREAMS_MAX).for_each(|number| recent.keep(&events(&number.to_string(), 1, 1)));
        // In the older half by now, and read anew beside it.
        recent.keep(&events("a", 2, 1));
        assert_eq!(known(&recent, "a"), Some(2));
        recent.forget(std::iter::once("a"));
        assert_eq!(known(&recent, "a"), None);
    }
}
