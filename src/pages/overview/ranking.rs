//! Who stands where: the ranking with its sparks, the tiles, and who moved.

use super::OverviewPage;
use crate::app::assessment::{Tile, UnitLine, mapped, picture};

/// Lines of the lists of movers, each way.
const MOVERS: usize = 5;
/// Units of the ranking that one sees at once.
const RANKED_FIRST: usize = 20;
/// Units of the ranking on the page.
const RANKED_MAX: usize = 300;

/// One line of the ranking.
pub struct Ranked<'a> {
    pub rank: String,
    /// How many places it went up; negative for down.
    pub places: Option<i64>,
    pub name: &'a str,
    pub href: Option<String>,
    pub spark: String,
    pub bar: String,
    pub rate: String,
    pub change: String,
    pub people: String,
    pub complete: String,
    pub is_assessable: bool,
}

/// One unit that moved.
pub struct Mover<'a> {
    pub name: &'a str,
    pub href: String,
    pub change: String,
    pub rate: String,
}

impl<'a> OverviewPage<'a> {
    pub(super) fn level(&self) -> &str {
        self.profile.level(&self.o.level).map_or("", |level| level.labels.get(self.t().code()))
    }

    pub(super) fn tile_level(&self) -> &str {
        let level = self.profile.level(&self.profile.payment_level);
        level.map_or("", |level| level.labels.get(self.t().code()))
    }

    /// Whether any of the units has an outline.
    pub(super) fn is_mapped(&self) -> bool {
        self.outlines.is_some_and(|outlines| self.o.tiles.iter().any(|tile| outlines.of(&tile.unit).is_some()))
    }

    /// Where units stand: on a map as far as there are outlines, and as tiles.
    pub(super) fn tiles(&self) -> String {
        let link = |tile: &Tile| Some(self.unit_link(tile.unit.as_str()));
        let drawn = self.outlines.and_then(|outlines| mapped::map(&self.o.tiles, outlines, (self.t(), link)));
        match drawn {
            Some((map, true)) => map,
            Some((map, false)) => {
                let outside = |tile: &&Tile| self.outlines.is_some_and(|outlines| outlines.of(&tile.unit).is_none());
                let others: Vec<Tile> = self.o.tiles.iter().filter(outside).cloned().collect();
                map + &picture::grid(&others, self.t(), link)
            }
            None => picture::grid(&self.o.tiles, self.t(), link),
        }
    }

    pub(super) fn legend(&self) -> String {
        picture::legend(self.t())
    }

    /// A ranking of one is none.
    pub(super) fn is_ranked(&self) -> bool {
        self.o.ranking.iter().any(|line| Some(&line.unit) != self.o.unit.as_ref())
    }

    pub(super) fn ranked_first(&self) -> Vec<Ranked<'a>> {
        self.o.ranking.iter().take(RANKED_FIRST).map(|line| self.ranked_line(line)).collect()
    }

    pub(super) fn ranked_rest(&self) -> Vec<Ranked<'a>> {
        let rest = self.o.ranking.iter().take(RANKED_MAX).skip(RANKED_FIRST);
        rest.map(|line| self.ranked_line(line)).collect()
    }

    pub(super) fn more_ranked(&self) -> Option<String> {
        let more = self.o.ranking.len().checked_sub(RANKED_MAX).filter(|more| *more > 0)?;
        Some(self.page.say("overview.more_units", &[("n", &more.to_string())]))
    }

    pub(super) fn ranked_line(&self, line: &'a UnitLine) -> Ranked<'a> {
        let t = self.t();
        let people = self.people(&line.now);
        let before = line.before.as_ref().map(|found| self.people(found));
        let is_rated = people.denominator > 0;
        let place = |rank: usize| i64::try_from(rank).unwrap_or(i64::MAX);
        Ranked {
            rank: if is_rated { line.rank.to_string() } else { "–".to_owned() },
            places: line.rank_before.filter(|_| is_rated).map(|before| place(before) - place(line.rank)),
            name: &line.name,
            href: (Some(&line.unit) != self.o.unit.as_ref()).then(|| self.unit_link(line.unit.as_str())),
            spark: self.o.series.get(&line.unit).map_or_else(String::new, |rates| picture::spark(rates)),
            bar: picture::bar(people),
            rate: t.percent(people),
            change: if is_rated { t.change(people, before) } else { String::new() },
            people: if is_rated { t.number(people.denominator) } else { String::new() },
            complete: t.percent(line.now.completeness),
            is_assessable: line.is_assessable,
        }
    }

    /// Who gained and who lost most, in points.
    pub(super) fn movers(&self) -> Vec<Vec<Mover<'a>>> {
        let change = |line: &'a UnitLine| {
            let before = self.people(line.before.as_ref()?);
            Some((line, self.people(&line.now).points_since(before)?))
        };
        let mut moved: Vec<(&UnitLine, i64)> =
            self.o.ranking.iter().filter(|line| line.is_assessable).filter_map(change).collect();
        moved.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.name.cmp(&b.0.name)));
        let mover = |(line, points): &(&'a UnitLine, i64)| Mover {
            name: &line.name,
            href: self.unit_link(line.unit.as_str()),
            change: self.t().points(Some(*points)),
            rate: self.t().percent(self.people(&line.now)),
        };
        let up = moved.iter().filter(|(_, points)| *points > 0).take(MOVERS).map(mover).collect();
        let down = moved.iter().rev().filter(|(_, points)| *points < 0).take(MOVERS).map(mover).collect();
        let lists: [Vec<Mover<'a>>; 2] = [up, down];
        lists.into_iter().filter(|list| !list.is_empty()).collect()
    }
}
