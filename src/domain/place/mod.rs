//! Administrative units as dated versions in a tree, and who succeeded whom. Reads no file: the texts are given.

mod basis;
mod load;
mod reach;

#[cfg(test)]
mod tests;

pub use basis::UnitBasis;
pub use load::PlaceError;

use crate::domain::ids::UnitKey;
use crate::domain::payment::command::UnitFact;
use jiff::civil::Date;
use std::collections::HashMap;

/// One version of a unit. A reform that changes code, name, class or parent makes a new version with a new key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    pub key: UnitKey,
    /// The statistical code, text with leading zeros. Reforms reuse codes: never an identity.
    pub code: String,
    /// The level's code in the profile, for example `commune`.
    pub level: String,
    pub name: String,
    /// The unit's class as the source writes it, for example `phuong`.
    pub class: String,
    pub parent: Option<UnitKey>,
    /// First day in force; `None` is before all records.
    pub valid_from: Option<Date>,
    /// Last day in force; `None` is still.
    pub valid_to: Option<Date>,
    /// Explicit, never derived from the class: reforms change what counts. `None` where the source does not say.
    pub urban: Option<bool>,
}

impl Unit {
    /// In force on that day.
    #[must_use]
    pub fn in_force(&self, on: Date) -> bool {
        self.valid_from.is_none_or(|from| from <= on) && self.valid_to.is_none_or(|to| on <= to)
    }

    /// The facts that a command about a payment needs. `code_as_received` is what the sender wrote.
    #[must_use]
    pub fn fact(&self, code_as_received: &str) -> UnitFact {
        UnitFact {
            key: self.key.clone(),
            code_as_received: code_as_received.to_owned(),
            urban: self.urban.unwrap_or(false),
            valid_from: self.valid_from,
            valid_to: self.valid_to,
        }
    }
}

/// How much of a unit went to a successor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SuccessionKind {
    /// All of it.
    Whole,
    /// Some of it.
    Part,
    /// Some of it, and the people of whom nothing else is known.
    PartDefault,
}

/// A link from a unit to what came after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Succession {
    pub predecessor: UnitKey,
    pub successor: UnitKey,
    /// The successor's first day for this territory.
    pub effective_on: Date,
    pub kind: SuccessionKind,
}

/// Where a unit's territory is on a later day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rolled<'a> {
    /// In one unit.
    Whole(&'a Unit),
    /// In several; a payment of the old unit cannot be attributed, except to the default when the reader accepts one.
    Parts { default: Option<&'a Unit>, parts: Vec<&'a Unit> },
    /// Nowhere on record: the unit is unknown, or closed without a successor, or opens after that day.
    Nowhere,
}

/// Why a text does not name one unit in force. `Display` says how to mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// No unit has or had this key or code. What was sent is not repeated: it may be a name that slipped into the wrong field.
    #[error("no unit has this key or code")]
    Unknown { text: String },
    /// The code names several units in force.
    #[error("the code {text} names several units; use one of the unit keys: {}", join(candidates))]
    Ambiguous { text: String, candidates: Vec<UnitKey> },
    /// The unit was closed before that day.
    #[error("unit {text} was in force until {closed_on}; its successors: {}", join(successors))]
    NotInForce { text: String, closed_on: Date, successors: Vec<UnitKey> },
    /// The unit opens after that day.
    #[error("unit {text} is in force from {opens_on}; before it: {}", join(predecessors))]
    NotYetInForce { text: String, opens_on: Date, predecessors: Vec<UnitKey> },
    /// The unit is of a level at which nothing is paid.
    #[error("unit {text} is a {level}; payments name a {expected}")]
    WrongLevel { text: String, level: String, expected: String },
}

fn join(keys: &[UnitKey]) -> String {
    if keys.is_empty() {
        return "none on record".to_owned();
    }
    keys.iter().map(UnitKey::as_str).collect::<Vec<_>>().join(", ")
}

/// All unit versions and successions of a profile, indexed. Built once, then only read.
#[derive(Debug, Clone, Default)]
pub struct Units {
    versions: Vec<Unit>,
    by_key: HashMap<UnitKey, usize>,
    by_code: HashMap<Box<str>, Vec<usize>>,
    parents: Vec<Option<usize>>,
    children: Vec<Vec<usize>>,
    links: Vec<Succession>,
    /// Indexes into `links`, by predecessor and by successor.
    links_from: Vec<Vec<usize>>,
    links_to: Vec<Vec<usize>>,
}

