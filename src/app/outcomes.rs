//! What came of a cycle's payments, as published: states, first attempts, days and reasons by unit and cycle, the same for everybody.

use crate::app::App;
use crate::app::access::Principal;
use crate::app::error::AppError;
use crate::app::known_tables::OutcomesOfCycle;
use crate::app::published::Part;
use crate::app::queries::{Answer, plan_error};
use crate::projections::figures::outcomes::{self, Outcomes};
use crate::projections::figures::privacy::{Breakdown, Open, WHOLE};
use crate::projections::figures::{Dimension, FigureQuery, Filters, GroupKey};
use std::collections::BTreeMap;
use std::sync::Arc;

pub use crate::projections::figures::outcomes::{KINDS, Reasons, Told};

impl App {
    /// Whether outcomes are published by what a question filters and groups by: units as paid, and cycles.
    #[must_use]
    pub fn outcomes_are_published(query: &FigureQuery) -> bool {
        Breakdown::of(query) == Some(Breakdown::Whole)
    }

    /// Outcomes as published, for each group asked.
    pub async fn outcomes(
        &self,
        principal: &Principal,
        query: FigureQuery,
        min_position: Option<u64>,
    ) -> Result<Answer<Vec<Told>>, AppError> {
        let query = self.within_units(principal, query)?;
        let published = self.published_cycles(&query, min_position).await?;
        let mut answer = Vec::new();
        for (cycle, point) in &published.cycles {
            let mut part = Part::new(self, &query, (*cycle, *point, Breakdown::Whole));
            let whole = part.decide().await?;
            let found = part.outcomes(&whole).await?;
            answer.extend(part.told(&whole, &found));
        }
        if answer.is_empty() && query.group_by.is_empty() {
            answer.push(Told::default());
        }
        answer.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(published.answer(answer))
    }

    /// The days of a cycle's month by which payments should be settled, the earliest first.
    fn timeliness_days(&self) -> Vec<i8> {
        let mut days = self.profile.figures.timeliness_days.clone();
        days.sort_unstable();
        days
    }
}

impl Part<'_> {
    /// The outcomes of every node of the tree, and what may be told of them.
    async fn outcomes(&self, whole: &Open) -> Result<Arc<OutcomesOfCycle>, AppError> {
        if let Some(known) = self.app.published.outcomes(self.cycle) {
            return Ok(known);
        }
        let filters = Filters { cycle_from: Some(self.cycle), cycle_to: Some(self.cycle), ..Filters::default() };
        let days = self.app.timeliness_days();
        let levels = self.app.profile.levels.iter().map(|level| Some(level.code.clone()));
        let mut table: BTreeMap<String, Outcomes> = BTreeMap::new();
        for level in std::iter::once(None).chain(levels) {
            let group_by: Vec<Dimension> = level.into_iter().map(Dimension::UnitLevel).collect();
            let query = FigureQuery { filters: filters.clone(), group_by: group_by.clone(), as_of: self.query.as_of };
            let read = outcomes::reads(&query, self.app.profile.as_ref()).map_err(plan_error)?;
            let found = self.app.read_figures(&[read], query.as_of, None).await?.answer;
            let found = outcomes::evaluate(found.iter().flatten(), (&group_by, &days), self.app.profile.as_ref());
            let node = |key: GroupKey| key.into_iter().next().unwrap_or_else(|| WHOLE.to_owned());
            table.extend(found.into_iter().map(|(key, outcomes)| (node(key), outcomes)));
        }
        let open = self.lattice(|lattice| lattice.outcomes(whole, (&table, days.len())));
        let found = Arc::new((table, open));
        self.app.published.put_outcomes(self.cycle, &found);
        Ok(found)
    }

    fn told(&self, whole: &Open, found: &OutcomesOfCycle) -> Vec<Told> {
        let (table, open) = found;
        let days = self.app.timeliness_days();
        let nothing = Outcomes::default();
        let told = |key: GroupKey| {
            let node = self.node(&key);
            let outcomes = node.as_ref().and_then(|node| table.get(node)).unwrap_or(&nothing);
            open.told((node.as_deref(), key), (outcomes, whole), &days)
        };
        self.keys().into_iter().map(told).collect()
    }

    /// The groups of the question: one for each unit of the level asked, whether anybody is paid there or not.
    fn keys(&self) -> Vec<GroupKey> {
        let labels: Vec<Option<String>> = match self.unit_place() {
            None => vec![None],
            Some(_) => self.units_told().into_iter().map(Some).collect(),
        };
        let key = |label: Option<String>| -> GroupKey {
            let value = |one: &Dimension| match one {
                Dimension::Cycle => self.cycle.to_string(),
                _ => label.clone().unwrap_or_default(),
            };
            self.query.group_by.iter().map(value).collect()
        };
        labels.into_iter().map(key).collect()
    }

    /// Units of the level asked: those in the units asked, or that one of these is in.
    fn units_told(&self) -> Vec<String> {
        let profile = &self.app.profile;
        let mut all = self.units_in_force();
        for dimension in &self.query.group_by {
            let Dimension::UnitLevel(level) = dimension else { continue };
            for scope in &self.query.filters.units {
                let above = profile.units.ancestors(scope.as_str()).filter(|unit| unit.level == *level);
                all.extend(above.map(|unit| unit.key.to_string()));
            }
        }
        all.sort();
        all.dedup();
        all
    }
}
