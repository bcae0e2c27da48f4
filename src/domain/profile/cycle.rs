//! The days of one cycle in one unit, each with its reason: cut-offs, windows, due days, and when the unpaid list must be back.

use super::spec::{Labels, OwnDaysSpec, WindowSpec};
use super::{Periodicity, Profile};
use crate::domain::calendar::day_or_last;
use crate::domain::ids::{BenefitGroup, ChannelCode};
use crate::domain::period::Month;
use jiff::civil::Date;

/// What a day of the calendar is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DayKind {
    /// The last day on which something is taken for this cycle.
    CutOff,
    /// The days in which some channels pay.
    Window,
    /// The day on which a channel's payments are due.
    Due,
    /// The day by which the list of what nobody collected must be back.
    UnpaidList,
}

impl DayKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::CutOff, Self::Window, Self::Due, Self::UnpaidList];

    /// The word in JSON and files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CutOff => "cut_off",
            Self::Window => "window",
            Self::Due => "due",
            Self::UnpaidList => "unpaid_list",
        }
    }
}

/// Why a day is not the planned one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PutOff {
    Weekend,
    Holiday,
}

impl PutOff {
    /// The word in JSON and files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Weekend => "weekend",
            Self::Holiday => "holiday",
        }
    }
}

/// A planned day and the day that it becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned {
    pub planned: Date,
    /// The planned day, or the next working day after it.
    pub day: Date,
    /// Why the planned day is not worked.
    pub put_off: Option<PutOff>,
}

/// One entry of a cycle's calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CycleDay {
    pub kind: DayKind,
    /// Of the cut-off, the window or the channel.
    pub code: String,
    pub from: Planned,
    /// The same as `from` for what is one day.
    pub to: Planned,
    pub channels: Vec<ChannelCode>,
    pub labels: Labels,
    /// The notice that set own days for this unit.
    pub own_days: Option<Labels>,
}

/// The months that a cycle pays for some groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaidMonths {
    pub groups: Vec<BenefitGroup>,
    pub months: Vec<Month>,
    /// The cycle that paid this cycle's own month already, when this one pays nothing.
    pub paid_with: Option<Month>,
}

/// The code of the cut-off for changes of the payout method.
const METHOD_CHANGE: &str = "method_change";

impl Profile {
    /// A day with its successor when it is not worked.
    fn planned(&self, planned: Date) -> Planned {
        let day = self.working_days.on_or_after(planned);
        let because = if self.working_days.holidays.contains(&planned) { PutOff::Holiday } else { PutOff::Weekend };
        Planned { planned, day, put_off: (day != planned).then_some(because) }
    }

    /// The own days that a unit has for a window in a cycle: those of the nearest unit above it, else those for everywhere.
    fn own_days(&self, window: &str, cycle: Month, unit: Option<&str>) -> Option<&OwnDaysSpec> {
        let fits = |spec: &&OwnDaysSpec| spec.window == window && (spec.first_cycle..=spec.last_cycle).contains(&cycle);
        let of_units = unit
            .into_iter()
            .flat_map(|unit| self.units.ancestors(unit))
            .find_map(|above| self.own_days.iter().filter(fits).find(|spec| spec.unit.as_ref() == Some(&above.key)));
        of_units.or_else(|| self.own_days.iter().filter(fits).find(|spec| spec.unit.is_none()))
    }

    /// First and last day of a window, as planned and as they become.
    #[must_use]
    pub fn window_days(&self, window: &WindowSpec, cycle: Month, unit: Option<&str>) -> Option<(Planned, Planned)> {
        let own = self.own_days(&window.code, cycle, unit);
        let (from, to) = own.map_or((window.from_day, window.to_day), |own| (own.from_day, own.to_day));
        Some((self.planned(day_or_last(cycle, from)?), self.planned(day_or_last(cycle, to)?)))
    }

    /// A window by its code.
    #[must_use]
    pub fn window(&self, code: &str) -> Option<&WindowSpec> {
        self.windows.iter().find(|window| window.code == code)
    }

    /// The last day on which a cycle's payments through a channel are paid in a unit: the end of the channel's last window.
    #[must_use]
    pub fn last_day(&self, cycle: Month, channel: &str, unit: Option<&str>) -> Option<Date> {
        let pays = |window: &&WindowSpec| window.channels.iter().any(|code| code.as_str() == channel);
        let ends = self.windows.iter().filter(pays).filter_map(|window| self.window_days(window, cycle, unit));
        ends.map(|(_, to)| to.day).max()
    }

    /// The day on which a cycle's payments through a channel are due in a unit, by the unit's own days if it has any.
    #[must_use]
    pub fn due_in(&self, cycle: Month, channel: &str, unit: Option<&str>) -> Option<Date> {
        self.planned_due(cycle, channel, unit).map(|planned| planned.day)
    }

