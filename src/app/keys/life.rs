//! How long a key opens: what people say of it, and what that comes to. Pure.

use crate::domain::profile::Profile;
use jiff::civil::Date;

/// One day.
const DAY_US: i64 = 86_400_000_000;
/// The longest that people may say: ten years.
const DAYS_MAX: i64 = 3_660;
/// How long the secret before is good after a rotation, when nobody says.
pub const OVERLAP_DAYS: u32 = 7;
/// The longest that it may be.
const OVERLAP_DAYS_MAX: u32 = 90;

/// How long, as people say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasting {
    /// To the end of a day.
    Through(Date),
    /// So many days from now.
    Days(i64),
}

impl Lasting {
    /// Reads `2027-01-31` or `90d`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim().strip_suffix('d') {
            Some(days) => days.parse().ok().filter(|days| (0..=DAYS_MAX).contains(days)).map(Self::Days),
            None => text.trim().parse().ok().map(Self::Through),
        }
    }

    /// The first instant after it, which must be to come and within ten years.
    #[must_use]
    pub fn until_us(self, profile: &Profile, now_us: i64) -> Option<i64> {
        let until = match self {
            Self::Days(days) => now_us.checked_add(days.checked_mul(DAY_US)?)?,
            Self::Through(day) => profile.start_of_day(day.tomorrow().ok()?).as_microsecond(),
        };
        (until > now_us && until <= now_us.checked_add(DAYS_MAX * DAY_US)?).then_some(until)
    }
}

/// Reads an overlap of two secrets, `7d`, as days; `0d` ends the one before at once.
#[must_use]
pub fn overlap_days(text: &str) -> Option<u32> {
    text.trim().strip_suffix('d')?.parse().ok().filter(|days| *days <= OVERLAP_DAYS_MAX)
}

/// The same as microseconds.
#[must_use]
pub fn overlap_us(text: &str) -> Option<i64> {
    overlap_days(text).map(days_us)
}

/// So many days as microseconds.
#[must_use]
pub fn days_us(days: u32) -> i64 {
    i64::from(days) * DAY_US
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_day_is_good_to_its_end_in_the_profiles_zone() {
        let profile = Profile::vietnam();
        let noon = profile.start_of_day(date(2027, 1, 31)).as_microsecond() + DAY_US / 2;
        let until = Lasting::parse("2027-01-31").unwrap().until_us(&profile, noon);
        assert_eq!(until, Some(profile.start_of_day(date(2027, 2, 1)).as_microsecond()));
        assert_eq!(Lasting::parse("2027-01-30").unwrap().until_us(&profile, noon), None, "it is over");
    }

    #[test]
    fn days_are_counted_from_now() {
        let profile = Profile::vietnam();
        assert_eq!(Lasting::parse(" 90d ").unwrap().until_us(&profile, 5), Some(90 * DAY_US + 5));
        assert_eq!(Lasting::parse("0d").unwrap().until_us(&profile, 5), None);
        for text in ["", "d", "90", "-1d", "3661d", "31/01/2027", "2027-02-30", "1.5d"] {
            assert_eq!(Lasting::parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_overlap_is_of_whole_days_and_bounded() {
        assert_eq!(overlap_us("7d"), Some(7 * DAY_US));
        assert_eq!(overlap_us("0d"), Some(0));
        for text in ["", "7", "91d", "-1d", "d"] {
            assert_eq!(overlap_us(text), None, "{text}");
        }
    }
}
