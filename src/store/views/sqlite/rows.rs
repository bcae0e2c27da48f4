//! Figures that are told from rows of payments are those that the cube tells. Tests only.

use super::tests::{figures, folded, histories, project, queries, store, yardstick};
use crate::projections::figures::rows::FromRows;
use crate::projections::figures::{CellRow, FigureRead, adoption, first, flow, settlement};
use crate::projections::payments::PaymentRow;
use crate::projections::sample::{Sample, history};

/// The answers of reads, from rows that are all of one group.
fn from_rows(reads: &[FigureRead], rows: &[PaymentRow]) -> Vec<CellRow> {
    let reference = Sample::new();
    let mut answer = FromRows::new(reads, &reference);
    for row in rows {
        answer.add(Vec::new(), row);
    }
    answer.finish().into_iter().flat_map(|(_, answers)| answers).flatten().collect()
}

#[tokio::test]
async fn figures_from_rows_are_those_of_the_cube() {
    let reference = Sample::new();
    let mut moved = 0;
    for steps in histories(3) {
        let facts = history(&steps);
        let (store, rows) = (store().await, folded(&facts));
        project(&store, &facts, 11).await;
        for query in queries() {
            let (adopted, settled, ordered, flows) = figures(&store, &query, None).await;
            let by = &query.group_by;
            let found = from_rows(&adoption::reads(&query, &reference).unwrap(), &rows);
            assert_eq!(adoption::evaluate(&found, by, &reference), adopted, "{query:?}");
            let found = from_rows(&settlement::reads(&query, &reference).unwrap(), &rows);
            assert_eq!(settlement::evaluate(&found, by, &yardstick()), settled, "{query:?}");
            let found = from_rows(&first::reads(&query, &reference).unwrap(), &rows);
            assert_eq!(first::evaluate(&found, by, &reference), ordered, "{query:?}");
            if let (false, Some(cycle)) = (flows.is_empty(), query.filters.cycle_to) {
                let mut later = query.clone();
                later.filters.cycle_to = Some(cycle.plus(1));
                let found = from_rows(&flow::reads(&later, cycle, &reference).unwrap()[..1], &rows);
                assert_eq!(flow::evaluate(&found, by), flows, "{later:?}");
                moved += flows.len();
            }
        }
    }
    assert!(moved > 0, "movers were compared");
}