    fn planned_due(&self, cycle: Month, channel: &str, unit: Option<&str>) -> Option<Planned> {
        let usual = self.channel(channel)?.due_day;
        let mut of_channel =
            self.windows.iter().filter(|window| window.channels.iter().any(|code| code.as_str() == channel));
        let own = of_channel.find_map(|window| self.own_days(&window.code, cycle, unit)?.due_day);
        day_or_last(cycle, own.unwrap_or(usual)).map(|day| self.planned(day))
    }

    /// By when the list of what nobody collected must be back: some working days after the last window of the channels that pay by hand.
    #[must_use]
    pub fn unpaid_list_day(&self, cycle: Month, unit: Option<&str>) -> Option<Date> {
        let by_hand = self.channels.iter().filter(|channel| channel.requires_presence);
        let last = by_hand.filter_map(|channel| self.last_day(cycle, channel.code.as_str(), unit)).max()?;
        Some(self.working_days.after(last, self.unpaid_list_working_days))
    }

    /// The months that a cycle pays of a benefit type when nobody names them: its own, or those that the calendar puts together.
    #[must_use]
    pub fn benefit_months(&self, cycle: Month, benefit_type: &str) -> Vec<Month> {
        let monthly = self.benefit_type(benefit_type).filter(|spec| spec.periodicity == Periodicity::Monthly);
        let group = monthly.map(|spec| &spec.group);
        let together = self
            .paid_cycles
            .iter()
            .find(|spec| spec.cycle == cycle && group.is_some_and(|g| spec.groups_paid.contains(g)));
        together.map_or_else(|| vec![cycle], |spec| spec.benefit_months.clone())
    }

    /// The months that a cycle pays otherwise than its own, by groups.
    #[must_use]
    pub fn paid_months(&self, cycle: Month) -> Vec<PaidMonths> {
        let mut all = Vec::new();
        for spec in &self.paid_cycles {
            if spec.cycle == cycle {
                let months = spec.benefit_months.clone();
                all.push(PaidMonths { groups: spec.groups_paid.clone(), months, paid_with: None });
            } else if spec.benefit_months.contains(&cycle) {
                let groups = spec.groups_paid.clone();
                all.push(PaidMonths { groups, months: Vec::new(), paid_with: Some(spec.cycle) });
            }
        }
        all
    }

    /// Every day of a cycle in a unit, in order.
    #[must_use]
    pub fn cycle_days(&self, cycle: Month, unit: Option<&str>) -> Vec<CycleDay> {
        let mut days = self.cut_off_days(cycle);
        for window in &self.windows {
            let Some((from, to)) = self.window_days(window, cycle, unit) else { continue };
            days.push(CycleDay {
                kind: DayKind::Window,
                code: window.code.clone(),
                from,
                to,
                channels: window.channels.clone(),
                labels: window.labels.clone(),
                own_days: self.own_days(&window.code, cycle, unit).map(|own| own.labels.clone()),
            });
        }
        for channel in &self.channels {
            let Some(due) = self.planned_due(cycle, channel.code.as_str(), unit) else { continue };
            let of_channel = self.windows.iter().filter(|window| window.channels.contains(&channel.code));
            let mut own = of_channel.filter_map(|window| self.own_days(&window.code, cycle, unit));
            days.push(CycleDay {
                kind: DayKind::Due,
                code: channel.code.to_string(),
                from: due,
                to: due,
                channels: vec![channel.code.clone()],
                labels: channel.labels.clone(),
                own_days: own.find(|own| own.due_day.is_some()).map(|own| own.labels.clone()),
            });
        }
        days.extend(self.unpaid_list_day(cycle, unit).map(|day| self.unpaid_list(day)));
        days.sort_by(|a, b| (a.from.day, a.to.day, &a.code).cmp(&(b.from.day, b.to.day, &b.code)));
        days
    }

    fn unpaid_list(&self, day: Date) -> CycleDay {
        let planned = Planned { planned: day, day, put_off: None };
        let by_hand = self.channels.iter().filter(|channel| channel.requires_presence);
        CycleDay {
            kind: DayKind::UnpaidList,
            code: DayKind::UnpaidList.as_str().to_owned(),
            from: planned,
            to: planned,
            channels: by_hand.map(|channel| channel.code.clone()).collect(),
            labels: Labels::default(),
            own_days: None,
        }
    }

