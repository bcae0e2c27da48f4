//! Amounts of money as offices write them. A text with two readings is refused, never guessed.

use super::{is_scientific, missing, turned_by_excel};
use crate::domain::money::{CurrencySpec, InvalidMoney, Money};
use crate::files::problem::Problem;

const EXPECTED: &str = "an amount such as 5000000, 1.234.567 or 1,234,567";

/// Reads an amount in major units of the currency: plain digits, or thousands grouped by dot, comma or space, with the
/// other sign as decimal mark. A currency sign after the amount is dropped.
pub fn parse_amount(text: &str, spec: CurrencySpec) -> Result<Money, Problem> {
    let trimmed = without_currency(text.trim(), spec);
    if trimmed.is_empty() {
        return Err(missing(EXPECTED));
    }
    if is_scientific(trimmed) {
        return Err(turned_by_excel(EXPECTED));
    }
    if is_negative(trimmed) {
        return Err(Problem::new(
            "amount-negative",
            EXPECTED,
            "The amount is negative. Write a positive amount.",
            "Số tiền âm. Hãy nhập số tiền dương.",
        ));
    }
    let plain = plain_decimal(trimmed)?;
    spec.parse(&plain).map_err(|error| match error {
        InvalidMoney::HasFraction { exponent } => has_fraction(exponent),
        InvalidMoney::TooLarge => Problem::new(
            "amount-too-large",
            EXPECTED,
            "The amount is too large to be held.",
            "Số tiền quá lớn, không thể ghi nhận.",
        ),
        InvalidMoney::NotANumber | InvalidMoney::Currency => not_an_amount(),
    })
}

fn without_currency(text: &str, spec: CurrencySpec) -> &str {
    let signs = [spec.currency.as_str(), "đồng", "vnđ", "VNĐ", "₫", "đ", "Đ"];
    let ends_with = |sign: &&str| text.len() >= sign.len() && text.is_char_boundary(text.len() - sign.len());
    let same = |sign: &&str| text[text.len() - sign.len()..].eq_ignore_ascii_case(sign);
    let is_dong = spec.currency.as_str() == "VND";
    let known = signs.iter().enumerate().filter(|(index, _)| *index == 0 || is_dong).map(|(_, sign)| sign);
    let found = known.copied().find(|sign| ends_with(sign) && same(sign));
    found.map_or(text, |sign| text[..text.len() - sign.len()].trim_end())
}

fn is_negative(text: &str) -> bool {
    let bracketed = text.starts_with('(') && text.ends_with(')');
    text.starts_with(['-', '\u{2212}']) || text.ends_with('-') || bracketed
}

/// Digits and at most one dot, or the reason why there is no single reading.
fn plain_decimal(text: &str) -> Result<String, Problem> {
    let is_known = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',') || is_space(c);
    if !text.chars().all(is_known) || !text.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(not_an_amount());
    }
    let spaced = text.contains(is_space);
    let dots = text.matches('.').count();
    let commas = text.matches(',').count();
    let (group, mark) = match (spaced, dots, commas) {
        (false, 0, 0) => return Ok(text.to_owned()),
        (true, 0, 0) => (Some(' '), None),
        (true, 1, 0) => (Some(' '), Some('.')),
        (true, 0, 1) => (Some(' '), Some(',')),
        (false, 1, 0) => return one_separator(text, '.'),
        (false, 0, 1) => return one_separator(text, ','),
        (false, 2.., 0) => (Some('.'), None),
        (false, 0, 2..) => (Some(','), None),
        (false, 1.., 1) if text.rfind('.') < text.rfind(',') => (Some('.'), Some(',')),
        (false, 1, 1..) => (Some(','), Some('.')),
        _ => return Err(not_an_amount()),
    };
    let (whole, decimals) = mark.and_then(|mark| text.rsplit_once(mark)).map_or((text, None), |(w, d)| (w, Some(d)));
    let digits = ungrouped(whole, group)?;
    match decimals {
        None => Ok(digits),
        Some(decimals) if is_digits(decimals) => Ok(format!("{digits}.{decimals}")),
        Some(_) => Err(not_an_amount()),
    }
}

/// One dot or comma: three digits after one to three digits may be thousands or decimals; anything else is decimals.
fn one_separator(text: &str, separator: char) -> Result<String, Problem> {
    let (whole, rest) = text.split_once(separator).ok_or_else(not_an_amount)?;
    if !is_digits(whole) || !is_digits(rest) {
        return Err(not_an_amount());
    }
    let thousands = rest.len() == 3 && whole.len() <= 3 && !whole.starts_with('0');
    if !thousands {
        return Ok(format!("{whole}.{rest}"));
    }
    Err(Problem::new(
        "amount-ambiguous",
        EXPECTED,
        format!(
            "{text} can be read in two ways: {whole}{rest} or {whole} and a fraction. Write {whole}{rest} if that is meant."
        ),
        format!(
            "{text} có thể hiểu theo hai cách: {whole}{rest} hoặc {whole} và phần lẻ. Nếu đúng là {whole}{rest}, hãy ghi liền các chữ số."
        ),
    ))
}

/// Joins groups: the first has one to three digits, each other has three.
fn ungrouped(whole: &str, group: Option<char>) -> Result<String, Problem> {
    let splits = |c: char| group.is_some_and(|group| c == group || (group == ' ' && is_space(c)));
    let mut digits = String::with_capacity(whole.len());
    for (index, part) in whole.split(splits).enumerate() {
        let length_fits = if index == 0 { (1..=3).contains(&part.len()) } else { part.len() == 3 };
        if !length_fits || !is_digits(part) {
            return Err(not_an_amount());
        }
        digits.push_str(part);
    }
    Ok(digits)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Space, no-break space and the narrow one that some systems group with.
const fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{202f}')
}

fn has_fraction(exponent: u32) -> Problem {
    let expected = if exponent == 0 { "a whole amount".to_owned() } else { format!("at most {exponent} decimals") };
    Problem::new(
        "amount-has-fraction",
        expected,
        format!("The currency has {exponent} decimals; the amount has more. Round it to what is really paid."),
        format!(
            "Loại tiền này có {exponent} chữ số thập phân, nhưng số tiền có nhiều hơn. Hãy ghi đúng số tiền được chi trả."
        ),
    )
}

fn not_an_amount() -> Problem {
    Problem::new(
        "amount-invalid",
        EXPECTED,
        "This is not an amount. Write it in digits, for example 5000000 or 1.234.567.",
        "Đây không phải số tiền hợp lệ. Hãy ghi bằng chữ số, ví dụ 5000000 hoặc 1.234.567.",
    )
}
