//! Cited figures: a figure is recorded with what was asked, its position and its digits, and called up again from that position for ever.

use crate::app::App;
use crate::app::access::{Action, Principal, Reach};
use crate::app::aggregate::{Aggregate, Decided, decided};
use crate::app::cited::Asked;
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
use crate::projections::figures::{AsOf, FigureQuery};
use crate::store::views::Snapshot;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// A row of the list of cited figures, for the doors.
pub use crate::projections::oversight::CitedRow;

/// What is to be cited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Citation {
    pub title: String,
    /// The parameters that `of` was read from, by which it is read again.
    pub asked: BTreeMap<String, String>,
    pub of: Asked,
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
        let of = Asked { figures, ..citation.of.clone() };
        let found = self.share_groups(principal, &of, min_position).await?;
        let position = found.as_of_position;
        Ok(FigureCited {
            figure_id: FigureId::from_uuid(self.clock.time_ordered_id()),
            definition: of.definition.clone(),
            title: citation.title.clone(),
            digest: digest((&of.definition, &asked), position, &found.answer),
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
        let (mut asked, mut figures) = (citation.asked.clone(), citation.of.figures.clone());
        if figures.filters.units.is_empty() {
            figures = self.within_units(principal, figures)?;
        }
        match figures.filters.units.as_slice() {
            [] => {}
            [unit] => _ = asked.insert("unit".to_owned(), unit.to_string()),
            _ => return Err(AppError::Invalid(vec![unit_needed()])),
        }
        asked.insert("mixed_as_cashless".to_owned(), citation.of.mixed_as_cashless.to_string());
        Ok((asked, figures))
    }

    /// The digest of what the log gives at the cited position; `None` when the profile no longer has what was asked. Refused to whom the
    /// figure itself would not be shown.
    pub async fn recomputed(
        &self,
        principal: &Principal,
        cited: &FigureCited,
        again: Option<Asked>,
    ) -> Result<Option<String>, AppError> {
        let Some(again) = again else {
            return if self.reads_published(principal) { Err(published_only()) } else { Ok(None) };
        };
        let found = self.share_groups(principal, &again, None).await?;
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

fn unit_needed() -> FieldIssue {
    FieldIssue::new(
        "unit",
        "missing",
        "your key reaches several units: name the one that the figure is of",
        "khóa của bạn gồm nhiều đơn vị: hãy nêu đơn vị của số liệu",
    )
}
