//! When a target is reached at the present pace. The pace is the median of the slopes between all pairs of cycles (Theil and Sen), which one
//! odd cycle does not move; how sure it is, the slopes' quartiles say. Pure, in exact decimals.

use crate::domain::period::Month;
use crate::projections::figures::Share;
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

/// Cycles that the pace is taken from, the last ones.
const CYCLES: usize = 12;
/// Later than this is not said: nobody's pace holds for so long.
const MONTHS_AHEAD_MAX: i32 = 600;

/// Where a rate goes, as a fraction of 1 a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    pub per_month: Decimal,
    /// A quarter of the slopes between cycles are below the first, a quarter above the second.
    pub low: Decimal,
    pub high: Decimal,
}

/// When a target is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outlook {
    /// The last cycle's rate is the target or more.
    Reached,
    /// In this month at the present pace; sooner at the best of the usual paces, later (or never) at the slowest.
    At { month: Month, soonest: Month, latest: Option<Month> },
    /// The rate stands or falls, or rises so slowly that it is not to be told.
    NotAtThisPace,
    /// Fewer than two cycles.
    Unknown,
}

/// The pace of a rate over its last cycles; `None` for fewer than two with a rate.
#[must_use]
pub fn pace(trend: &[(Month, Share)]) -> Option<Pace> {
    let rates: Vec<(i32, Decimal)> =
        trend.iter().filter_map(|(month, share)| Some((month.ordinal(), rate(*share)?))).collect();
    let recent = &rates[rates.len().saturating_sub(CYCLES)..];
    let mut slopes = Vec::new();
    for (index, (from, before)) in recent.iter().enumerate() {
        for (to, after) in &recent[index + 1..] {
            slopes.extend((*after - *before).checked_div(Decimal::from(to - from)));
        }
    }
    slopes.sort_unstable();
    let at = |quarters: usize| slopes.get((slopes.len().checked_sub(1)? * quarters + 2) / 4).copied();
    Some(Pace { per_month: median(&slopes)?, low: at(1)?, high: at(3)? })
}

/// When the target is reached, counted from the trend's last cycle.
#[must_use]
pub fn outlook(trend: &[(Month, Share)], target: Decimal) -> Outlook {
    let last = trend.iter().rev().find_map(|(month, share)| Some((*month, rate(*share)?)));
    let Some((month, now)) = last else { return Outlook::Unknown };
    if now >= target {
        return Outlook::Reached;
    }
    let Some(pace) = pace(trend) else { return Outlook::Unknown };
    let reached = |slope: Decimal| {
        let months = (target - now).checked_div(slope).filter(|months| *months > Decimal::ZERO)?.ceil().to_i32()?;
        (months <= MONTHS_AHEAD_MAX).then(|| month.plus(months))
    };
    match (reached(pace.per_month), reached(pace.high)) {
        (Some(month), Some(soonest)) => Outlook::At { month, soonest, latest: reached(pace.low) },
        _ => Outlook::NotAtThisPace,
    }
}

/// What the rate must gain each month from the trend's last cycle to be there in time; `None` when it is there, or the time is over.
#[must_use]
pub fn needed(trend: &[(Month, Share)], target: Decimal, by: Month) -> Option<Decimal> {
    let (month, now) = trend.iter().rev().find_map(|(month, share)| Some((*month, rate(*share)?)))?;
    let months = by.ordinal() - month.ordinal();
    if now >= target || months <= 0 {
        return None;
    }
    (target - now).checked_div(Decimal::from(months))
}

/// Hundredths of a percentage point of a fraction of 1, rounded half away from zero.
#[must_use]
pub fn in_points(fraction: Decimal) -> Option<i64> {
    let points = fraction * Decimal::from(10_000);
    points.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero).to_i64()
}

fn rate(share: Share) -> Option<Decimal> {
    Decimal::from(share.numerator).checked_div(Decimal::from(share.denominator))
}

fn median(sorted: &[Decimal]) -> Option<Decimal> {
    let (below, above) = (sorted.len().checked_sub(1)? / 2, sorted.len() / 2);
    (*sorted.get(below)? + *sorted.get(above)?).checked_div(Decimal::TWO)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trend(rates: &[(&str, i64)]) -> Vec<(Month, Share)> {
        rates
            .iter()
            .map(|(month, percent)| (Month::parse(month).unwrap(), Share { numerator: *percent, denominator: 100 }))
            .collect()
    }

    fn month(text: &str) -> Month {
        Month::parse(text).unwrap()
    }

    const TARGET: Decimal = Decimal::from_parts(80, 0, 0, false, 2);

    #[test]
    fn a_steady_rate_reaches_its_target_when_it_says() {
        let steady = trend(&[("2025-01", 50), ("2025-03", 54), ("2025-04", 56)]);
        assert_eq!(
            pace(&steady).unwrap().per_month,
            Decimal::new(2, 2),
            "two points a month, the gap of February counted"
        );
        let at = month("2026-04");
        assert_eq!(outlook(&steady, TARGET), Outlook::At { month: at, soonest: at, latest: Some(at) });
        assert_eq!(needed(&steady, TARGET, month("2025-12")), Some(Decimal::new(3, 2)));
    }

    #[test]
    fn one_odd_cycle_does_not_move_the_pace() {
        let odd = trend(&[("2025-01", 50), ("2025-02", 52), ("2025-03", 20), ("2025-04", 56), ("2025-05", 58)]);
        assert_eq!(pace(&odd).unwrap().per_month, Decimal::new(2, 2));
    }

    #[test]
    fn an_uneven_rate_has_an_interval() {
        let uneven = trend(&[("2025-01", 50), ("2025-02", 53), ("2025-03", 54), ("2025-04", 58), ("2025-05", 59)]);
        let (soonest, latest) = (month("2026-01"), Some(month("2026-04")));
        assert_eq!(outlook(&uneven, TARGET), Outlook::At { month: month("2026-02"), soonest, latest });
        assert_eq!(in_points(pace(&uneven).unwrap().per_month), Some(238), "2.375 points, half away from zero");
        let slowing = trend(&[("2025-01", 50), ("2025-02", 58), ("2025-03", 59), ("2025-04", 59), ("2025-05", 59)]);
        assert!(matches!(outlook(&slowing, TARGET), Outlook::At { latest: None, .. }), "at the slowest pace never");
    }

    #[test]
    fn what_stands_or_falls_does_not_get_there() {
        assert_eq!(outlook(&trend(&[("2025-01", 60), ("2025-02", 60)]), TARGET), Outlook::NotAtThisPace);
        assert_eq!(outlook(&trend(&[("2025-01", 60), ("2025-02", 59)]), TARGET), Outlook::NotAtThisPace);
        assert_eq!(outlook(&trend(&[("2025-01", 60)]), TARGET), Outlook::Unknown);
        assert_eq!(outlook(&[], TARGET), Outlook::Unknown);
        let nobody = [(month("2025-01"), Share::default())];
        assert_eq!(outlook(&nobody, TARGET), Outlook::Unknown);
    }

    #[test]
    fn what_is_reached_needs_nothing_more() {
        let reached = trend(&[("2025-01", 70), ("2025-02", 80)]);
        assert_eq!(outlook(&reached, TARGET), Outlook::Reached);
        assert_eq!(needed(&reached, TARGET, month("2025-12")), None);
        let late = trend(&[("2025-01", 70)]);
        assert_eq!(needed(&late, TARGET, month("2025-01")), None, "the time is over");
    }
}
