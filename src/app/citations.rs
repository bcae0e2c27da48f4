//! Cited figures: a figure is recorded with what was asked, its position and its digits, and called up again from that position for ever.

use crate::app::App;
use crate::app::access::{Action, Principal, Reach};
use crate::app::aggregate::{Aggregate, Decided, decided};
use crate::app::error::{AppError, FieldIssue};
use crate::app::execute::{Begin, Beside, WriteRequest, Written};
use crate::app::hex::hex;
use crate::app::lookup::out_of_reach;
use crate::app::queries::{Answer, Page, published_only};
use crate::domain::claims::ClaimChange;
use crate::domain::codec::{self, DomainEvent, Encoded};
use crate::domain::figure::{CitedFigure, CitedGroup, FigureCited, FigureCommand, FigureEvent, canonical};
use crate::domain::ids::{FigureId, UnitKey};
use crate::projections::Projection;
use crate::projections::figures::adoption::Adoption;
use crate::projections::figures::first::FirstAttempts;
use crate::projections::figures::{AsOf, FigureQuery, Share};
use crate::store::views::Snapshot;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// A row of the list of cited figures, for the doors.
pub use crate::projections::oversight::CitedRow;

/// Definitions whose figures can be cited: those that are one share for each group.
pub const CITABLE: [&str; 9] = ["A1", "A2", "A3", "A4", "A5", "C1", "S1", "S3", "S7"];

/// What is to be cited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Citation {
    /// One of [`CITABLE`].
    pub definition: String,
    pub title: String,
    /// The parameters that `figures` was read from, by which it is read again.
    pub asked: BTreeMap<String, String>,
    pub figures: FigureQuery,
    pub mixed_as_cashless: bool,
}

/// A cited figure as it is called up again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CitedView {
    pub cited: FigureCited,
    pub cited_at_us: i64,
    /// Position of the citation itself.
    pub position: u64,
}

/// A page of the list, and where the next one begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CitedPage {
    pub rows: Vec<CitedRow>,
    pub next_after: Option<u64>,
}

impl Aggregate for CitedFigure {
    type Event = FigureEvent;
    type Command = FigureCommand;

    fn event_of(event: DomainEvent) -> Option<FigureEvent> {
        if let DomainEvent::Figure(event) = event { Some(event) } else { None }
    }

    fn evolve(&mut self, event: &FigureEvent) {
        Self::evolve(self, event);
    }

    fn decide(&self, command: &FigureCommand, _now: Timestamp) -> Result<Decided<FigureEvent>, AppError> {
        decided(Self::decide(self, command))
    }

    fn encode(event: &FigureEvent) -> Encoded {
        codec::encode_figure(event)
    }

    fn claims(&self, _event: &FigureEvent) -> Vec<ClaimChange> {
        Vec::new()
    }
}

fn stream_of(id: FigureId) -> String {
    format!("figure-{id}")
}

/// SHA-256 of the canonical form, in hex.
#[must_use]
pub fn digest(asked: (&str, &BTreeMap<String, String>), position: u64, groups: &[CitedGroup]) -> String {
    hex(&Sha256::digest(canonical(asked, position, groups)))
}

impl App {
    /// Cites a figure as of now, or as of the position that it asks for.
    pub async fn cite(
        &self,
        request: &WriteRequest,
        citation: &Citation,
        min_position: Option<u64>,
    ) -> Result<Written<CitedFigure>, AppError> {
        match self.citation(&request.principal, citation, min_position).await {
            Ok(event) => {
                let stream = stream_of(event.figure_id);
                let command = FigureCommand::Cite(event);
                self.execute((&stream, Begin::New), request, Beside::default(), |_: &CitedFigure| Ok(command.clone()))
                    .await
            }
            Err(error) => self.replay_or::<CitedFigure>(request, error).await,
        }
    }

    /// The position that figures of now are of.
    pub async fn figures_position(&self, min_position: Option<u64>) -> Result<u64, AppError> {
        Ok(self.read_figures(&[], AsOf::Now, min_position).await?.as_of_position)
    }

