//! Reading and checking the two texts of a country's units. Nothing here is called after a profile is loaded.

use super::{Succession, SuccessionKind, Unit, Units};
use crate::domain::ids::UnitKey;
use jiff::civil::Date;
use std::collections::HashSet;

const UNIT_COLUMNS: &str = "unit_key,code,level,name,type,parent_key,valid_from,valid_to,urban";
const SUCCESSION_COLUMNS: &str = "predecessor_key,successor_key,effective_on,kind";

/// A mistake in the units' or successions' text, with the line (the header is line 1).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{table}, line {line}: {problem}")]
pub struct PlaceError {
    /// `units` or `successions`.
    pub table: &'static str,
    pub line: usize,
    pub problem: String,
}

/// One line of a table with its fields.
struct Line<'a> {
    table: &'static str,
    number: usize,
    fields: Vec<String>,
    header: &'a str,
}

impl Line<'_> {
    fn error(&self, problem: impl Into<String>) -> PlaceError {
        PlaceError { table: self.table, line: self.number, problem: problem.into() }
    }

    fn text(&self, index: usize) -> Result<String, PlaceError> {
        let text = self.fields[index].trim();
        if text.is_empty() {
            return Err(self.error(format!("{} is empty", self.column(index))));
        }
        Ok(text.to_owned())
    }

    fn key(&self, index: usize) -> Result<UnitKey, PlaceError> {
        UnitKey::parse(self.fields[index].trim())
            .map_err(|error| self.error(format!("{}: {error}", self.column(index))))
    }

    fn date(&self, index: usize) -> Result<Option<Date>, PlaceError> {
        let text = self.fields[index].trim();
        if text.is_empty() {
            return Ok(None);
        }
        let wrong = || self.error(format!("{} must be a date as YYYY-MM-DD or empty, not {text}", self.column(index)));
        text.parse().map(Some).map_err(|_| wrong())
    }

    fn column(&self, index: usize) -> &str {
        self.header.split(',').nth(index).unwrap_or("?")
    }
}

pub(super) fn read(units: &str, successions: &str) -> Result<Units, PlaceError> {
    let mut all = Units::default();
    let lines = lines("units", units, UNIT_COLUMNS)?;
    for line in &lines {
        let unit = unit(line)?;
        let index = all.versions.len();
        if all.by_key.insert(unit.key.clone(), index).is_some() {
            return Err(line.error(format!("unit_key {} is used twice", unit.key)));
        }
        all.by_code.entry(unit.code.as_str().into()).or_default().push(index);
        all.versions.push(unit);
    }
    link_parents(&mut all, &lines)?;
    link_successions(&mut all, successions)?;
    Ok(all)
}

fn unit(line: &Line) -> Result<Unit, PlaceError> {
    let urban = match line.fields[8].trim() {
        "" => None,
        "true" => Some(true),
        "false" => Some(false),
        other => return Err(line.error(format!("urban must be true, false or empty, not {other}"))),
    };
    let parent = if line.fields[5].trim().is_empty() { None } else { Some(line.key(5)?) };
    let (valid_from, valid_to) = (line.date(6)?, line.date(7)?);
    if let (Some(from), Some(to)) = (valid_from, valid_to)
        && to < from
    {
        return Err(line.error(format!("valid_to {to} lies before valid_from {from}")));
    }
    Ok(Unit {
        key: line.key(0)?,
        code: line.text(1)?,
        level: line.text(2)?,
        name: line.text(3)?,
        class: line.fields[4].trim().to_owned(),
        parent,
        valid_from,
        valid_to,
        urban,
    })
}

fn link_parents(all: &mut Units, lines: &[Line]) -> Result<(), PlaceError> {
    all.parents = vec![None; all.versions.len()];
    all.children = vec![Vec::new(); all.versions.len()];
    for (index, (unit, line)) in all.versions.iter().zip(lines).enumerate() {
        let Some(parent) = &unit.parent else { continue };
        let Some(above) = all.by_key.get(parent).copied() else {
            return Err(line.error(format!("parent_key {parent} is not among the units")));
        };
        if !overlap(unit, &all.versions[above]) {
            return Err(line.error(format!("parent_key {parent} is never in force together with {}", unit.key)));
        }
        all.parents[index] = Some(above);
        all.children[above].push(index);
    }
    for (index, line) in lines.iter().enumerate() {
        let steps =
            std::iter::successors(Some(index), |index| all.parents[*index]).take(all.versions.len() + 1).count();
        if steps > all.versions.len() {
            return Err(line.error(format!("{} lies below itself", all.versions[index].key)));
        }
    }
    Ok(())
}