    /// Cut-offs are last days for filing and are not put off: a request is dated, whatever day it is.
    fn cut_off_days(&self, cycle: Month) -> Vec<CycleDay> {
        let one = |code: &str, day: Option<Date>, labels: Labels| {
            let planned = Planned { planned: day?, day: day?, put_off: None };
            let code = code.to_owned();
            let (kind, channels, own_days) = (DayKind::CutOff, Vec::new(), None);
            Some(CycleDay { kind, code, from: planned, to: planned, channels, labels, own_days })
        };
        let method = one(METHOD_CHANGE, day_or_last(cycle.plus(-1), self.cut_off_day), Labels::default());
        let others = self.cut_offs.iter().filter_map(|spec| {
            let month = cycle.plus(-i32::from(spec.months_before));
            one(&spec.code, day_or_last(month, spec.day), spec.labels.clone())
        });
        method.into_iter().chain(others).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const TAVARIA: &str = include_str!("../../../config/tavaria.toml");
    const UNITS: &str = include_str!("../../../config/tavaria/units.csv");
    const LINKS: &str = include_str!("../../../config/tavaria/successions.csv");

    fn tavaria(change: impl Fn(&str) -> String) -> Result<Profile, String> {
        Profile::from_toml(&change(TAVARIA), UNITS, LINKS).map_err(|error| error.to_string())
    }

    fn as_it_is() -> Profile {
        tavaria(str::to_owned).unwrap()
    }

    fn month(text: &str) -> Month {
        Month::parse(text).unwrap()
    }

    fn window(profile: &Profile, code: &str, cycle: &str, unit: Option<&str>) -> (Date, Date) {
        let (from, to) = profile.window_days(profile.window(code).unwrap(), month(cycle), unit).unwrap();
        (from.day, to.day)
    }

    #[test]
    fn accounts_are_paid_from_the_first_working_day_to_the_fifth() {
        let vietnam = Profile::vietnam();
        assert_eq!(
            window(&vietnam, "transfer", "2025-07", None),
            (date(2025, 7, 1), date(2025, 7, 7)),
            "5 July is a Saturday"
        );
        assert_eq!(
            window(&vietnam, "transfer", "2026-01", None),
            (date(2026, 1, 5), date(2026, 1, 5)),
            "new year, and a weekend"
        );
    }

    #[test]
    fn cash_is_paid_at_points_to_the_tenth_and_at_post_offices_to_the_25th() {
        let vietnam = Profile::vietnam();
        assert_eq!(window(&vietnam, "payment_points", "2025-03", None), (date(2025, 3, 3), date(2025, 3, 10)));
        assert_eq!(window(&vietnam, "post_offices", "2025-03", None), (date(2025, 3, 11), date(2025, 3, 25)));
        let last = |channel| vietnam.last_day(month("2025-03"), channel, None);
        assert_eq!(last("account"), Some(date(2025, 3, 5)));
        assert_eq!(last("cash_desk"), Some(date(2025, 3, 25)));
        assert_eq!(last("home_delivery"), Some(date(2025, 3, 10)));
        assert_eq!(vietnam.unpaid_list_day(month("2025-03"), None), Some(date(2025, 3, 28)));
    }

    #[test]
    fn a_window_that_ends_in_tet_ends_after_it() {
        // 25 January 2025 is a Saturday; from Monday on it is Tet, to the Friday.
        let (_, to) = window(&Profile::vietnam(), "post_offices", "2025-01", None);
        assert_eq!(to, date(2025, 2, 3));
    }

    #[test]
    fn the_days_of_a_cycle_say_why_they_are_not_the_planned_ones() {
        let vietnam = Profile::vietnam();
        let days = vietnam.cycle_days(month("2025-04"), None);
        let day = |kind, code: &str| days.iter().find(|day| day.kind == kind && day.code == code).unwrap();
        let due = day(DayKind::Due, "account").from;
        assert_eq!((due.planned, due.day, due.put_off), (date(2025, 4, 5), date(2025, 4, 8), Some(PutOff::Weekend)));
        let cut_off = day(DayKind::CutOff, "method_change").from;
        assert_eq!((cut_off.day, cut_off.put_off), (date(2025, 3, 20), None));
        assert_eq!(day(DayKind::CutOff, "social_pension_list").from.day, date(2025, 3, 25));
        let holiday = vietnam.cycle_days(month("2026-01"), None);
        let transfer = holiday.iter().find(|day| day.kind == DayKind::Window && day.code == "transfer").unwrap();
        assert_eq!(transfer.from.put_off, Some(PutOff::Holiday));
        assert!(days.is_sorted_by_key(|day| day.from.day));
    }

    #[test]
    fn a_cycle_before_tet_pays_two_months_of_monthly_benefits_and_of_no_others() {
        let vietnam = Profile::vietnam();
        let (january, february) = (month("2025-01"), month("2025-02"));
        assert_eq!(vietnam.benefit_months(january, "pension"), [january, february]);
        assert_eq!(vietnam.benefit_months(january, "unemployment"), [january]);
        assert_eq!(vietnam.benefit_months(january, "funeral"), [january], "is no monthly benefit");
        assert_eq!(vietnam.benefit_months(month("2025-03"), "pension"), [month("2025-03")]);
        assert_eq!(vietnam.paid_months(february)[0].paid_with, Some(january));
        assert_eq!(vietnam.paid_months(january)[0].months, [january, february]);
        assert_eq!(vietnam.paid_months(month("2025-03")), []);
    }

    #[test]
    fn a_unit_has_its_own_days_with_all_that_lies_under_it_for_their_cycles_only() {
        let profile = as_it_is();
        let own = (date(2026, 4, 5), date(2026, 4, 9));
        assert_eq!(window(&profile, "month_end", "2026-04", Some("S1")), own);
        assert_eq!(window(&profile, "month_end", "2026-04", Some("S")), own);
        let usual = (date(2026, 4, 26), date(2026, 4, 30));
        assert_eq!(window(&profile, "month_end", "2026-04", Some("N1")), usual, "the 25th is a Saturday");
        assert_eq!(window(&profile, "month_end", "2026-04", None), usual);
        assert_ne!(window(&profile, "month_end", "2026-06", Some("S1")).0, date(2026, 6, 5));
        assert_eq!(profile.due_in(month("2026-04"), "voucher", Some("S1")), Some(date(2026, 4, 7)));
        assert_eq!(profile.due_in(month("2026-04"), "voucher", Some("N1")), Some(date(2026, 4, 30)));
        let days = profile.cycle_days(month("2026-04"), Some("S1"));
        assert!(days.iter().filter(|day| day.kind == DayKind::Due).all(|day| day.own_days.is_some()));
    }

    #[test]
    fn the_nearest_unit_with_own_days_decides() {
        let nearer = "\n[[calendar.own_days]]\nunit = \"S1\"\nwindow = \"month_end\"\nfirst_cycle = \"2026-04\"\n\
            last_cycle = \"2026-04\"\nfrom_day = 12\nto_day = 13\nlabels = { en = \"Flood\" }\n";
        let everywhere = nearer.replace("unit = \"S1\"\n", "").replace("from_day = 12", "from_day = 2");
        let profile = tavaria(|text| format!("{text}{nearer}{everywhere}")).unwrap();
        assert_eq!(window(&profile, "month_end", "2026-04", Some("S1")).0, date(2026, 4, 12));
        assert_eq!(window(&profile, "month_end", "2026-04", Some("S")).0, date(2026, 4, 5));
        assert_eq!(window(&profile, "month_end", "2026-04", Some("N1")).0, date(2026, 4, 2));
    }

    #[track_caller]
    fn refused(from: &str, to: &str, expected: &str) {
        assert_eq!(TAVARIA.matches(from).count(), 1, "{from} must stand once");
        let error = tavaria(|text| text.replace(from, to)).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn a_calendar_that_contradicts_itself_is_refused() {
        refused("unit = \"S\"", "unit = \"X\"", "calendar.own_days, unit: X is not a unit");
        refused("unit = \"S\"\nwindow = \"month_end\"", "unit = \"S\"\nwindow = \"dawn\"", "dawn is not a window");
        refused("first_cycle = \"2026-03\"", "first_cycle = \"2026-07\"", "last_cycle lies before first_cycle");
        refused("from_day = 5\n", "from_day = 10\n", "ends before it begins");
        refused("due_day = 7\n", "due_day = 32\n", "32 is not a day");
        refused("months_before = 2", "months_before = 2\nhour = 3", "hour");
        refused("[\"2026-06\", \"2026-07\", \"2026-08\"]", "[]", "at least one month");
        refused("groups_paid = [\"grants\"]", "groups_paid = [\"owls\"]", "owls is not a group");
        refused(
            "channels = [\"mobile_money\", \"voucher\"]",
            "channels = [\"voucher\"]",
            "no window pays through mobile_money",
        );
        let twice = "\n[[calendar.own_days]]\nunit = \"S\"\nwindow = \"month_end\"\nfirst_cycle = \"2026-05\"\n\
            last_cycle = \"2026-09\"\nfrom_day = 1\nto_day = 2\nlabels = { en = \"Again\" }\n";
        assert!(tavaria(|text| format!("{text}{twice}")).unwrap_err().contains("two entries"));
        let again = "\n[[calendar.cycles]]\ncycle = \"2026-08\"\nbenefit_months = [\"2026-08\", \"2026-09\"]\n\
            groups_paid = [\"grants\"]\nlabels = { en = \"Again\" }\n";
        assert!(tavaria(|text| format!("{text}{again}")).unwrap_err().contains("pays what 2026-06 pays already"));
    }
}
