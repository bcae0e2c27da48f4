//! The agreements within a profile's calendar: days of the month, windows, cut-offs, cycles of two months, own days of units.

use super::check::{Checked, check_day};
use super::load::{CalendarTable, Document, wrong};
use super::spec::OwnDaysSpec;
use crate::domain::ids::{BenefitGroup, ChannelCode};
use crate::domain::place::Units;

pub(super) fn check_calendar(document: &Document) -> Checked {
    let calendar = &document.calendar;
    check_day("calendar", "cut_off_day", calendar.cut_off_day)?;
    check_day("calendar", "transfer_start_day", calendar.transfer_start_day)?;
    check_day("calendar", "transfer_complete_day", calendar.transfer_complete_day)?;
    if calendar.transfer_start_day > calendar.transfer_complete_day {
        return wrong("calendar", "transfer_complete_day", "lies before transfer_start_day");
    }
    check_windows(document)?;
    for cut_off in &calendar.cut_offs {
        check_day("calendar.cut_offs", &cut_off.code, cut_off.day)?;
    }
    check_cycles(document)
}

fn check_windows(document: &Document) -> Checked {
    let windows = &document.calendar.windows;
    for (index, window) in windows.iter().enumerate() {
        check_range("calendar.windows", &window.code, (window.from_day, window.to_day))?;
        if windows[..index].iter().any(|other| other.code == window.code) {
            return wrong("calendar.windows", window.code.clone(), "is used twice");
        }
        let known = |code: &ChannelCode| document.channels.iter().any(|channel| channel.code == *code);
        if let Some(code) = window.channels.iter().find(|code| !known(code)) {
            return wrong("calendar.windows", window.code.clone(), format!("{code} is not a channel"));
        }
    }
    for channel in &document.channels {
        if !windows.iter().any(|window| window.channels.contains(&channel.code)) {
            let problem = format!("no window pays through {}: nobody could say when it is late", channel.code);
            return wrong("calendar.windows", "channels", problem);
        }
    }
    Ok(())
}

fn check_range(table: &'static str, field: &str, (from, to): (i8, i8)) -> Checked {
    check_day(table, field, from)?;
    check_day(table, field, to)?;
    if from > to { wrong(table, field, "ends before it begins") } else { Ok(()) }
}

fn check_cycles(document: &Document) -> Checked {
    let cycles = &document.calendar.cycles;
    for (index, spec) in cycles.iter().enumerate() {
        let field = spec.cycle.to_string();
        if spec.benefit_months.is_empty() || !spec.benefit_months.is_sorted_by(|a, b| a < b) {
            return wrong("calendar.cycles", field, "at least one month is needed, each once, in order");
        }
        let known = |code: &BenefitGroup| document.benefit_groups.iter().any(|group| group.code == *code);
        if let Some(group) = spec.groups_paid.iter().find(|group| !known(group)) {
            return wrong("calendar.cycles", field, format!("{group} is not a group"));
        }
        let shares = |other: &str| spec.groups_paid.iter().any(|group| group.as_str() == other);
        for other in &cycles[..index] {
            let same_group = other.groups_paid.iter().any(|group| shares(group.as_str()));
            let same_month = spec.benefit_months.iter().any(|month| other.benefit_months.contains(month));
            if same_group && (same_month || other.cycle == spec.cycle) {
                return wrong("calendar.cycles", field, format!("pays what {} pays already", other.cycle));
            }
        }
    }
    Ok(())
}

/// Own days name a unit and a window that there are, and no two of them speak of the same cycle.
pub(super) fn check_own_days(calendar: &CalendarTable, units: &Units) -> Checked {
    let all = &calendar.own_days;
    for (index, spec) in all.iter().enumerate() {
        let table = "calendar.own_days";
        check_range(table, &spec.window, (spec.from_day, spec.to_day))?;
        if let Some(day) = spec.due_day {
            check_day(table, &spec.window, day)?;
        }
        if !calendar.windows.iter().any(|window| window.code == spec.window) {
            return wrong(table, "window", format!("{} is not a window", spec.window));
        }
        if let Some(unit) = spec.unit.as_ref().filter(|unit| units.get(unit.as_str()).is_none()) {
            return wrong(table, "unit", format!("{unit} is not a unit"));
        }
        if spec.first_cycle > spec.last_cycle {
            return wrong(table, spec.window.clone(), "last_cycle lies before first_cycle");
        }
        let clash = |other: &OwnDaysSpec| {
            other.unit == spec.unit
                && other.window == spec.window
                && other.first_cycle <= spec.last_cycle
                && spec.first_cycle <= other.last_cycle
        };
        if all[..index].iter().any(clash) {
            return wrong(table, spec.window.clone(), "two entries speak of the same unit, window and cycle");
        }
    }
    Ok(())
}