impl Units {
    /// Reads the two texts (CSV, comma, UTF-8, header line). Columns of units: `unit_key, code, level, name, type, parent_key,
    /// valid_from, valid_to, urban`; of successions: `predecessor_key, successor_key, effective_on, kind`.
    pub fn from_csv(units: &str, successions: &str) -> Result<Self, PlaceError> {
        load::read(units, successions)
    }

    /// All versions in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Unit> {
        self.versions.iter()
    }

    /// The version with this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Unit> {
        self.by_key.get(key).map(|index| &self.versions[*index])
    }

    /// The versions with this code that are in force on that day, of one level or of any.
    #[must_use]
    pub fn in_force(&self, code: &str, level: Option<&str>, on: Date) -> Vec<&Unit> {
        let fits = |unit: &&Unit| unit.in_force(on) && level.is_none_or(|level| unit.level == level);
        self.with_code(code).filter(fits).collect()
    }

    /// The unit that a text names on a day. The text is a unit key or a code; what is in force wins over what is not, a key over a code.
    pub fn resolve(&self, text: &str, on: Date) -> Result<&Unit, ResolveError> {
        self.resolve_among(text, on, |_| true)
    }

    /// The unit of one level that a text names on a day. A code may stand for a unit of another level too: it does not count here.
    pub fn resolve_at_level(&self, text: &str, level: &str, on: Date) -> Result<&Unit, ResolveError> {
        self.resolve_among(text, on, |unit| unit.level == level).map_err(|error| match self.resolve(text, on) {
            Ok(other) => {
                let (level, expected) = (other.level.clone(), level.to_owned());
                ResolveError::WrongLevel { text: text.to_owned(), level, expected }
            }
            Err(_) => error,
        })
    }

    /// Called for every row of a file: allocates on refusal only.
    fn resolve_among(&self, text: &str, on: Date, counts: impl Fn(&Unit) -> bool) -> Result<&Unit, ResolveError> {
        let by_key = self.get(text).filter(|unit| counts(unit));
        if let Some(unit) = by_key.filter(|unit| unit.in_force(on)) {
            return Ok(unit);
        }
        let with_code = || self.with_code(text).filter(|unit| counts(unit));
        let mut in_force = with_code().filter(|unit| unit.in_force(on));
        match (in_force.next(), in_force.next()) {
            (Some(unit), None) => Ok(unit),
            (Some(first), Some(second)) => {
                let candidates = [first, second].into_iter().chain(in_force).map(|unit| unit.key.clone()).collect();
                Err(ResolveError::Ambiguous { text: text.to_owned(), candidates })
            }
            (None, _) => Err(self.why_not(text, by_key.into_iter().chain(with_code()), on)),
        }
    }

    /// The unit above.
    #[must_use]
    pub fn parent(&self, key: &str) -> Option<&Unit> {
        let index = *self.by_key.get(key)?;
        self.parents[index].map(|parent| &self.versions[parent])
    }

    /// The unit itself, then the one above it, up to the root. Empty for an unknown key.
    pub fn ancestors(&self, key: &str) -> impl Iterator<Item = &Unit> {
        let start = self.by_key.get(key).copied();
        std::iter::successors(start, |index| self.parents[*index]).map(|index| &self.versions[index])
    }

    /// The units directly below, of all times.
    pub fn children(&self, key: &str) -> impl Iterator<Item = &Unit> {
        self.by_key.get(key).into_iter().flat_map(|index| &self.children[*index]).map(|index| &self.versions[*index])
    }

    /// The unit itself and all below it, of all times.
    #[must_use]
    pub fn subtree(&self, key: &str) -> Vec<&Unit> {
        let mut found: Vec<usize> = self.by_key.get(key).copied().into_iter().collect();
        let mut next = 0;
        while let Some(index) = found.get(next) {
            found.extend_from_slice(&self.children[*index]);
            next += 1;
        }
        found.into_iter().map(|index| &self.versions[index]).collect()
    }

    /// The units without one above them, of all times.
    pub fn roots(&self) -> impl Iterator<Item = &Unit> {
        self.versions.iter().filter(|unit| unit.parent.is_none())
    }

    /// True when the unit is the scope itself or lies below it. False for unknown keys.
    #[must_use]
    pub fn is_under(&self, key: &str, scope: &str) -> bool {
        self.ancestors(key).any(|unit| unit.key.as_str() == scope)
    }

    /// What came after the unit.
    pub fn successors(&self, key: &str) -> impl Iterator<Item = &Succession> {
        self.by_key.get(key).into_iter().flat_map(|index| &self.links_from[*index]).map(|link| &self.links[*link])
    }

    /// What was there before the unit.
    pub fn predecessors(&self, key: &str) -> impl Iterator<Item = &Succession> {
        self.by_key.get(key).into_iter().flat_map(|index| &self.links_to[*index]).map(|link| &self.links[*link])
    }

    /// Where the unit's territory is on a day, following the successions.
    #[must_use]
    pub fn roll_forward(&self, key: &str, on: Date) -> Rolled<'_> {
        let Some(unit) = self.get(key) else { return Rolled::Nowhere };
        if unit.in_force(on) {
            return Rolled::Whole(unit);
        }
        // Each link leads to a unit that is in force later than its predecessor (checked on load): this ends.
        let mut links = self.successors(key).filter(|link| link.effective_on <= on);
        let Some(first) = links.next() else { return Rolled::Nowhere };
        if first.kind == SuccessionKind::Whole {
            return self.roll_forward(first.successor.as_str(), on);
        }
        let (mut parts, mut default) = (Vec::new(), None);
        for link in std::iter::once(first).chain(links) {
            let rolled = self.roll_forward(link.successor.as_str(), on);
            if link.kind == SuccessionKind::PartDefault {
                default = rolled.default_unit();
            }
            rolled.add_to(&mut parts);
        }
        match parts.as_slice() {
            [] => Rolled::Nowhere,
            [only] => Rolled::Whole(only),
            _ => Rolled::Parts { default, parts },
        }
    }

    fn with_code(&self, code: &str) -> impl Iterator<Item = &Unit> {
        self.by_code.get(code).into_iter().flatten().map(|index| &self.versions[*index])
    }

    fn why_not<'a>(&self, text: &str, versions: impl Iterator<Item = &'a Unit>, on: Date) -> ResolveError {
        let text = text.to_owned();
        let (closed, later): (Vec<_>, Vec<_>) = versions.partition(|unit| unit.valid_to.is_some_and(|to| to < on));
        if let Some((unit, closed_on)) =
            closed.iter().filter_map(|unit| Some((unit, unit.valid_to?))).max_by_key(|(_, to)| *to)
        {
            let successors = match self.roll_forward(unit.key.as_str(), on) {
                Rolled::Whole(unit) => vec![unit.key.clone()],
                Rolled::Parts { parts, .. } => parts.into_iter().map(|unit| unit.key.clone()).collect(),
                Rolled::Nowhere => Vec::new(),
            };
            return ResolveError::NotInForce { text, closed_on, successors };
        }
        if let Some((unit, opens_on)) =
            later.iter().filter_map(|unit| Some((unit, unit.valid_from?))).min_by_key(|(_, from)| *from)
        {
            let predecessors = self.predecessors(unit.key.as_str()).map(|link| link.predecessor.clone()).collect();
            return ResolveError::NotYetInForce { text, opens_on, predecessors };
        }
        ResolveError::Unknown { text }
    }
}

impl<'a> Rolled<'a> {
    /// The one unit, or the default among several.
    #[must_use]
    pub fn default_unit(&self) -> Option<&'a Unit> {
        match self {
            Self::Whole(unit) => Some(unit),
            Self::Parts { default, .. } => *default,
            Self::Nowhere => None,
        }
    }

    fn add_to(self, parts: &mut Vec<&'a Unit>) {
        let found = match self {
            Self::Whole(unit) => vec![unit],
            Self::Parts { parts, .. } => parts,
            Self::Nowhere => Vec::new(),
        };
        for unit in found {
            if !parts.iter().any(|known| known.key == unit.key) {
                parts.push(unit);
            }
        }
    }
}
