//! The rules of single cells, one example table for each.

use super::*;
use crate::domain::money::{Currency, CurrencySpec};
use crate::domain::period::Month;
use proptest::prelude::*;

fn dong() -> CurrencySpec {
    CurrencySpec { currency: Currency::parse("VND").unwrap(), exponent: 0 }
}

fn cents() -> CurrencySpec {
    CurrencySpec { currency: Currency::parse("XTS").unwrap(), exponent: 2 }
}

fn amount_code(text: &str, spec: CurrencySpec) -> &'static str {
    parse_amount(text, spec).map(|money| money.minor).unwrap_err().code
}

#[test]
fn amounts_with_one_reading_are_read() {
    for text in [
        "1234567",
        "1.234.567",
        "1,234,567",
        "1 234 567",
        "1\u{a0}234\u{202f}567",
        "1234567.00",
        "1.234.567,00",
        "1,234,567.0",
    ] {
        assert_eq!(parse_amount(text, dong()).unwrap().minor, 1_234_567, "{text}");
    }
}

#[test]
fn a_currency_sign_after_the_amount_is_dropped() {
    for text in ["5.000.000 đ", "5000000đ", "5000000 VND", "5,000,000vnd", "5000000 ₫", "5000000 đồng"] {
        assert_eq!(parse_amount(text, dong()).unwrap().minor, 5_000_000, "{text}");
    }
}

#[test]
fn an_amount_with_two_readings_is_refused() {
    for text in ["1.234", "1,234", "123.456", "12,000"] {
        assert_eq!(amount_code(text, dong()), "amount-ambiguous", "{text}");
        assert_eq!(amount_code(text, cents()), "amount-ambiguous", "{text}");
    }
}

#[test]
fn two_different_separators_have_one_reading() {
    assert_eq!(parse_amount("1,234.56", cents()).unwrap().minor, 123_456);
    assert_eq!(parse_amount("1.234,56", cents()).unwrap().minor, 123_456);
    assert_eq!(parse_amount("1 234,5", cents()).unwrap().minor, 123_450);
    assert_eq!(parse_amount("1234.567,00", cents()).unwrap_err().code, "amount-invalid");
}

#[test]
fn a_fraction_of_the_smallest_unit_is_refused() {
    assert_eq!(amount_code("0.5", dong()), "amount-has-fraction");
    assert_eq!(amount_code("5000000,5", dong()), "amount-has-fraction");
    assert_eq!(amount_code("1.2345", cents()), "amount-has-fraction");
    assert_eq!(amount_code("0.125", cents()), "amount-has-fraction");
}

#[test]
fn excels_rounded_notation_is_refused_with_the_remedy() {
    for text in ["1.23E+12", "1,23E+12", "5E6"] {
        assert_eq!(amount_code(text, dong()), "excel-turned-number", "{text}");
    }
    assert_eq!(parse_account("1.01235E+11").unwrap_err().code, "excel-turned-number");
    assert_eq!(parse_digits("4.90E+11", 12).unwrap_err().code, "excel-turned-number");
}

#[test]
fn negative_empty_and_other_text_is_no_amount() {
    for text in ["-5", "(5)", "5-", "\u{2212}5"] {
        assert_eq!(amount_code(text, dong()), "amount-negative", "{text}");
    }
    for text in ["", "  ", "đ"] {
        assert_eq!(amount_code(text, dong()), "value-missing", "{text}");
    }
    for text in ["abc", "1.23.456", "1,,234", ".5", "5.", "1.234.567.89", "1.2,3.4", "12 34", "5 USD", "٣٤٥"] {
        assert_eq!(amount_code(text, dong()), "amount-invalid", "{text}");
    }
    assert_eq!(amount_code("99999999999999999999", dong()), "amount-too-large");
}

#[test]
fn dates_are_read_in_iso_form_or_day_first() {
    let expected = jiff::civil::date(2025, 3, 1);
    for text in ["2025-03-01", "01/03/2025", "1/3/2025", "01-03-2025", "1.3.2025", " 01/03/2025 "] {
        assert_eq!(parse_date(text).unwrap(), expected, "{text}");
    }
}

#[test]
fn dates_with_a_short_year_or_the_month_first_are_refused() {
    assert_eq!(parse_date("01/03/25").unwrap_err().code, "year-has-two-digits");
    assert_eq!(parse_date("12/31/2025").unwrap_err().code, "date-month-first");
    for text in [
        "31/02/2025",
        "2025-02-30",
        "2025/03/01",
        "03/2025",
        "45000",
        "1/3/2025/1",
        "01-03/2025",
        "0/1/2025",
        "1/1/0999",
        "ngày 1",
    ] {
        assert_eq!(parse_date(text).unwrap_err().code, "date-invalid", "{text}");
    }
    assert_eq!(parse_date(" ").unwrap_err().code, "value-missing");
}

