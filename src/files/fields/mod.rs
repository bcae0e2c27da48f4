//! Text of one cell to one value, or a problem that says how to mend it. Pure; where two readings are possible neither is taken.

mod amount;
mod date;
mod text;

pub use amount::parse_amount;
pub use date::{parse_date, parse_month, parse_months};
pub use text::{fold, normalise, parse_account, parse_digits, parse_text, parse_whole_number};

use super::problem::Problem;

/// The cell is empty although a value is needed.
pub(super) fn missing(expected: &'static str) -> Problem {
    Problem::new("value-missing", expected, "The cell is empty. Fill it in.", "Ô này đang trống. Hãy điền giá trị.")
}

/// Excel's notation of a number that is too long for a number cell: the digits after the first few are gone.
pub(super) fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return false };
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let mantissa_is_number = mantissa.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b',' | b'-'));
    !mantissa.is_empty() && mantissa_is_number && !exponent.is_empty() && exponent.bytes().all(|b| b.is_ascii_digit())
}

/// The problem for [`is_scientific`] text and for numbers that a spreadsheet cannot hold exactly.
pub(super) fn turned_by_excel(expected: &'static str) -> Problem {
    Problem::new(
        "excel-turned-number",
        expected,
        "Excel turned the number into a rounded one. Format the column as text and type the number again.",
        "Excel đã làm tròn số này. Hãy định dạng cột là Văn bản (Text) rồi nhập lại số.",
    )
}

#[cfg(test)]
mod tests;