fn overlap(a: &Unit, b: &Unit) -> bool {
    let starts_in_time = |a: &Unit, b: &Unit| a.valid_from.zip(b.valid_to).is_none_or(|(from, to)| from <= to);
    starts_in_time(a, b) && starts_in_time(b, a)
}

fn link_successions(all: &mut Units, text: &str) -> Result<(), PlaceError> {
    all.links_from = vec![Vec::new(); all.versions.len()];
    all.links_to = vec![Vec::new(); all.versions.len()];
    let mut seen = HashSet::new();
    for line in &lines("successions", text, SUCCESSION_COLUMNS)? {
        let link = succession(line)?;
        let find = |key: &UnitKey| {
            all.by_key.get(key).copied().ok_or_else(|| line.error(format!("{key} is not among the units")))
        };
        let (from, to) = (find(&link.predecessor)?, find(&link.successor)?);
        if !seen.insert((from, to)) {
            return Err(line.error("this succession is named twice"));
        }
        if all.versions[from].valid_to.is_none_or(|last| last >= link.effective_on) {
            return Err(line.error(format!("{} must end before {}", link.predecessor, link.effective_on)));
        }
        if !all.versions[to].in_force(link.effective_on) {
            return Err(line.error(format!("{} is not in force on {}", link.successor, link.effective_on)));
        }
        let others = &all.links_from[from];
        if !others.is_empty() && (link.kind == SuccessionKind::Whole || is_whole(all, others)) {
            return Err(line.error(format!("{} cannot go whole into one unit and also into another", link.predecessor)));
        }
        if link.kind == SuccessionKind::PartDefault && others.iter().any(|l| all.links[*l].kind == link.kind) {
            return Err(line.error(format!("{} has two default successors", link.predecessor)));
        }
        let index = all.links.len();
        all.links_from[from].push(index);
        all.links_to[to].push(index);
        all.links.push(link);
    }
    Ok(())
}

fn is_whole(all: &Units, links: &[usize]) -> bool {
    links.iter().any(|link| all.links[*link].kind == SuccessionKind::Whole)
}

fn succession(line: &Line) -> Result<Succession, PlaceError> {
    let kind = match line.fields[3].trim() {
        "whole" => SuccessionKind::Whole,
        "part" => SuccessionKind::Part,
        "part-default" => SuccessionKind::PartDefault,
        other => return Err(line.error(format!("kind must be whole, part or part-default, not {other}"))),
    };
    let effective_on = line.date(2)?.ok_or_else(|| line.error("effective_on is empty"))?;
    Ok(Succession { predecessor: line.key(0)?, successor: line.key(1)?, effective_on, kind })
}

fn lines<'a>(table: &'static str, text: &str, header: &'a str) -> Result<Vec<Line<'a>>, PlaceError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut numbered = text.lines().enumerate();
    let columns = header.split(',').count();
    if numbered.next().is_none_or(|(_, first)| first.trim() != header) {
        return Err(PlaceError { table, line: 1, problem: format!("the header must be {header}") });
    }
    let mut found = Vec::new();
    for (index, text) in numbered.filter(|(_, text)| !text.trim().is_empty()) {
        let line = Line { table, number: index + 1, fields: fields(text), header };
        if line.fields.len() != columns {
            return Err(line.error(format!("{} fields instead of {columns}", line.fields.len())));
        }
        found.push(line);
    }
    Ok(found)
}

/// Splits at commas outside double quotes; a doubled quote inside quotes is one. A field cannot hold a line break here.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let (mut quoted, mut characters) = (false, line.chars().peekable());
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.next_if_eq(&'"').is_some() => push(&mut fields, '"'),
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            other => push(&mut fields, other),
        }
    }
    fields
}

fn push(fields: &mut [String], character: char) {
    if let Some(last) = fields.last_mut() {
        last.push(character);
    }
}