    async fn citation(
        &self,
        principal: &Principal,
        citation: &Citation,
        min_position: Option<u64>,
    ) -> Result<FigureCited, AppError> {
        let (asked, figures) = self.asked_of(principal, citation)?;
        let of = (citation.definition.as_str(), citation.mixed_as_cashless);
        let found = self.share_groups(principal, of, figures, min_position).await?;
        let position = found.as_of_position;
        Ok(FigureCited {
            figure_id: FigureId::from_uuid(self.clock.time_ordered_id()),
            definition: citation.definition.clone(),
            title: citation.title.clone(),
            digest: digest((&citation.definition, &asked), position, &found.answer),
            asked,
            position,
            groups: found.answer,
            cited_by: principal.key_id.clone(),
        })
    }

    /// The question with its unit written out: others read it with keys that reach further.
    fn asked_of(
        &self,
        principal: &Principal,
        citation: &Citation,
    ) -> Result<(BTreeMap<String, String>, FigureQuery), AppError> {
        let (mut asked, mut figures) = (citation.asked.clone(), citation.figures.clone());
        if figures.filters.units.is_empty() {
            figures = self.within_units(principal, figures)?;
        }
        match figures.filters.units.as_slice() {
            [] => {}
            [unit] => _ = asked.insert("unit".to_owned(), unit.to_string()),
            _ => return Err(AppError::Invalid(vec![unit_needed()])),
        }
        asked.insert("mixed_as_cashless".to_owned(), citation.mixed_as_cashless.to_string());
        Ok((asked, figures))
    }

    /// A definition's figure as one share for each group, in the order of their keys.
    pub async fn share_groups(
        &self,
        principal: &Principal,
        (definition, mixed): (&str, bool),
        figures: FigureQuery,
        min_position: Option<u64>,
    ) -> Result<Answer<Vec<CitedGroup>>, AppError> {
        if self.reads_published(principal) {
            return self.published_groups(principal, (definition, mixed), figures, min_position).await;
        }
        if let Some(share) = of_adoption(definition, mixed) {
            let found = self.adoption(principal, figures, min_position).await?;
            let groups = found.answer.iter().map(|one| group(&one.key, share(one))).collect();
            return Ok(Answer { answer: groups, ..without_answer(&found) });
        }
        let share = of_first_attempts(definition, mixed)
            .ok_or_else(|| AppError::Internal(format!("{definition} cannot be cited")))?;
        let found = self.first_attempts(principal, figures, min_position).await?;
        let groups = found.answer.iter().map(|(key, one)| group(key, share(one))).collect();
        Ok(Answer { answer: groups, ..without_answer(&found) })
    }

    /// The same for readers of published figures: of one cycle, as it was published, with nothing kept back of what is cited.
    async fn published_groups(
        &self,
        principal: &Principal,
        (definition, mixed): (&str, bool),
        figures: FigureQuery,
        min_position: Option<u64>,
    ) -> Result<Answer<Vec<CitedGroup>>, AppError> {
        let share = of_adoption(definition, mixed).ok_or_else(published_only)?;
        let is_of_one_cycle =
            figures.filters.cycle_from.is_some() && figures.filters.cycle_from == figures.filters.cycle_to;
        if !is_of_one_cycle || mixed != self.profile.figures.mixed_counts_as_cashless {
            return Err(published_only());
        }
        let published = self.adoption(principal, figures.clone(), min_position).await?;
        let is_told = |one: &Adoption| {
            one.kept_back.is_none_or(|kept| match definition {
                "A2" | "A3" => !kept.payments,
                "C1" => !kept.completeness,
                _ => !kept.people,
            })
        };
        let as_of = AsOf::Position(published.as_of_position);
        let found = self.adoption_of(&self.within_units(principal, FigureQuery { as_of, ..figures })?, None).await?;
        let keys = |rows: &[Adoption]| rows.iter().map(|one| one.key.clone()).collect::<Vec<_>>();
        if !published.answer.iter().all(is_told) || keys(&published.answer) != keys(&found.answer) {
            return Err(published_only());
        }
        let groups = found.answer.iter().map(|one| group(&one.key, share(one))).collect();
        Ok(Answer { answer: groups, ..without_answer(&found) })
    }

