//! What is expected of each kind of input, in English and Vietnamese.

use crate::domain::approval::ApprovalRefusal;
use crate::domain::beneficiary::BeneficiaryRefusal;
use crate::domain::payment::PaymentRefusal;
use crate::domain::recovery::RecoveryRefusal;

/// A phrase in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    pub en: &'static str,
    pub vi: &'static str,
}

const fn words(en: &'static str, vi: &'static str) -> Words {
    Words { en, vi }
}

pub const UUID: Words = words("a UUID", "một UUID");
pub const MONTH: Words = words("a month, YYYY-MM", "tháng, dạng YYYY-MM");
pub const MONTHS: Words = words("a list of months, YYYY-MM, each once", "danh sách tháng, dạng YYYY-MM, không lặp lại");
pub const DATE: Words = words("a date, YYYY-MM-DD", "ngày, dạng YYYY-MM-DD");
pub const INSTANT: Words = words("an instant, RFC 3339 with its offset", "thời điểm theo RFC 3339, có múi giờ");
pub const AMOUNT: Words = words(
    "an amount in plain digits as a string, for example \"5000000\"",
    "số tiền bằng chữ số, dạng chuỗi, ví dụ \"5000000\"",
);
pub const REFERENCE: Words =
    words("1 to 64 visible ASCII characters without spaces", "1 đến 64 ký tự ASCII, không có khoảng trắng");
pub const BENEFIT_TYPE: Words =
    words("a benefit type of the profile, listed at GET /v1/reference", "mã loại trợ cấp trong cấu hình");
pub const CHANNEL: Words =
    words("a channel of the profile: account, cash_desk ...", "mã kênh chi trả trong cấu hình: account, cash_desk ...");
pub const AGENT: Words = words(
    "a paying agent of the profile: bank, post, agency ...",
    "mã tổ chức chi trả trong cấu hình: bank, post, agency ...",
);
pub const BANK: Words =
    words("a bank of the profile, by id, code or short name", "ngân hàng trong cấu hình, theo mã hoặc tên viết tắt");
pub const PAYEE: Words = words("one of self, authorised, guardian", "một trong: self, authorised, guardian");
pub const TEXT: Words = words("a text of 1 to 500 characters", "văn bản từ 1 đến 500 ký tự");
pub const SYSTEM: Words = words(
    "whose code it is: iso20022, agency, or a bank's id of a-z, 0-9, _ and -",
    "nguồn của mã: iso20022, agency hoặc mã ngân hàng gồm a-z, 0-9, _ và -",
);
pub const STATUS: Words = words(
    "the agent's status code: up to 12 capital letters and digits, for example ACSP",
    "mã trạng thái của tổ chức chi trả: tối đa 12 chữ in hoa và chữ số, ví dụ ACSP",
);
pub const BOOLEAN: Words = words("true or false", "true hoặc false");
pub const ATTEMPT: Words = words("the number of an attempt, 1 or more", "số lần chi trả, từ 1 trở lên");
pub const ALGORITHM: Words = words("one of ES256, EdDSA, HS256", "một trong: ES256, EdDSA, HS256");
pub const ITEM: Words = words(
    "the number of an item that waits, as a number; 0 is the message as a whole",
    "số thứ tự của mục đang chờ, dạng số; 0 là cả thông điệp",
);
pub const YEAR: Words = words(
    "a year of four digits as a number, without quotes: 1955",
    "năm gồm bốn chữ số, dạng số, không có ngoặc kép: 1955",
);
pub const SEX: Words = words("female or male", "female (nữ) hoặc male (nam)");
pub const FAILURE: Words =
    words("one of no_answer, unclaimed, not_sendable", "một trong: no_answer, unclaimed, not_sendable");
pub const EVIDENCE: Words = words("an object with kind and reference", "đối tượng có kind và reference");
pub const PURPOSE: Words = words(
    "one of payment_problem, identity_check, person_asks, legal_request, audit, other",
    "một trong: payment_problem, identity_check, person_asks, legal_request, audit, other",
);
pub const DATA_KINDS: Words =
    words("a list of name, identifier, account, each once", "danh sách gồm name, identifier, account, không lặp lại");
pub const GROUND: Words = words(
    "one of person_asked, retention_ended, legal_order, registered_in_error",
    "một trong: person_asked, retention_ended, legal_order, registered_in_error",
);
pub const OBJECT: Words = words("a JSON object", "một đối tượng JSON");

