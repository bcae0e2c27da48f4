//! Streams that are not written but follow from the log: `$ce-CATEGORY` links to the events of a category's streams, `$et-TYPE` to those of a
//! type, in the log's order and numbered from 0, the same for ever. Where they are is kept in memory, read from the log when it is first asked
//! for and read on since: a few bytes an event.

use super::rights::is_own;
use super::{Direction, LINK, RecordedEvent};
use crate::app::App;
use crate::store::StoreError;
use std::collections::HashMap;
use tokio::sync::Mutex;
use uuid::Uuid;

/// Events that are read at a time to find where they are.
const PAGE_EVENTS: u32 = 4096;
/// Events between two of a list that are read with them rather than passed over by another statement.
const GAP_MAX: u64 = 8;
/// The longest stretch of the log that is read at once for a page.
const STRETCH_MAX: u64 = 2048;

/// What a derived stream is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind<'a> {
    Category(&'a str),
    Type(&'a str),
}

fn kind(stream: &str) -> Option<Kind<'_>> {
    let of = |prefix: &str| stream.strip_prefix(prefix).filter(|name| !name.is_empty());
    of("$ce-").map(Kind::Category).or_else(|| of("$et-").map(Kind::Type))
}

/// Whether a stream is one that follows from the log.
#[must_use]
pub fn is_derived(stream: &str) -> bool {
    kind(stream).is_some()
}

/// The category that an event is linked to from, and its type, if it is linked to at all: what the server writes is not.
fn names(event: &RecordedEvent) -> Option<(Option<&str>, &str)> {
    if event.stream.starts_with('$') || event.event_type.starts_with('$') {
        return None;
    }
    let category = event.stream.split_once('-').map(|(category, _)| category).filter(|category| !category.is_empty());
    Some((category, &event.event_type))
}

/// Whether a derived stream links to an event.
#[must_use]
pub fn links_to(stream: &str, event: &RecordedEvent) -> bool {
    match (kind(stream), names(event)) {
        (Some(Kind::Category(name)), Some((category, _))) => category == Some(name),
        (Some(Kind::Type(name)), Some((_, event_type))) => event_type == name,
        _ => false,
    }
}

/// Every so many numbers a list says where it is.
const MARK_EVERY: u64 = 64;

/// Positions in ascending order, each as its distance from the one before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Positions {
    bytes: Vec<u8>,
    /// Where in the bytes each [`MARK_EVERY`]th begins, and the position before it.
    marks: Vec<(usize, u64)>,
    count: u64,
    last: u64,
}

impl Positions {
    fn push(&mut self, position: u64) {
        if self.count.is_multiple_of(MARK_EVERY) {
            self.marks.push((self.bytes.len(), self.last));
        }
        let mut distance = position - self.last;
        // Seven bits a byte, the lowest first; the highest bit says that more follow.
        while distance >= 0x80 {
            self.bytes.push(u8::try_from(distance & 0x7f).unwrap_or(0) | 0x80);
            distance >>= 7;
        }
        self.bytes.push(u8::try_from(distance).unwrap_or(0));
        (self.count, self.last) = (self.count + 1, position);
    }

    /// The positions from a number on, at most so many.
    fn from(&self, number: u64, limit: usize) -> Vec<u64> {
        let mark = usize::try_from(number / MARK_EVERY).ok().and_then(|at| self.marks.get(at));
        let Some((begin, before)) = mark.filter(|_| number < self.count) else { return Vec::new() };
        let (mut position, mut distance, mut shift) = (*before, 0_u64, 0_u32);
        let mut found = Vec::new();
        let mut passed = number - number % MARK_EVERY;
        for byte in self.bytes.iter().skip(*begin) {
            distance |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 != 0 {
                continue;
            }
            position += distance;
            (distance, shift) = (0, 0);
            if passed >= number {
                found.push(position);
            }
            passed += 1;
            if found.len() >= limit {
                break;
            }
        }
        found
    }
}