    /// The digest of what the log gives at the cited position; `None` when the profile no longer has what was asked. Refused to whom the
    /// figure itself would not be shown.
    pub async fn recomputed(
        &self,
        principal: &Principal,
        cited: &FigureCited,
        again: Option<(FigureQuery, bool)>,
    ) -> Result<Option<String>, AppError> {
        let Some((figures, mixed)) = again else {
            return if self.reads_published(principal) { Err(published_only()) } else { Ok(None) };
        };
        let found = self.share_groups(principal, (&cited.definition, mixed), figures, None).await?;
        if self.reads_published(principal) && found.as_of_position != cited.position {
            return Err(published_only());
        }
        Ok(Some(digest((&cited.definition, &cited.asked), found.as_of_position, &found.answer)))
    }

    /// A cited figure, for whoever may read the figure itself.
    pub async fn cited_figure(&self, principal: &Principal, id: FigureId) -> Result<CitedView, AppError> {
        let loaded = self.load::<CitedFigure>(&stream_of(id)).await?;
        let (cited, last) =
            loaded.and_then(|(state, last)| Some((state.cited?, last))).ok_or(AppError::NotFound("cited figure"))?;
        match (cited.asked.get("unit"), &principal.unit) {
            (Some(unit), _) => self.check_reach(principal, Action::ReadFigures, unit, None)?,
            (None, Some(_)) => return Err(out_of_reach()),
            (None, None) => {}
        }
        Ok(CitedView { cited, cited_at_us: last.recorded_at_us, position: last.position })
    }

    /// A page of cited figures: of the unit and all below it, and of those within the caller's reach.
    pub async fn cited_figures(
        &self,
        principal: &Principal,
        unit: Option<UnitKey>,
        page: Page,
        min_position: Option<u64>,
    ) -> Result<Answer<CitedPage>, AppError> {
        let scopes = match (unit, principal.reach(Action::ReadFigures), &principal.unit) {
            (Some(unit), _, _) => {
                self.check_reach(principal, Action::ReadFigures, unit.as_str(), None)?;
                Some(vec![unit])
            }
            (None, Reach::Units, Some(own)) => Some(self.profile.units.reach(own.as_str())),
            (None, _, _) => None,
        };
        let units = scopes.map(|scopes| -> Vec<UnitKey> {
            let units = &self.profile.units;
            scopes.iter().flat_map(|scope| units.subtree(scope.as_str())).map(|unit| unit.key.clone()).collect()
        });
        self.wait_for(Projection::Oversight, min_position).await?;
        let Snapshot { checkpoint, answer: mut rows } = self.views.list_cited_figures(units.as_deref(), page).await?;
        if self.reads_published(principal) {
            // Of small digits the digest gives them away: there are few to try.
            for row in &mut rows {
                row.digest.clear();
            }
        }
        let full = rows.len() >= page.limit as usize;
        let next_after = rows.last().filter(|_| full).map(|row| row.cited_position);
        let answer = CitedPage { rows, next_after };
        Ok(Answer { answer, as_of_position: checkpoint.position, as_of_time_us: checkpoint.recorded_at_us })
    }
}

fn without_answer<T, U: Default>(found: &Answer<T>) -> Answer<U> {
    Answer { answer: U::default(), as_of_position: found.as_of_position, as_of_time_us: found.as_of_time_us }
}

fn group(key: &[String], share: Share) -> CitedGroup {
    CitedGroup { key: key.to_vec(), numerator: share.numerator, denominator: share.denominator }
}

/// Takes one share out of a figure.
type Part<T> = Box<dyn Fn(&T) -> Share + Send + Sync>;

fn of_adoption(definition: &str, mixed: bool) -> Option<Part<Adoption>> {
    match definition {
        "A1" | "A4" => Some(Box::new(move |one| one.people.share(mixed))),
        "A2" => Some(Box::new(|one| one.amount)),
        "A3" => Some(Box::new(|one| one.payments)),
        "C1" => Some(Box::new(|one| one.completeness)),
        _ => None,
    }
}

fn of_first_attempts(definition: &str, mixed: bool) -> Option<Part<FirstAttempts>> {
    match definition {
        "A5" => Some(Box::new(move |one| one.people.share(mixed))),
        "S1" => Some(Box::new(|one| one.success)),
        "S3" => Some(Box::new(|one| one.fell_back)),
        "S7" => Some(Box::new(|one| one.through_others)),
        _ => None,
    }
}

fn unit_needed() -> FieldIssue {
    FieldIssue::new(
        "unit",
        "missing",
        "your key reaches several units: name the one that the figure is of",
        "khóa của bạn gồm nhiều đơn vị: hãy nêu đơn vị của số liệu",
    )
}
