//! Figures from what is kept in memory are those of the rows, whatever was asked before and however the log grew.

use super::tests::{histories, project, queries, store};
use super::*;
use crate::projections::Fact;
use crate::projections::Subject;
use crate::projections::cell::Tally;
use crate::projections::figures::{AsOf, Columns as FigureColumns, FigureQuery, plan};
use crate::projections::sample::{Sample, history, payment_id};
use crate::store::views::advance;
use jiff::civil::date;

/// All tallies of a question, and people where the cube has them.
fn reads(query: &FigureQuery) -> Vec<FigureRead> {
    let tallies: Vec<Tally> = Tally::ALL.into_iter().filter(|tally| *tally != Tally::People).collect();
    let by_all = FigureColumns { cycle: true, channel: true, ..FigureColumns::default() };
    let leaves = |extra| plan::leaves(query, &tallies, extra, &Sample::new()).unwrap();
    vec![plan::people(query, &Sample::new()).unwrap(), leaves(by_all), leaves(FigureColumns::default())]
}

async fn assert_same(store: &SqliteStore, query: &FigureQuery) {
    let reads = reads(query);
    let (mut kept, mut anew) = (store.figures(&reads).await.unwrap(), store.figures_anew(&reads).await.unwrap());
    for rows in kept.answer.iter_mut().chain(&mut anew.answer) {
        rows.sort_unstable_by_key(|row| format!("{row:?}"));
    }
    assert_eq!(kept, anew, "{query:?}");
}

#[tokio::test]
async fn what_is_kept_answers_like_the_rows_while_the_log_grows() {
    let queries = queries();
    for (number, steps) in histories(3).iter().enumerate() {
        let facts = history(steps);
        let store = store().await;
        let mut known = 0;
        let mut drawn = number;
        while known < facts.len() {
            let more = (known + 9).min(facts.len());
            let page: Vec<_> = facts[known..more].iter().map(super::tests::recorded).collect();
            let at = store.progress(Projection::Payments).await.unwrap().checkpoint;
            let at = advance(&*store, Projection::Payments, at, &page, &Sample::new()).await.unwrap();
            known = more;
            // Different ones each time, in an order that leaves some to be remembered from long ago.
            for _ in 0..12 {
                drawn = (drawn * 31 + 17) % 9_973;
                let position = facts[drawn % known].position;
                let as_ofs = [
                    AsOf::Now,
                    AsOf::Position(position),
                    AsOf::Position(at.position + 5),
                    AsOf::Day(date(2025, 2, 21)),
                ];
                let query = FigureQuery { as_of: as_ofs[drawn / 7 % 4], ..queries[drawn % queries.len()].clone() };
                assert_same(&store, &query).await;
            }
        }
    }
}

#[tokio::test]
async fn rows_that_were_built_anew_from_another_log_are_not_mixed_with_those_before() {
    let facts = history(&histories(1)[0]);
    let store = store().await;
    project(&store, &facts, 20).await;
    for query in &queries() {
        assert_same(&store, query).await;
    }
    // Another log that ends at the same position.
    let last = facts.last().unwrap();
    let gone = facts.iter().find_map(|fact| match (&fact.subject, &last.subject) {
        (Subject::Payment(id, _), Subject::Payment(other, _)) if id != other => Some(*id),
        _ => None,
    });
    let gone = gone.unwrap_or_else(|| payment_id(0));
    let is_left = |fact: &&Fact| !matches!(&fact.subject, Subject::Payment(id, _) if *id == gone);
    let others: Vec<Fact> = facts.iter().filter(is_left).cloned().collect();
    store.clear(Projection::Payments).await.unwrap();
    assert_eq!(project(&store, &others, 20).await.position, last.position);
    for query in &queries() {
        assert_same(&store, query).await;
    }
}
