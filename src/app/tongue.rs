//! Vietnamese and English on paper: words, and numbers as each writes them.

use crate::domain::money::CurrencySpec;
use crate::domain::period::Month;
use crate::domain::profile::Profile;
use crate::domain::profile::playbook::Actor;
use crate::projections::figures::Share;
use jiff::civil::Date;
use rust_decimal::Decimal;

/// The language of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tongue {
    Vietnamese,
    English,
}

impl Tongue {
    /// Reads `vi` or `en`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "vi" => Some(Self::Vietnamese),
            "en" => Some(Self::English),
            _ => None,
        }
    }

    /// The profile's first language.
    #[must_use]
    pub fn of(profile: &Profile) -> Self {
        profile.languages.first().and_then(|language| Self::parse(language)).unwrap_or(Self::English)
    }

    /// The language code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Vietnamese => "vi",
            Self::English => "en",
        }
    }

    /// The words of this language.
    #[must_use]
    pub const fn say(self, vi: &'static str, en: &'static str) -> &'static str {
        match self {
            Self::Vietnamese => vi,
            Self::English => en,
        }
    }

    const fn marks(self) -> (char, char) {
        match self {
            Self::Vietnamese => ('.', ','),
            Self::English => (',', '.'),
        }
    }

    /// A whole number with its thousands apart.
    #[must_use]
    pub fn number(self, number: i64) -> String {
        self.grouped(&number.to_string())
    }

    fn grouped(self, digits: &str) -> String {
        let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |rest| ("−", rest));
        let mut out = String::from(sign);
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                out.push(self.marks().0);
            }
            out.push(digit);
        }
        out
    }

    /// An amount in major units.
    #[must_use]
    pub fn amount(self, spec: &CurrencySpec, minor: i64) -> String {
        let text = spec.format(minor);
        match text.split_once('.') {
            None => self.grouped(&text),
            Some((whole, part)) => format!("{}{}{part}", self.grouped(whole), self.marks().1),
        }
    }

    fn of_hundredths(self, hundredths: i64) -> String {
        let whole = hundredths.unsigned_abs();
        format!("{}{}{:02}", whole / 100, self.marks().1, whole % 100)
    }

    /// A share in percent with two digits; a dash where there is nothing to divide by.
    #[must_use]
    pub fn percent(self, share: Share) -> String {
        share.hundredths().map_or_else(|| "–".to_owned(), |value| format!("{} %", self.of_hundredths(value)))
    }

    /// A fraction of 1 in percent.
    #[must_use]
    pub fn percent_of(self, fraction: Decimal) -> String {
        let percent = (fraction * Decimal::from(100)).normalize().to_string();
        format!("{} %", percent.replace('.', &self.marks().1.to_string()))
    }

    /// Percentage points with their sign.
    #[must_use]
    pub fn points(self, points: Option<i64>) -> String {
        let Some(points) = points else { return "–".to_owned() };
        let sign = if points < 0 { "−" } else { "+" };
        format!("{sign}{} {}", self.of_hundredths(points), self.say("điểm %", "pp"))
    }

    /// How far a share is from a target.
    #[must_use]
    pub fn gap(self, share: Share, target: Decimal) -> String {
        self.points(share.gap_points(target))
    }

    /// How far two printed percents are apart.
    #[must_use]
    pub fn change(self, now: Share, before: Option<Share>) -> String {
        let before = before.and_then(Share::hundredths);
        self.points(now.hundredths().zip(before).map(|(now, before)| now - before))
    }

    /// A month.
    #[must_use]
    pub fn month(self, month: Month) -> String {
        match self {
            Self::Vietnamese => format!("{:02}/{}", month.month(), month.year()),
            Self::English => month.to_string(),
        }
    }

    /// A day.
    #[must_use]
    pub fn day(self, day: Date) -> String {
        match self {
            Self::Vietnamese => format!("{:02}/{:02}/{}", day.day(), day.month(), day.year()),
            Self::English => day.to_string(),
        }
    }

    /// A state of a payment.
    #[must_use]
    pub fn state(self, state: &str) -> &'static str {
        match state {
            "instructed" => self.say("Đã lập lệnh, chưa có phản hồi", "Instructed, no answer yet"),
            "accepted" => self.say("Tổ chức chi trả đã nhận", "Accepted by the agent"),
            "settled" => self.say("Đã đến tay người hưởng", "Settled"),
            "rejected" => self.say("Bị từ chối", "Rejected"),
            "failed" => self.say("Không chi được", "Failed"),
            "returned" => self.say("Bị trả lại", "Returned"),
            _ => self.say("Đã hủy", "Cancelled"),
        }
    }

    /// What became of an attempt.
    #[must_use]
    pub fn kind(self, kind: &str) -> &'static str {
        match kind {
            "rejected" => self.say("từ chối", "rejected"),
            "returned" => self.say("trả lại", "returned"),
            _ => self.say("không chi được", "failed"),
        }
    }

    /// A class of reasons.
    #[must_use]
    pub fn class(self, class: &str) -> &'static str {
        match class {
            "account_data" => self.say("Sai thông tin tài khoản", "Wrong account data"),
            "account_state" => self.say("Tài khoản đóng hoặc bị khóa", "Account closed or blocked"),
            "identity" => self.say("Không khớp tên hoặc định danh", "Name or identity does not match"),
            "deceased" => self.say("Người hưởng đã mất", "Beneficiary deceased"),
            "bank" => self.say("Lỗi phía ngân hàng", "The bank's side"),
            "funds" => self.say("Thiếu tiền hoặc vượt hạn mức", "Funds or limits"),
            "duplicate" => self.say("Trùng lặp", "Duplicate"),
            "format" => self.say("Sai định dạng", "Format"),
            "unclaimed" => self.say("Không đến nhận", "Not collected"),
            "no_answer" => self.say("Không có phản hồi", "No answer"),
            _ => self.say("Chưa rõ", "Unknown"),
        }
    }

    /// Who acts.
    #[must_use]
    pub const fn actor(self, actor: Actor) -> &'static str {
        match actor {
            Actor::Clerk => self.say("Cán bộ BHXH của đơn vị", "Clerk of the unit"),
            Actor::Supervisor => self.say("Lãnh đạo phụ trách", "Supervisor"),
            Actor::Bank => self.say("Ngân hàng", "Bank"),
            Actor::Desk => self.say("Điểm chi trả", "Cash desk"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::Currency;

    #[test]
    fn each_language_writes_numbers_its_own_way() {
        let share = Share { numerator: 291_759, denominator: 341_480 };
        assert_eq!(Tongue::Vietnamese.percent(share), "85,44 %");
        assert_eq!(Tongue::English.percent(share), "85.44 %");
        assert_eq!(Tongue::Vietnamese.number(1_234_567), "1.234.567");
        assert_eq!(Tongue::English.number(-1_000), "−1,000");
        assert_eq!(Tongue::English.points(Some(-220)), "−2.20 pp");
        assert_eq!(Tongue::Vietnamese.percent_of(Decimal::new(60, 2)), "60 %");
    }

    #[test]
    fn amounts_keep_their_decimals() {
        let spec = CurrencySpec { currency: Currency::parse("TVR").unwrap(), exponent: 2 };
        assert_eq!(Tongue::Vietnamese.amount(&spec, 123_456_789), "1.234.567,89");
        assert_eq!(Tongue::English.amount(&spec, 5), "0.05");
    }
}
