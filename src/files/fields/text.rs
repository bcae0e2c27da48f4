//! Text, identifiers, accounts and whole numbers. Leading zeros are part of the value and are never dropped.

use super::{is_scientific, missing, turned_by_excel};
use crate::files::problem::Problem;
use std::borrow::Cow;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// NFC: one spelling for each accented letter, however the file spelt it.
#[must_use]
pub fn normalise(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.nfc().collect())
}

/// Folds text for comparison: no tone marks, đ as d, lower case, and nothing but letters and digits.
/// For headers and search; never for identity, since different names fold alike.
#[must_use]
pub fn fold(text: &str) -> String {
    let plain = text.nfd().filter(|c| !unicode_normalization::char::is_combining_mark(*c));
    let lower = plain.flat_map(char::to_lowercase).map(|c| if c == 'đ' { 'd' } else { c });
    lower.filter(|c| c.is_alphanumeric()).collect()
}

/// Reads text: trimmed, NFC, inner runs of spaces made one; control characters are refused.
pub fn parse_text(text: &str, length_max: usize) -> Result<String, Problem> {
    let words: Vec<&str> = text.split([' ', '\u{a0}']).filter(|word| !word.is_empty()).collect();
    let joined = words.join(" ");
    let value = normalise(&joined);
    if value.is_empty() {
        return Err(missing("text"));
    }
    if value.chars().any(char::is_control) {
        return Err(Problem::new(
            "control-character",
            "text on one line",
            "The cell holds a line break, a tab or another invisible character. Type the text again.",
            "Ô có dấu xuống dòng, dấu tab hoặc ký tự ẩn. Hãy nhập lại nội dung.",
        ));
    }
    if value.chars().count() > length_max {
        return Err(too_long(length_max));
    }
    Ok(value.into_owned())
}

fn too_long(length_max: usize) -> Problem {
    Problem::new(
        "text-too-long",
        format!("at most {length_max} characters"),
        format!("The text is too long. Shorten it to {length_max} characters."),
        format!("Nội dung quá dài. Hãy rút gọn còn tối đa {length_max} ký tự."),
    )
}

/// Reads an account number: letters and digits; spaces, dots and dashes between them are dropped.
pub fn parse_account(text: &str) -> Result<String, Problem> {
    const EXPECTED: &str = "4 to 34 letters and digits, for example 0101234567";
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(missing(EXPECTED));
    }
    if is_scientific(trimmed) {
        return Err(turned_by_excel(EXPECTED));
    }
    let value: String = trimmed.chars().filter(|c| !is_separator(*c)).collect();
    if (4..=34).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Ok(value.to_ascii_uppercase());
    }
    Err(Problem::new(
        "account-invalid",
        EXPECTED,
        "This is not an account number. Type its letters and digits only.",
        "Đây không phải số tài khoản hợp lệ. Chỉ nhập chữ cái và chữ số.",
    ))
}

const fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '.' | '-')
}

/// Reads an identifier of a fixed number of digits. One digit less is most often a leading zero that a spreadsheet dropped:
/// that is said, but the zero is not put back, because it could be another digit.
pub fn parse_digits(text: &str, length: usize) -> Result<String, Problem> {
    let trimmed = text.trim();
    let expected = || format!("{length} digits");
    if trimmed.is_empty() {
        return Err(Problem { expected: expected().into(), ..missing("digits") });
    }
    if is_scientific(trimmed) {
        return Err(Problem { expected: expected().into(), ..turned_by_excel("digits") });
    }
    let value: String = trimmed.chars().filter(|c| !is_separator(*c)).collect();
    let all_digits = value.bytes().all(|b| b.is_ascii_digit());
    if all_digits && value.len() == length {
        return Ok(value);
    }
    if all_digits && (length.saturating_sub(3)..length).contains(&value.len()) {
        let found = value.len();
        return Err(Problem::new(
            "leading-zero-lost",
            expected(),
            format!(
                "There are {found} digits instead of {length}. Was a leading 0 lost? Format the column as text and type it again."
            ),
            format!(
                "Có {found} chữ số thay vì {length}. Có thể đã mất số 0 ở đầu? Hãy định dạng cột là Văn bản (Text) rồi nhập lại."
            ),
        ));
    }
    Err(Problem::new(
        "digits-invalid",
        expected(),
        format!("The value must have exactly {length} digits and nothing else."),
        format!("Giá trị phải có đúng {length} chữ số và không có ký tự nào khác."),
    ))
}

/// Reads a whole number within bounds, for example a year of birth.
pub fn parse_whole_number(text: &str, least: i64, most: i64) -> Result<i64, Problem> {
    let expected = || format!("a whole number from {least} to {most}");
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(Problem { expected: expected().into(), ..missing("a whole number") });
    }
    let plain = trimmed.strip_prefix('-').unwrap_or(trimmed);
    let digits = !plain.is_empty() && plain.bytes().all(|b| b.is_ascii_digit());
    match trimmed.parse::<i64>() {
        Ok(number) if digits && (least..=most).contains(&number) => Ok(number),
        _ => Err(Problem::new(
            "number-invalid",
            expected(),
            format!("Type a whole number from {least} to {most}."),
            format!("Hãy nhập số nguyên từ {least} đến {most}."),
        )),
    }
}
