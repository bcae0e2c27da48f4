//! Several cycles as a parameter of figures.

use crate::app::figures::{Dimension, FigureQuery};
use crate::app::words::{self, Words};
use crate::domain::period::Month;
use crate::http::query::Query;

const ONE_OR_SERIES: Words =
    Words { en: "either cycle, or cycle_from and cycle_to", vi: "chỉ cycle, hoặc cycle_from và cycle_to" };
const CYCLES_APART: Words =
    Words { en: "a series: cycle must be among group_by", vi: "một chuỗi kỳ: group_by phải có cycle" };
const NOT_BEFORE: Words = Words { en: "a month not before cycle_from", vi: "tháng không trước cycle_from" };

/// Some cycles, each apart: people are distinct within one. Of one benefit month they may be told together. Whether what is given is a series.
pub(super) fn read(figures: &mut FigureQuery, query: &mut Query) -> bool {
    let month = |text: &str| Month::parse(text).ok();
    let from = query.optional("cycle_from", &words::MONTH, month);
    let to = query.optional("cycle_to", &words::MONTH, month);
    let named = if from.is_some() { "cycle_from" } else { "cycle_to" };
    let filters = &mut figures.filters;
    if from.is_none() && to.is_none() {
        return true;
    }
    if filters.cycle_from.is_some() {
        query.report(named, &ONE_OR_SERIES);
    } else if !figures.group_by.contains(&Dimension::Cycle)
        && !figures.group_by.contains(&Dimension::BenefitMonth)
        && filters.cohort.benefit_month.is_none()
    {
        query.report(named, &CYCLES_APART);
    } else if from.zip(to).is_some_and(|(from, to)| from > to) {
        query.report("cycle_to", &NOT_BEFORE);
    } else {
        (filters.cycle_from, filters.cycle_to) = (from, to);
        return true;
    }
    false
}
