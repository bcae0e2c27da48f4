//! What a profile says of cash desks: their kinds, when each pays and through which channels, and when unclaimed cash ends.

use super::Profile;
use super::check::Checked;
use super::load::{Document, wrong};
use super::spec::Labels;
use crate::domain::ids::{ChannelCode, DeskKindCode};
use crate::domain::period::Month;
use jiff::civil::Date;
use serde::Deserialize;

/// The table `[desks]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeskTable {
    /// Desks may pay after their window.
    #[serde(default)]
    pub late_pay: bool,
    /// After so many months in a row that nobody collected, no more cash is ordered for the person.
    pub unclaimed_months_max: u8,
    pub kinds: Vec<DeskKindSpec>,
}

/// A kind of desk.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeskKindSpec {
    pub code: DeskKindCode,
    /// The window of the calendar in which it pays.
    pub window: String,
    /// The channels that it pays through.
    pub channels: Vec<ChannelCode>,
    pub labels: Labels,
}

impl Profile {
    /// A kind of desk by its code.
    #[must_use]
    pub fn desk_kind(&self, code: &str) -> Option<&DeskKindSpec> {
        self.desks.kinds.iter().find(|kind| kind.code.as_str() == code)
    }

    /// First and last day on which a kind of desk pays a cycle in a unit.
    #[must_use]
    pub fn desk_window(&self, kind: &DeskKindSpec, cycle: Month, unit: &str) -> Option<(Date, Date)> {
        let (from, to) = self.window_days(self.window(&kind.window)?, cycle, Some(unit))?;
        Some((from.day, to.day))
    }
}

pub(super) fn check_desks(document: &Document) -> Checked {
    let desks = &document.desks;
    if desks.unclaimed_months_max == 0 {
        return wrong("desks", "unclaimed_months_max", "must be 1 or more");
    }
    for (index, kind) in desks.kinds.iter().enumerate() {
        let field = kind.code.as_str();
        if desks.kinds[..index].iter().any(|other| other.code == kind.code) {
            return wrong("desks.kinds", field, "is used twice");
        }
        let Some(window) = document.calendar.windows.iter().find(|window| window.code == kind.window) else {
            return wrong("desks.kinds", field, format!("{} is not a window", kind.window));
        };
        let fits = |code: &&ChannelCode| {
            let by_hand = document.channels.iter().any(|channel| channel.code == **code && channel.requires_presence);
            by_hand && window.channels.contains(code)
        };
        if let Some(code) = kind.channels.iter().find(|code| !fits(code)) {
            return wrong("desks.kinds", field, format!("{code} is no channel that pays by hand in that window"));
        }
        if let Some(missing) = document.languages.iter().find(|language| !kind.labels.0.contains_key(*language)) {
            return wrong("desks.kinds", format!("labels of {field}"), format!("the language {missing} is missing"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const TAVARIA: &str = include_str!("../../../config/tavaria.toml");

    #[track_caller]
    fn refused(from: &str, to: &str, expected: &str) {
        assert_eq!(TAVARIA.matches(from).count(), 1, "{from} must stand once");
        let units = include_str!("../../../config/tavaria/units.csv");
        let links = include_str!("../../../config/tavaria/successions.csv");
        let error = Profile::from_toml(&TAVARIA.replace(from, to), units, links).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn each_kind_of_desk_pays_in_its_own_window() {
        let vietnam = Profile::vietnam();
        let window = |kind: &str| {
            vietnam.desk_window(vietnam.desk_kind(kind).unwrap(), Month::parse("2025-03").unwrap(), "C20341")
        };
        assert_eq!(window("payment_point"), Some((date(2025, 3, 3), date(2025, 3, 10))));
        assert_eq!(window("post_office"), Some((date(2025, 3, 11), date(2025, 3, 25))));
        assert_eq!(window("home_team"), window("payment_point"));
    }

    #[test]
    fn desks_that_contradict_the_calendar_or_the_channels_are_refused() {
        refused("unclaimed_months_max = 3", "unclaimed_months_max = 0", "must be 1 or more");
        refused(
            "code = \"village_shop\"\nwindow = \"month_end\"",
            "code = \"village_shop\"\nwindow = \"dawn\"",
            "dawn is not a window",
        );
        refused("channels = [\"voucher\"]", "channels = [\"mobile_money\"]", "no channel that pays by hand");
    }
}
