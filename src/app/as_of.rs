//! The state of the log that a text names: a position, a business day, or an instant with its offset. One reader for every door.

use crate::app::App;
use crate::app::error::{AppError, FieldIssue};
use crate::projections::figures::AsOf;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};

const FIELD: &str = "as_of";

/// What a text says, before the log is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Position(u64),
    Day(Date),
    InstantUs(i64),
}

impl App {
    /// The state of the log that a text names: digits are a position, a date alone is the end of that business day, an instant is the last
    /// position recorded at or before it. What is not over yet has no state, nor has what was before the log.
    pub async fn read_as_of(&self, text: &str) -> Result<AsOf, AppError> {
        let invalid = |issue: FieldIssue| AppError::Invalid(vec![issue]);
        let now_us = self.clock.now_us();
        match read(text).map_err(invalid)? {
            Asked::Position(position) => Ok(AsOf::Position(position)),
            Asked::Day(day) if day > self.profile.business_day(now_us) => Err(invalid(in_future(text))),
            Asked::Day(day) => {
                let first_us = self.recorded_at(1).await?;
                match first_us {
                    Some(first_us) if self.profile.business_day(first_us) <= day => Ok(AsOf::Day(day)),
                    first_us => Err(invalid(before_log(text, first_us))),
                }
            }
            Asked::InstantUs(at_us) if at_us > now_us => Err(invalid(in_future(text))),
            Asked::InstantUs(at_us) => {
                let head = self.store.head().await?.position;
                match self.last_position_until(head, |recorded_us| recorded_us <= at_us).await? {
                    0 => Err(invalid(before_log(text, self.recorded_at(1).await?))),
                    position => Ok(AsOf::Instant { at_us, position }),
                }
            }
        }
    }
}

/// Reads the text alone.
fn read(text: &str) -> Result<Asked, FieldIssue> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().map(Asked::Position).map_err(|_| unreadable());
    }
    if text.len() == 10 {
        return text.parse().map(Asked::Day).map_err(|_| unreadable());
    }
    // In a query string that nobody encoded, the offset's plus has become a space.
    let text = match text.rsplit_once(' ') {
        Some((instant, offset)) if instant.contains(['T', 't']) => format!("{instant}+{offset}"),
        Some(_) | None => text.to_owned(),
    };
    match text.parse::<Timestamp>() {
        Ok(at) => Ok(Asked::InstantUs(at.as_microsecond())),
        Err(_) if text.parse::<DateTime>().is_ok() => Err(without_offset(&text)),
        Err(_) => Err(unreadable()),
    }
}

fn unreadable() -> FieldIssue {
    FieldIssue::new(
        FIELD,
        "invalid-value",
        "expected a position, a day YYYY-MM-DD, or an instant with its offset, for example 2025-04-01T00:00:00+07:00",
        "cần một vị trí, một ngày YYYY-MM-DD, hoặc một thời điểm có múi giờ, ví dụ 2025-04-01T00:00:00+07:00",
    )
}

fn without_offset(text: &str) -> FieldIssue {
    FieldIssue::new(
        FIELD,
        "as-of-without-offset",
        format!("{text} is another instant in each time zone; add its offset, for example {text}+07:00, or Z for UTC"),
        format!(
            "{text} là thời điểm khác nhau ở mỗi múi giờ; hãy ghi thêm múi giờ, ví dụ {text}+07:00, hoặc Z cho UTC"
        ),
    )
}

fn in_future(text: &str) -> FieldIssue {
    FieldIssue::new(
        FIELD,
        "as-of-in-future",
        format!("{text} has not come yet; leave as_of out for the figures of now"),
        format!("{text} chưa đến; hãy bỏ as_of để xem số liệu hiện tại"),
    )
}

fn before_log(text: &str, first_us: Option<i64>) -> FieldIssue {
    let first = first_us.and_then(|us| Timestamp::from_microsecond(us).ok());
    let (en, vi) = first.map_or_else(
        || ("nothing is recorded yet".to_owned(), "chưa có gì được ghi nhận".to_owned()),
        |first| (format!("the log begins at {first}"), format!("sổ bắt đầu từ {first}")),
    );
    FieldIssue::new(
        FIELD,
        "as-of-before-log",
        format!("{text} is before the log: {en}"),
        format!("{text} trước khi có sổ: {vi}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn code(text: &str) -> &'static str {
        read(text).unwrap_err().code
    }

    #[test]
    fn digits_are_a_position_and_a_date_is_a_day() {
        assert_eq!(read("0"), Ok(Asked::Position(0)));
        assert_eq!(read("20250401"), Ok(Asked::Position(20_250_401)), "never a day without its hyphens");
        assert_eq!(read("2025-04-01"), Ok(Asked::Day(date(2025, 4, 1))));
    }

    #[test]
    fn one_instant_may_be_written_with_any_offset() {
        let utc = read("2025-03-31T17:00:00Z").unwrap();
        assert_eq!(utc, Asked::InstantUs(1_743_440_400_000_000));
        for text in ["2025-04-01T00:00:00+07:00", "2025-03-31T13:00:00.000000-04:00", "2025-04-01t00:00:00+07:00"] {
            assert_eq!(read(text), Ok(utc), "{text}");
        }
    }

    #[test]
    fn a_plus_that_became_a_space_is_still_an_offset() {
        assert_eq!(read("2025-04-01T00:00:00 07:00"), read("2025-04-01T00:00:00+07:00"));
    }

    #[test]
    fn an_instant_without_offset_is_none() {
        assert_eq!(code("2025-04-01T00:00:00"), "as-of-without-offset");
        assert_eq!(code("2025-04-01 00:00:00"), "as-of-without-offset");
    }

    #[test]
    fn what_is_neither_is_refused() {
        for text in ["", "-1", "today", "2025-13-01", "01/04/2025", "2025-04-01T25:00:00Z", "18446744073709551616"] {
            assert_eq!(code(text), "invalid-value", "{text}");
        }
    }
}