/// Where the events of each category and type are.
#[derive(Debug, Default)]
pub struct Index(Mutex<Lists>);

#[derive(Debug, Default)]
struct Lists {
    /// All up to it is in the lists.
    covered: u64,
    categories: HashMap<Box<str>, Positions>,
    types: HashMap<Box<str>, Positions>,
}

impl Lists {
    fn add(&mut self, event: &RecordedEvent) {
        if let Some((category, event_type)) = names(event) {
            if let Some(category) = category {
                push(&mut self.categories, category, event.position);
            }
            push(&mut self.types, event_type, event.position);
        }
        self.covered = event.position;
    }

    fn of(&self, stream: &str) -> Option<&Positions> {
        match kind(stream)? {
            Kind::Category(name) => self.categories.get(name),
            Kind::Type(name) => self.types.get(name),
        }
    }
}

fn push(lists: &mut HashMap<Box<str>, Positions>, name: &str, position: u64) {
    if let Some(list) = lists.get_mut(name) {
        list.push(position);
    } else {
        lists.entry(name.into()).or_default().push(position);
    }
}

impl App {
    /// Events of a stream, derived ones too, as the store reads them.
    pub(super) async fn stream_page(
        &self,
        stream: &str,
        from: Option<u64>,
        direction: Direction,
        limit: u32,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        if is_derived(stream) {
            self.derived_page(stream, from, direction, limit).await
        } else {
            self.store.read_stream(stream, from, direction, limit).await
        }
    }

    /// Links to events of a category or type, all that there are in the log now.
    async fn derived_page(
        &self,
        stream: &str,
        from: Option<u64>,
        direction: Direction,
        limit: u32,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        let mut lists = self.derived.0.lock().await;
        self.cover(&mut lists).await?;
        let Some(list) = lists.of(stream) else { return Ok(Vec::new()) };
        let limit = u64::from(limit);
        let (first, count) = match direction {
            Direction::Forwards => (from.unwrap_or(0), limit),
            Direction::Backwards => {
                let end = from.map_or(list.count, |from| from.saturating_add(1).min(list.count));
                let first = end.saturating_sub(limit);
                (first, end - first)
            }
        };
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let positions = if count == 0 { Vec::new() } else { list.from(first, count) };
        drop(lists);
        let events = self.events_at(&positions).await?;
        let mut links: Vec<RecordedEvent> =
            (first..).zip(events).map(|(number, event)| link(stream, number, &event)).collect();
        if direction == Direction::Backwards {
            links.reverse();
        }
        Ok(links)
    }

    /// Reads on what came since.
    async fn cover(&self, lists: &mut Lists) -> Result<(), StoreError> {
        let head = self.store.head().await?.position;
        if lists.covered > head {
            // The log was put back to an earlier state.
            *lists = Lists::default();
        }
        while lists.covered < head {
            let page = self.store.read_all(Some(lists.covered), Direction::Forwards, PAGE_EVENTS).await?;
            if page.is_empty() {
                break;
            }
            for event in &page {
                lists.add(event);
            }
        }
        Ok(())
    }

    /// The events at these positions, in ascending order: those that lie close together are read together.
    async fn events_at(&self, positions: &[u64]) -> Result<Vec<RecordedEvent>, StoreError> {
        let mut found = Vec::with_capacity(positions.len());
        let mut rest = positions;
        while let Some(first) = rest.first().copied() {
            let is_near = |pair: &[u64]| match pair {
                [one, next] => next - one <= GAP_MAX && next - first < STRETCH_MAX,
                _ => false,
            };
            let length = 1 + rest.windows(2).take_while(|pair| is_near(pair)).count();
            let (near, far) = rest.split_at(length);
            let last = near.last().copied().unwrap_or(first);
            let mut wanted = near.iter().copied().peekable();
            let mut after = first - 1;
            while after < last {
                let limit = u32::try_from(last - after).unwrap_or(PAGE_EVENTS);
                let page = self.store.read_all(Some(after), Direction::Forwards, limit).await?;
                let Some(read) = page.last() else {
                    return Err(StoreError::Corrupt(format!("there is no event at position {last}")));
                };
                after = read.position;
                found.extend(page.into_iter().filter(|event| wanted.next_if_eq(&event.position).is_some()));
            }
            rest = far;
        }
        Ok(found)
    }
}

