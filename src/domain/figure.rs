//! A figure that was cited: what was asked, of which position of the log, and the digits that were the answer. Stream `figure-<id>`.

use crate::domain::decision::Decision;
use crate::domain::ids::FigureId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Groups of one citation. An event is not the place for a data set.
pub const GROUPS_MAX: usize = 1_000;

/// One group of a cited figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CitedGroup {
    /// Values of the dimensions asked for, in their order.
    pub key: Vec<String>,
    /// Amounts in minor units.
    pub numerator: i64,
    pub denominator: i64,
}

/// A figure was cited. When and by whom it was recorded stands in the envelope too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FigureCited {
    pub figure_id: FigureId,
    /// Id of the indicator's definition.
    pub definition: String,
    pub title: String,
    /// The figure's own parameters: filters, groups, and what counts as cashless.
    pub asked: BTreeMap<String, String>,
    /// The figure is of this position of the log.
    pub position: u64,
    pub groups: Vec<CitedGroup>,
    /// SHA-256 of [`canonical`], in hex.
    pub digest: String,
    pub cited_by: String,
}

/// The stream's events. A citation never changes: there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FigureEvent {
    Cited(FigureCited),
}

/// What can be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FigureCommand {
    Cite(FigureCited),
}

/// Why a figure is not cited.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FigureRefusal {
    #[error("this figure was cited before; cite another one under a new id")]
    AlreadyCited,
    #[error(
        "the figure has {groups} groups and a citation holds at most {GROUPS_MAX}; narrow it, or group by fewer dimensions"
    )]
    TooManyGroups { groups: usize },
    #[error(
        "nothing was paid in what is asked: there is no figure to cite; widen the filters, or cite a later position"
    )]
    NothingToCite,
}

impl FigureRefusal {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::AlreadyCited => "figure-already-cited",
            Self::TooManyGroups { .. } => "figure-too-many-groups",
            Self::NothingToCite => "figure-empty",
        }
    }
}

/// A citation as folded from its stream.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CitedFigure {
    pub cited: Option<FigureCited>,
}

impl CitedFigure {
    /// Applies one event.
    pub fn evolve(&mut self, event: &FigureEvent) {
        match event {
            FigureEvent::Cited(cited) => self.cited = Some(cited.clone()),
        }
    }

    /// Decides about a command.
    #[must_use]
    pub fn decide(&self, command: &FigureCommand) -> Decision<FigureEvent, FigureRefusal> {
        let FigureCommand::Cite(figure) = command;
        if self.cited.is_some() {
            return Decision::Refused(FigureRefusal::AlreadyCited);
        }
        if figure.groups.len() > GROUPS_MAX {
            return Decision::Refused(FigureRefusal::TooManyGroups { groups: figure.groups.len() });
        }
        if figure.groups.iter().all(|group| group.denominator == 0) {
            return Decision::Refused(FigureRefusal::NothingToCite);
        }
        Decision::Events(vec![FigureEvent::Cited(figure.clone())])
    }
}

/// What the digest is of: one line of JSON without spaces, members in this order, those of `asked` by name.
#[derive(Serialize)]
struct Canonical<'a> {
    definition: &'a str,
    asked: &'a BTreeMap<String, String>,
    position: u64,
    groups: &'a [CitedGroup],
}

/// The canonical form of a figure. Another program can make it from the log and compare digests.
#[must_use]
pub fn canonical(
    (definition, asked): (&str, &BTreeMap<String, String>),
    position: u64,
    groups: &[CitedGroup],
) -> String {
    let form = Canonical { definition, asked, position, groups };
    serde_json::to_string(&form).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn group(key: &str, numerator: i64, denominator: i64) -> CitedGroup {
        CitedGroup { key: vec![key.to_owned()], numerator, denominator }
    }

    fn cite(groups: Vec<CitedGroup>) -> FigureCommand {
        FigureCommand::Cite(FigureCited {
            figure_id: FigureId::from_uuid(Uuid::from_u128(1)),
            definition: "A1".to_owned(),
            title: "Tháng 3".to_owned(),
            asked: BTreeMap::from([("cycle".to_owned(), "2025-03".to_owned())]),
            position: 17,
            groups,
            digest: "00".to_owned(),
            cited_by: "key".to_owned(),
        })
    }

    #[test]
    fn a_figure_is_cited_once() {
        let mut state = CitedFigure::default();
        let command = cite(vec![group("a", 1, 2)]);
        let Decision::Events(events) = state.decide(&command) else { panic!("not decided") };
        for event in &events {
            state.evolve(event);
        }
        assert_eq!(state.decide(&command), Decision::Refused(FigureRefusal::AlreadyCited));
    }

    #[test]
    fn more_groups_than_an_event_holds_are_refused() {
        let state = CitedFigure::default();
        let most = cite(vec![group("a", 1, 2); GROUPS_MAX]);
        assert!(matches!(state.decide(&most), Decision::Events(_)));
        let more = cite(vec![group("a", 1, 2); GROUPS_MAX + 1]);
        assert_eq!(state.decide(&more), Decision::Refused(FigureRefusal::TooManyGroups { groups: GROUPS_MAX + 1 }));
    }

    #[test]
    fn of_nothing_there_is_no_figure() {
        for groups in [Vec::new(), vec![group("a", 0, 0)]] {
            assert_eq!(CitedFigure::default().decide(&cite(groups)), Decision::Refused(FigureRefusal::NothingToCite));
        }
    }

    #[test]
    fn the_canonical_form_is_one_line_in_a_fixed_order() {
        let asked = BTreeMap::from([("unit", "D502"), ("cycle", "2025-03")].map(|(a, b)| (a.to_owned(), b.to_owned())));
        assert_eq!(
            canonical(("A1", &asked), 17, &[group("D502", 1, 2)]),
            r#"{"definition":"A1","asked":{"cycle":"2025-03","unit":"D502"},"position":17,"groups":[{"key":["D502"],"numerator":1,"denominator":2}]}"#
        );
    }
}
