//! Dates and months as offices write them: ISO or day first. A year always has four digits.

use super::missing;
use crate::domain::period::Month;
use crate::files::problem::Problem;
use jiff::civil::Date;

const DATE: &str = "a date as 2025-03-01 or 01/03/2025 (day first)";
const MONTH: &str = "a month as 2025-03 or 03/2025";
/// More months than any payment covers: a guard, not a rule.
const MONTHS_MAX: usize = 60;

/// Reads `2025-03-01`, `01/03/2025`, `1/3/2025`, `01-03-2025` or `01.03.2025`.
pub fn parse_date(text: &str) -> Result<Date, Problem> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(missing(DATE));
    }
    let Some([first, second, third]) = three_numbers(trimmed) else { return Err(not_a_date()) };
    if first.digits == 4 {
        // Of dates that begin with the year only the ISO form is in use.
        if !trimmed.contains('-') || second.digits != 2 || third.digits != 2 {
            return Err(not_a_date());
        }
        return civil(first, second, third);
    }
    if third.digits == 2 && first.digits <= 2 {
        return Err(Problem::new(
            "year-has-two-digits",
            DATE,
            "The year has two digits only. Write it with four.",
            "Năm chỉ có hai chữ số. Hãy ghi đủ bốn chữ số.",
        ));
    }
    if third.digits != 4 || first.digits > 2 || second.digits > 2 {
        return Err(not_a_date());
    }
    if second.value > 12 && first.value <= 12 {
        return Err(Problem::new(
            "date-month-first",
            DATE,
            "The date seems to have the month first. Write the day first, as in 31/12/2025.",
            "Ngày có vẻ ghi tháng trước. Hãy ghi ngày trước, ví dụ 31/12/2025.",
        ));
    }
    civil(third, second, first)
}

/// Reads `2025-03`, `03/2025` or `3/2025`; and `2025-03-01`, which is what a spreadsheet makes of a typed month.
pub fn parse_month(text: &str) -> Result<Month, Problem> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(missing(MONTH));
    }
    let trimmed = trimmed.strip_suffix("-01").filter(|month| month.len() == 7).unwrap_or(trimmed);
    let month = match trimmed.split_once('/') {
        Some((month, year)) => month_of(number(year), number(month).filter(|n| n.digits <= 2)),
        None => Month::parse(trimmed).ok(),
    };
    month.ok_or_else(|| {
        Problem::new(
            "month-invalid",
            MONTH,
            "This is not a month. Write it as 2025-03 or 03/2025.",
            "Đây không phải tháng hợp lệ. Hãy ghi dạng 2025-03 hoặc 03/2025.",
        )
    })
}

/// Reads months separated by comma, semicolon or space, each once; sorted. Ranges are not read: `01-03/2025` has two meanings.
pub fn parse_months(text: &str) -> Result<Vec<Month>, Problem> {
    let parts = text.split([',', ';', ' ', '\u{a0}']).filter(|part| !part.is_empty());
    let mut months = parts.take(MONTHS_MAX + 1).map(parse_month).collect::<Result<Vec<_>, _>>()?;
    if months.is_empty() {
        return Err(missing(MONTH));
    }
    let written = months.len();
    months.sort_unstable();
    months.dedup();
    if months.len() < written || written > MONTHS_MAX {
        return Err(Problem::new(
            "months-repeated",
            "each month once",
            "A month stands there twice, or there are too many. Write each month once.",
            "Có tháng bị lặp lại hoặc có quá nhiều tháng. Hãy ghi mỗi tháng một lần.",
        ));
    }
    Ok(months)
}

#[derive(Clone, Copy)]
struct Number {
    value: i16,
    digits: usize,
}

fn number(text: &str) -> Option<Number> {
    let digits = text.len();
    if !(1..=4).contains(&digits) || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().map(|value| Number { value, digits })
}

fn three_numbers(text: &str) -> Option<[Number; 3]> {
    let separator = text.chars().find(|c| matches!(c, '/' | '-' | '.'))?;
    let mut parts = text.split(separator).map(number);
    let numbers = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(numbers)
}

fn month_of(year: Option<Number>, month: Option<Number>) -> Option<Month> {
    let year = year.filter(|year| year.digits == 4)?;
    Month::new(i32::from(year.value), i32::from(month?.value)).ok()
}

fn civil(year: Number, month: Number, day: Number) -> Result<Date, Problem> {
    let small = |number: Number| i8::try_from(number.value).unwrap_or(i8::MAX);
    match Date::new(year.value, small(month), small(day)) {
        Ok(date) if (1900..=2999).contains(&year.value) => Ok(date),
        _ => Err(not_a_date()),
    }
}

fn not_a_date() -> Problem {
    Problem::new(
        "date-invalid",
        DATE,
        "This is not a date of the calendar. Write it as 2025-03-01 or 01/03/2025 (day first).",
        "Đây không phải ngày hợp lệ. Hãy ghi dạng 2025-03-01 hoặc 01/03/2025 (ngày trước).",
    )
}