/// A link as such a stream shows it. It stands where its event does.
fn link(stream: &str, number: u64, event: &RecordedEvent) -> RecordedEvent {
    RecordedEvent {
        position: event.position,
        stream: stream.to_owned(),
        revision: number,
        event_id: Uuid::new_v5(&event.event_id, stream.as_bytes()),
        event_type: LINK.to_owned(),
        schema_version: 1,
        recorded_at_us: event.recorded_at_us,
        data: format!("{}@{}", event.revision, event.stream).into_bytes(),
        metadata: Vec::new(),
        leaf_hash: event.leaf_hash,
    }
}

/// Whether a stream is never deleted and shows all that it has.
pub(super) fn is_shown_whole(stream: &str) -> bool {
    is_own(stream) || is_derived(stream)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop, prop_assert_eq, proptest};

    fn event(position: u64, stream: &str, event_type: &str) -> RecordedEvent {
        RecordedEvent {
            position,
            stream: stream.to_owned(),
            revision: 0,
            event_id: Uuid::from_u64_pair(1, position),
            event_type: event_type.to_owned(),
            schema_version: 1,
            recorded_at_us: 0,
            data: Vec::new(),
            metadata: Vec::new(),
            leaf_hash: [0; 32],
        }
    }

    #[test]
    fn a_category_is_what_stands_before_the_first_dash_and_what_the_server_writes_has_none() {
        let of = |stream: &str, event_type: &str| {
            let event = event(1, stream, event_type);
            names(&event).map(|(category, event_type)| (category.map(str::to_owned), event_type.to_owned()))
        };
        assert_eq!(of("a-b-c", "T"), Some((Some("a".to_owned()), "T".to_owned())));
        assert_eq!(of("alone", "T"), Some((None, "T".to_owned())));
        assert_eq!(of("-x", "T"), Some((None, "T".to_owned())));
        for (stream, event_type) in [("$$a-b", "$metadata"), ("$ce-a", "T"), ("a-b", "$streamDeleted"), ("a-b", "$>")] {
            assert_eq!(of(stream, event_type), None, "{stream} {event_type}");
        }
    }

    #[test]
    fn each_event_has_a_number_in_its_category_and_in_its_type() {
        let mut lists = Lists::default();
        for (position, (stream, event_type)) in
            (1..).zip([("a-1", "T"), ("b-1", "U"), ("a-2", "U"), ("$x", "T"), ("alone", "T")])
        {
            lists.add(&event(position, stream, event_type));
        }
        let positions = |stream: &str| lists.of(stream).map(|list| list.from(0, 9)).unwrap_or_default();
        assert_eq!(positions("$ce-a"), [1, 3]);
        assert_eq!(positions("$et-T"), [1, 5]);
        assert_eq!(positions("$et-U"), [2, 3]);
        assert_eq!(positions("$ce-c"), [] as [u64; 0]);
        assert_eq!(lists.covered, 5);
    }

    proptest! {
        #[test]
        fn a_list_gives_back_what_was_put_in(
            distances in prop::collection::vec(1..100_000_u64, 0..300),
            from in 0..320_u64,
            limit in 1..200_usize,
            offset in any::<u32>(),
        ) {
            let (mut list, mut all, mut position) = (Positions::default(), Vec::new(), u64::from(offset));
            for distance in distances {
                position += distance;
                list.push(position);
                all.push(position);
            }
            let begin = usize::try_from(from).unwrap().min(all.len());
            let expected: Vec<u64> = all[begin..].iter().copied().take(limit).collect();
            prop_assert_eq!(list.from(from, limit), expected);
        }
    }
}
