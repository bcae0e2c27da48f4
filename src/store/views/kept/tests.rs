//! What is kept answers of the state that was asked for and of no other, and stays within its bound.

use super::*;
use crate::projections::figures::Columns;

/// A cube whose cells count the position that they are of, and that tells what it was asked for.
struct Counting {
    changes: Changes,
    asked: Vec<(Vec<Month>, Option<u64>)>,
}

impl Counting {
    fn cells_of(&mut self, tallies: &[Tally], cycles: &[Month], position: Option<u64>) -> Cells {
        self.asked.push((cycles.to_vec(), position));
        let row = |tally: Tally, cycle: Month| CellRow {
            tally,
            value: "settled".to_owned(),
            cycle: cycle.to_string(),
            unit: "C1".to_owned(),
            benefit: "pension".to_owned(),
            channel: "account".to_owned(),
            agent: "bank".to_owned(),
            bank: "vcb".to_owned(),
            urban: "1".to_owned(),
            count: i64::try_from(position.unwrap_or(self.changes[&cycle])).unwrap(),
            amount_minor: 1,
        };
        let of_cycle = |cycle: &Month| {
            tallies.iter().map(|tally| ((*tally, *cycle), vec![row(*tally, *cycle)])).collect::<Vec<_>>()
        };
        cycles.iter().flat_map(of_cycle).collect()
    }
}

#[async_trait]
impl Cube for Counting {
    async fn changes(&mut self) -> Result<Changes, StoreError> {
        Ok(self.changes.clone())
    }

    async fn last_of(&mut self, _: Date) -> Result<u64, StoreError> {
        Ok(0)
    }

    async fn cells(&mut self, tallies: &[Tally], cycles: &[Month]) -> Result<Cells, StoreError> {
        Ok(self.cells_of(tallies, cycles, None))
    }

    async fn cells_at(&mut self, tallies: &[Tally], cycles: &[Month], position: u64) -> Result<Cells, StoreError> {
        Ok(self.cells_of(tallies, cycles, Some(position)))
    }
}

fn month(number: i32) -> Month {
    Month::new(2025, number).unwrap()
}

fn read(cycles: (i32, i32), as_of: AsOf) -> FigureRead {
    FigureRead {
        source: Source::Cells,
        tallies: vec![Tally::State],
        cycles: (Some(month(cycles.0)), Some(month(cycles.1))),
        units: None,
        benefits: None,
        channels: None,
        agents: None,
        banks: None,
        urban: None,
        columns: Columns::default(),
        cashless: Vec::new(),
        as_of,
    }
}

/// What a read counts, and which cycles it asks the database for.
async fn asked(
    kept: &Kept,
    changes: &[(i32, u64)],
    position: u64,
    read: &FigureRead,
) -> (i64, Vec<(Vec<Month>, Option<u64>)>) {
    let changes = changes.iter().map(|(number, last)| (month(*number), *last)).collect();
    let mut cube = Counting { changes, asked: Vec::new() };
    let state = State { generation: 0, position };
    let rows = answer(kept, state, read, &mut cube).await.unwrap();
    if cube.asked.is_empty() && !matches!(read.as_of, AsOf::Day(_)) {
        assert_eq!(kept.remembered(state, std::slice::from_ref(read)), Some(vec![rows.clone()]));
    }
    (rows.iter().map(|row| row.count).sum(), cube.asked)
}

#[tokio::test]
async fn a_cycle_that_did_not_change_is_not_read_again() {
    let kept = Kept::default();
    let one = read((1, 1), AsOf::Now);
    assert_eq!(asked(&kept, &[(1, 5), (2, 9)], 9, &one).await, (5, vec![(vec![month(1)], None)]));
    assert_eq!(asked(&kept, &[(1, 5), (2, 9)], 9, &one).await, (5, vec![]));
    assert_eq!(asked(&kept, &[(1, 5), (2, 20)], 20, &one).await, (5, vec![]), "the log grew elsewhere");
    let series = asked(&kept, &[(1, 5), (2, 20)], 20, &read((1, 2), AsOf::Now)).await;
    assert_eq!(series, (25, vec![(vec![month(2)], None)]), "of a series only what is missing");
}

#[tokio::test]
async fn a_cycle_that_changed_is_read_again() {
    let kept = Kept::default();
    let one = read((1, 1), AsOf::Now);
    asked(&kept, &[(1, 5)], 5, &one).await;
    assert_eq!(asked(&kept, &[(1, 6)], 6, &one).await, (6, vec![(vec![month(1)], None)]));
}

#[tokio::test]
async fn a_state_after_the_last_change_is_the_state_of_now_and_an_earlier_one_is_not() {
    let kept = Kept::default();
    asked(&kept, &[(1, 5)], 9, &read((1, 1), AsOf::Now)).await;
    assert_eq!(asked(&kept, &[(1, 5)], 9, &read((1, 1), AsOf::Position(7))).await, (5, vec![]));
    let earlier = asked(&kept, &[(1, 5)], 9, &read((1, 1), AsOf::Position(4))).await;
    assert_eq!(earlier, (4, vec![(vec![month(1)], Some(4))]));
    assert_eq!(asked(&kept, &[(1, 5)], 9, &read((1, 1), AsOf::Position(4))).await, (4, vec![]));
    assert_eq!(asked(&kept, &[(1, 5)], 9, &read((1, 1), AsOf::Now)).await, (5, vec![]));
}

#[tokio::test]
async fn rows_that_were_built_anew_are_read_anew() {
    let kept = Kept::default();
    let read = [read((1, 1), AsOf::Now)];
    asked(&kept, &[(1, 5)], 5, &read[0]).await;
    assert!(kept.remembered(State { generation: 0, position: 5 }, &read).is_some());
    assert_eq!(kept.remembered(State { generation: 1, position: 5 }, &read), None);
}

#[tokio::test]
async fn what_is_kept_stays_within_its_bound_and_the_oldest_goes_first() {
    let room = 4;
    let one = Slice::new(vec![]).bytes() + size_of::<(Key, Entry)>() + 300;
    let kept = Kept::bounded(one * room);
    let changes: Vec<(i32, u64)> = (1..=12).map(|number| (number, 5)).collect();
    for number in 1..=12 {
        asked(&kept, &changes, 5, &read((1, 1), AsOf::Now)).await;
        asked(&kept, &changes, 5, &read((number, number), AsOf::Now)).await;
        assert!(kept.inner.read().unwrap().bytes <= one * room);
    }
    let inner = kept.inner.read().unwrap();
    let kept_bytes: usize = inner.slices.values().map(|entry| entry.bytes).sum();
    assert_eq!(kept_bytes, inner.bytes);
    assert!(inner.slices.len() < 12);
    assert!(inner.slices.keys().any(|key| key.cycle == month(1)), "it was used all the time");
    assert!(!inner.slices.keys().any(|key| key.cycle == month(2)));
}
