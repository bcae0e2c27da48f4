//! Sex, decade of birth and benefit month as parameters of figures.

use crate::app::figures::CohortFilter;
use crate::app::words::{self, Words};
use crate::domain::beneficiary::event::Sex;
use crate::domain::period::Month;
use crate::http::query::Query;

/// What groups are told by.
pub(super) const GROUP_BY: Words = Words {
    en: "unit, unit_level:<level>, benefit_type, benefit_group, cycle, channel, agent, bank, urban, sex, birth_decade or benefit_month, each once, joined by commas",
    vi: "unit, unit_level:<cấp>, benefit_type, benefit_group, cycle, channel, agent, bank, urban, sex, birth_decade hoặc benefit_month, cách nhau bằng dấu phẩy",
};
const SEX: Words = Words { en: "female, male or unknown", vi: "female, male hoặc unknown" };
const BIRTH_DECADE: Words = Words {
    en: "the first year of a decade of birth, for example 1950, or unknown",
    vi: "năm đầu của thập niên sinh, ví dụ 1950, hoặc unknown",
};
/// What cycles such figures need.
pub(super) const CYCLES: Words = Words {
    en: "with sex, birth_decade or benefit_month: a cycle, or cycle_from and cycle_to at most 24 months apart",
    vi: "với sex, birth_decade hoặc benefit_month: một kỳ, hoặc cycle_from và cycle_to cách nhau tối đa 24 tháng",
};

/// Of whom, and for which month.
pub(super) fn filter(query: &mut Query) -> CohortFilter {
    let sex = |text: &str| match text {
        "female" => Some(Some(Sex::Female)),
        "male" => Some(Some(Sex::Male)),
        "unknown" => Some(None),
        _ => None,
    };
    let decade = |text: &str| match text {
        "unknown" => Some(None),
        _ => text.parse().ok().filter(|year| (1800..=2100).contains(year) && year % 10 == 0).map(Some),
    };
    CohortFilter {
        sex: query.optional("sex", &SEX, sex),
        birth_decade: query.optional("birth_decade", &BIRTH_DECADE, decade),
        benefit_month: query.optional("benefit_month", &words::MONTH, |text| Month::parse(text).ok()),
    }
}