#[test]
fn months_are_read_in_iso_form_or_month_first() {
    for text in ["2025-03", "03/2025", "3/2025", "2025-03-01"] {
        assert_eq!(parse_month(text).unwrap(), Month::new(2025, 3).unwrap(), "{text}");
    }
    for text in ["2025-13", "13/2025", "2025/03", "3/25", "2025-03-15", "003/2025", "2025"] {
        assert_eq!(parse_month(text).unwrap_err().code, "month-invalid", "{text}");
    }
}

#[test]
fn several_months_are_separated_by_comma_semicolon_or_space() {
    let months = |text| parse_months(text).map(|list| list.iter().map(ToString::to_string).collect::<Vec<_>>());
    for text in ["2025-02,2025-01", "01/2025; 02/2025", "1/2025 2/2025"] {
        assert_eq!(months(text).unwrap(), ["2025-01", "2025-02"], "{text}");
    }
    assert_eq!(months("2025-01,2025-01").unwrap_err().code, "months-repeated");
    assert_eq!(months(" , ").unwrap_err().code, "value-missing");
    assert_eq!(months("01-03/2025").unwrap_err().code, "month-invalid");
}

#[test]
fn text_is_trimmed_and_composed() {
    assert_eq!(parse_text("  Nguye\u{302}\u{303}n   Thi\u{323} Ta\u{301}m\u{a0}", 40).unwrap(), "Nguyễn Thị Tám");
    assert_eq!(parse_text("a\nb", 40).unwrap_err().code, "control-character");
    assert_eq!(parse_text("abcde", 4).unwrap_err().code, "text-too-long");
    assert_eq!(parse_text("\u{a0}", 4).unwrap_err().code, "value-missing");
}

#[test]
fn accounts_keep_their_leading_zeros() {
    for text in ["0101234567", "010 123 4567", "010.123-4567"] {
        assert_eq!(parse_account(text).unwrap(), "0101234567", "{text}");
    }
    assert_eq!(parse_account("01012345é").unwrap_err().code, "account-invalid");
    assert_eq!(parse_account("123").unwrap_err().code, "account-invalid");
}

#[test]
fn a_lost_leading_zero_is_pointed_out_and_not_put_back() {
    assert_eq!(parse_digits("049123456712", 12).unwrap(), "049123456712");
    let problem = parse_digits("49123456712", 12).unwrap_err();
    assert_eq!(problem.code, "leading-zero-lost");
    assert!(problem.message.contains("11 digits") && problem.message_vi.contains("11 chữ số"));
    assert_eq!(parse_digits("12345", 12).unwrap_err().code, "digits-invalid");
    assert_eq!(parse_digits("04912345671x", 12).unwrap_err().code, "digits-invalid");
}

#[test]
fn whole_numbers_are_held_to_their_bounds() {
    assert_eq!(parse_whole_number(" 1950 ", 1900, 2026).unwrap(), 1950);
    for text in ["1899", "+1950", "19.5", "x", "99999999999999999999"] {
        assert_eq!(parse_whole_number(text, 1900, 2026).unwrap_err().code, "number-invalid", "{text}");
    }
}

#[test]
fn folding_forgets_tone_marks_case_spaces_and_the_unicode_form() {
    let composed = "Số tiền được hưởng";
    let decomposed: String = unicode_normalization::UnicodeNormalization::nfd(composed).collect();
    for text in [composed, &decomposed, "SO TIEN DUOC HUONG", "so_tien-duoc  huong"] {
        assert_eq!(fold(text), "sotienduochuong", "{text}");
    }
    assert_eq!(fold("Đà Nẵng"), "danang");
}

proptest! {
    #[test]
    fn no_text_makes_a_field_parser_panic(text in "\\PC{0,40}|[0-9.,E+ /()đ-]{0,24}") {
        let _ = parse_amount(&text, dong());
        let _ = parse_amount(&text, cents());
        let _ = parse_date(&text);
        let _ = parse_months(&text);
        let _ = parse_text(&text, 20);
        let _ = parse_account(&text);
        let _ = parse_digits(&text, 12);
        let _ = parse_whole_number(&text, 0, 9);
    }

    #[test]
    fn a_grouped_amount_reads_as_the_plain_one(minor in 1_000_000_i64..=i64::MAX / 10, group in prop::sample::select(vec!['.', ',', ' '])) {
        let plain = minor.to_string();
        let grouped: String = plain.char_indices().flat_map(|(index, c)| {
            let gap = index > 0 && (plain.len() - index).is_multiple_of(3);
            gap.then_some(group).into_iter().chain([c])
        }).collect();
        prop_assert_eq!(parse_amount(&grouped, dong()).unwrap().minor, minor);
    }
}