/// The refusal of a payment's rule, in Vietnamese.
#[must_use]
pub fn payment_refusal_vi(refusal: &PaymentRefusal) -> String {
    use PaymentRefusal as R;
    match refusal {
        R::NotInstructed => "không có khoản chi trả này".into(),
        R::AlreadyInstructed => "khoản chi trả này đã được lập lệnh".into(),
        R::NoSuchAttempt { attempt, latest } => format!("không có lần chi {attempt}; lần mới nhất là {latest}"),
        R::AlreadySettled => "đã chi trả xong; phải ghi nhận hoàn trả trước khi chi lại".into(),
        R::AlreadyCancelled => "khoản chi trả đã bị hủy".into(),
        R::NotPossible { attempt, state, .. } => {
            format!("không thực hiện được khi lần chi {attempt} ở trạng thái {state}")
        }
        R::AmountNotPositive => "số tiền phải lớn hơn 0".into(),
        R::AmountTooLarge => "số tiền vượt mức tối đa của một khoản chi".into(),
        R::OtherCurrency { expected } => format!("đồng tiền của khoản chi là {expected}"),
        R::AmountAfterSettlement => "không sửa được số tiền sau khi đã chi trả; hãy thu hồi hoặc chi bổ sung".into(),
        R::BeneficiaryDeceased { died_on, last_month } => {
            format!("người hưởng đã mất ngày {died_on}; không chi trả các tháng sau {last_month}")
        }
        R::UnitNotInForce { due_on } => format!("đơn vị hành chính không có hiệu lực vào ngày {due_on}"),
        R::MethodNotEffectiveYet { effective_month } => {
            format!("hình thức nhận tiền có hiệu lực từ {effective_month}; kỳ này vẫn theo hình thức cũ")
        }
        R::AccountMissing { channel } => {
            format!("kênh {channel} cần số tài khoản; hãy gửi ngân hàng và số tài khoản, hoặc chọn kênh khác")
        }
        R::BenefitMonths => "cần ít nhất một tháng hưởng, mỗi tháng ghi một lần".into(),
        R::LateMoneyOut { attempt, settled_on } => {
            format!("tiền của lần chi {attempt} đã bỏ thực tế đã chi ngày {settled_on}; phải ghi nhận hoàn trả trước")
        }
        R::NothingToCorrect => "nội dung sửa không thay đổi gì".into(),
    }
}

/// The refusal of a beneficiary's rule, in Vietnamese.
#[must_use]
pub fn beneficiary_refusal_vi(refusal: &BeneficiaryRefusal) -> String {
    use BeneficiaryRefusal as R;
    match refusal {
        R::NotRegistered => "không có người hưởng này".into(),
        R::AlreadyRegistered => "người hưởng đã được đăng ký".into(),
        R::Deceased { died_on } => format!("người hưởng đã mất ngày {died_on}"),
        R::DeathInFuture => "ngày mất ở tương lai".into(),
        R::OtherDeathRecorded { recorded } => format!("đã ghi nhận ngày mất khác: {recorded}"),
        R::UnitNotInForce { on } => format!("đơn vị hành chính không có hiệu lực vào ngày {on}"),
        R::EffectiveMonthTooEarly { earliest_month } => {
            format!("sau ngày chốt, hình thức mới có hiệu lực sớm nhất từ {earliest_month}")
        }
        R::AccountMissing { channel } => {
            format!("kênh {channel} cần số tài khoản; hãy gửi ngân hàng và số tài khoản, hoặc chọn kênh khác")
        }
        R::Erased => "dữ liệu cá nhân của người hưởng đã bị xóa; hãy đăng ký lại nếu còn khoản phải chi".into(),
        R::PaymentsOpen { count } => {
            format!("còn {count} khoản đang chi; chỉ xóa khi đã chi xong, đã thôi chi hoặc đã hủy")
        }
    }
}

/// The refusal of a recovery's rule, in Vietnamese.
#[must_use]
pub fn recovery_refusal_vi(refusal: &RecoveryRefusal) -> String {
    use RecoveryRefusal as R;
    match refusal {
        R::NotFound => "không có khoản thu hồi này".into(),
        R::Closed { state } => format!("khoản thu hồi đang ở trạng thái {state}; không còn gì phải thu"),
        R::TooMuch { outstanding_minor } => {
            format!("chỉ còn {outstanding_minor} (đơn vị nhỏ nhất) phải thu; không ghi nhận quá số này")
        }
        R::AmountNotPositive => "số tiền phải lớn hơn 0".into(),
        R::OtherCurrency { expected } => format!("đồng tiền của khoản thu hồi là {expected}"),
        R::ReceiptUsed => "chứng từ này đã ghi với số tiền hoặc ngày khác; hãy ghi đúng chứng từ của khoản tiền".into(),
    }
}

/// The refusal of a rule of four eyes, in Vietnamese.
#[must_use]
pub fn approval_refusal_vi(refusal: &ApprovalRefusal) -> String {
    use ApprovalRefusal as R;
    match refusal {
        R::NotFound => "không có yêu cầu phê duyệt này".into(),
        R::Exists => "yêu cầu phê duyệt này đã có".into(),
        R::SecondPersonRequired => {
            "cần người thứ hai phê duyệt; người yêu cầu không tự phê duyệt, dù bằng khóa nào".into()
        }
        R::Expired => "đã quá hạn phê duyệt; hãy yêu cầu lại".into(),
        R::Closed { state } => format!("yêu cầu phê duyệt đang ở trạng thái {state}, không quyết định lại được"),
    }
}
