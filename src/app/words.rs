//! What is expected of each kind of input, in English and Vietnamese.

use crate::domain::approval::ApprovalRefusal;
use crate::domain::beneficiary::BeneficiaryRefusal;
use crate::domain::desk::DeskRefusal;
use crate::domain::list::{CHUNK_ITEMS_MAX, ListRefusal};
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
pub const PAYMENT_KIND: Words =
    words("one of regular, arrears, supplement", "một trong: regular, arrears (truy lĩnh), supplement (chi bổ sung)");
pub const RESOLUTION: Words = words(
    "one of dismissed, made_good, accepted",
    "một trong: dismissed (bác bỏ), made_good (công nhận và bù trừ), accepted (chấp nhận)",
);
pub const EVIDENCE: Words = words("an object with kind and reference", "đối tượng có kind và reference");
pub const PURPOSE: Words = words(
    "one of payment_problem, identity_check, person_asks, legal_request, audit, payment_order, other",
    "một trong: payment_problem, identity_check, person_asks, legal_request, audit, payment_order, other",
);
pub const DATA_KINDS: Words =
    words("a list of name, identifier, account, each once", "danh sách gồm name, identifier, account, không lặp lại");
pub const GROUND: Words = words(
    "one of person_asked, retention_ended, legal_order, registered_in_error",
    "một trong: person_asked, retention_ended, legal_order, registered_in_error",
);
pub const RECOVERY_GROUND: Words =
    words("wrong_amount or not_entitled; the other grounds follow from the records", "wrong_amount hoặc not_entitled");
pub const RECOVERY_STATUS: Words = words(
    "found, demanded, received, written_off or lapsed",
    "một trong: found, demanded, received, written_off, lapsed",
);
pub const APPROVAL_STATUS: Words = words(
    "pending, granted, used, failed, declined or expired",
    "một trong: pending, granted, used, failed, declined, expired",
);
pub const END_REASON: Words = words(
    "one of replaced, expired, recorded_in_error",
    "một trong: replaced (thay thế), expired (hết hạn), recorded_in_error (ghi nhầm)",
);
pub const HOME_GROUND: Words = words(
    "a ground for payment at home, listed at GET /v1/reference",
    "mã lý do chi trả tại nhà, xem GET /v1/reference",
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
        R::BenefitSuspended { month, from_month, .. } => {
            format!("chế độ bị tạm dừng từ {from_month}; chưa được chi tháng {month} khi chưa có quyết định hưởng tiếp")
        }
        R::OwedAsArrears { month } => {
            format!("tháng {month} bị tạm dừng, nay được truy lĩnh: hãy lập lệnh chi truy lĩnh (kind: arrears)")
        }
        R::ContradictionOpen { attempt } => {
            format!(
                "lần chi {attempt} được báo đã chi số tiền khác lệnh chi: phải giải quyết trước (POST /v1/payments/{{id}}/resolve)"
            )
        }
        R::ContradictionChanged { attempt } => {
            format!(
                "báo cáo của lần chi {attempt} hoặc số tiền cần bù đã khác lúc yêu cầu: hãy đọc lại khoản chi và yêu cầu lại"
            )
        }
        R::NothingContradicted => "không có báo cáo nào của khoản chi này mâu thuẫn với lệnh chi".into(),
        R::ArrearsAhead { month, cycle } => {
            format!("tháng {month} sau kỳ {cycle}: truy lĩnh chỉ cho tháng đã đến hạn; hãy lập lệnh chi thường kỳ")
        }
        R::MonthTooFarBack { month, first, .. } => {
            format!("tháng {month} quá xa: loại chi này trong kỳ chỉ được tính từ tháng {first}")
        }
        R::TooManyMonths { most, .. } => {
            format!("một lệnh chi loại này có nhiều nhất {most} tháng hưởng; hãy lập lệnh riêng cho các tháng còn lại")
        }
        R::PayeeNotAllowed => "tài khoản phải là của chính người hưởng; người nhận khác chỉ nhận tiền mặt".into(),
        R::AuthorisationMissing => "không có giấy ủy quyền còn hiệu lực vào ngày đó; hãy ghi nhận trước".into(),
        R::AuthorisationExpired { last_day } => {
            format!("giấy ủy quyền đã hết hiệu lực sau ngày {last_day}; cần giấy mới")
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
        R::RecoveriesOpen { count } => {
            format!("còn {count} khoản phải thu hồi; chỉ xóa khi đã thu đủ hoặc đã được xóa nợ")
        }
        R::IdentifierDates { from } => format!("ngày hết hiệu lực không được trước ngày bắt đầu {from}"),
        R::IdentifierSchemeEnded { scheme, ended_on, replaced_by } => match replaced_by {
            Some(other) => format!("{scheme} chỉ cấp đến {ended_on}; sau đó dùng {other}"),
            None => format!("{scheme} chỉ cấp đến {ended_on}; sau đó dùng loại định danh khác"),
        },
        R::IdentifierHeld { scheme } => {
            format!("{scheme} này đã được ghi nhận cho người hưởng; nếu sai ngày hãy kết thúc bản ghi trước")
        }
        R::IdentifierEnded { on } => {
            format!("định danh này đã hết hiệu lực từ {on}; hãy thêm lại nếu người hưởng dùng lại")
        }
        R::LastIdentifier => "đây là định danh duy nhất để tìm người hưởng; hãy thêm định danh đúng trước".into(),
        R::NoSuchAccount => "người hưởng không có tài khoản này; xem account_ref của từng hình thức nhận tiền".into(),
        R::CheckInFuture => "thời điểm kiểm tra ở tương lai".into(),
        R::AlreadySuspended { from_month } => {
            format!("đã tạm dừng từ {from_month}; hãy cho hưởng tiếp trước, hoặc ghi tháng sớm hơn")
        }
        R::NotSuspended => "chế độ này không bị tạm dừng; nếu tạm dừng tất cả thì cho hưởng tiếp tất cả".into(),
        R::ResumedBeforeSuspended { from_month } => {
            format!("việc tạm dừng bắt đầu từ {from_month}; ghi tháng đó hoặc tháng sau")
        }
        R::MismatchOfNothing => "kết quả không khớp phải nêu ít nhất một trường khác nhau".into(),
        R::DuplicateOfOneself => "không thể trùng với chính mình; hãy ghi người hưởng kia".into(),
        R::LaterIdentityCheck { checked_on } => {
            format!("đã có kết quả đối chiếu mới hơn, ngày {checked_on}; kết quả mới nhất được dùng")
        }
        R::NotForHome { from_age, grounds } => {
            format!("chi trả tại nhà dành cho người từ {from_age} tuổi, người khác cần lý do: {grounds}")
        }
        R::AuthorisationOfOneself
        | R::AuthorisationEndsBeforeItBegins
        | R::AuthorisationTooLong { .. }
        | R::AuthorisationNotCertified
        | R::NoSuchAuthorisation
        | R::AuthorisationEnded { .. }
        | R::AuthorisationMissing { .. }
        | R::AuthorisationExpired { .. }
        | R::PayeeNotAllowed => authorisation_vi(refusal),
    }
}

fn authorisation_vi(refusal: &BeneficiaryRefusal) -> String {
    use BeneficiaryRefusal as R;
    match refusal {
        R::AuthorisationOfOneself => "chỉ ủy quyền cho người khác: gửi payee là authorised hoặc guardian".into(),
        R::AuthorisationEndsBeforeItBegins => "giấy ủy quyền hết hạn trước ngày bắt đầu".into(),
        R::AuthorisationTooLong { latest } => {
            format!("giấy ủy quyền có hiệu lực tối đa đến {latest}; hãy gửi valid_to không muộn hơn ngày đó")
        }
        R::AuthorisationNotCertified => {
            "giấy ủy quyền phải được chứng thực; gửi certified: true khi đã kiểm tra".into()
        }
        R::NoSuchAuthorisation => "người hưởng không có giấy ủy quyền này; xem authorised_ref của từng giấy".into(),
        R::AuthorisationEnded { ended_on } => format!("giấy ủy quyền này đã chấm dứt từ ngày {ended_on}"),
        R::AuthorisationMissing { on } => {
            format!("không có giấy ủy quyền còn hiệu lực vào ngày {on}; hãy ghi nhận giấy ủy quyền trước")
        }
        R::AuthorisationExpired { last_day } => {
            format!("giấy ủy quyền đã hết hiệu lực sau ngày {last_day}; cần giấy mới")
        }
        R::PayeeNotAllowed => "tài khoản phải là của chính người hưởng; người nhận khác chỉ nhận tiền mặt".into(),
        other => other.to_string(),
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
        R::NothingOut => "tiền của lần chi này không ở người hưởng; không có gì để thu hồi".into(),
        R::OtherMonths => "khoản chi không trả cho các tháng này; hãy ghi tháng của khoản chi".into(),
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
        R::AskerRevoked => "khóa của người yêu cầu đã bị thu hồi; hãy từ chối, để người có quyền yêu cầu lại".into(),
        R::NotUsed { state } => format!("yêu cầu đang ở trạng thái {state}; chỉ lấy được sau khi người khác phê duyệt"),
    }
}

/// The refusal of a desk's rule, in Vietnamese.
#[must_use]
pub fn desk_refusal_vi(refusal: &DeskRefusal) -> String {
    use DeskRefusal as R;
    match refusal {
        R::NotRegistered => "không có điểm chi trả này".into(),
        R::AlreadyRegistered => "điểm chi trả này đã được đăng ký".into(),
        R::DayLiquidated { to } => format!("đã quyết toán đến hết ngày {to}; hãy ghi vào ngày sau đó"),
        R::CashShort { missing } => {
            format!("điểm chi trả thiếu {} so với số cần; hãy ghi nhận tiền đã giao trước", missing.minor)
        }
        R::CashDiffers { expected, counted } => {
            format!("sổ còn {}, kiểm đếm được {}; hãy ghi phần còn thiếu hoặc đếm lại", expected.minor, counted.minor)
        }
        R::ChannelNotPaidHere => "loại điểm này không chi theo hình thức của khoản chi; hãy lập lệnh chi lại".into(),
        R::OtherAgent => "khoản chi thuộc tổ chức chi trả khác; hãy chi tại đó hoặc lập lệnh chi lại".into(),
        R::OutsideWindow { day, from, to } => {
            format!("ngày {day} ngoài thời gian chi trả của điểm này ({from} đến {to})")
        }
        R::NoWindow => "loại điểm này không có thời gian chi trả trong kỳ".into(),
        R::HeirMustCollect { died_on } => format!("người hưởng đã mất ngày {died_on}; chỉ người thừa kế được nhận"),
        R::NoDeathReported => "chưa ghi nhận người hưởng đã mất; hãy báo tử trước khi chi cho người thừa kế".into(),
        R::MonthsAfterDeath { died_on, last_month } => {
            format!("người hưởng đã mất ngày {died_on}; người thừa kế chỉ nhận đến hết tháng {last_month}")
        }
        R::WindowStillOpen { last_day } => format!("còn trong thời gian chi trả, đến hết ngày {last_day}"),
        R::NothingUnpaid => "không còn khoản tiền mặt nào chưa nhận của kỳ này".into(),
        R::UnclaimedHalted { months } => {
            format!(
                "người hưởng {months} tháng liền không đến nhận; hãy tìm người hưởng, chi lại hoặc hủy các khoản đó trước"
            )
        }
        R::PaymentNotOpen { standing } => {
            format!("khoản chi đang ở trạng thái {standing}; chỉ chi khoản chưa có kết quả, hãy lập lệnh chi lại trước")
        }
        R::EvidenceUsed => "chứng từ này đã dùng cho một lần ghi khác của điểm".into(),
        R::AmountNotPositive => "số tiền phải lớn hơn 0".into(),
    }
}

/// The refusal of a list's rule, in Vietnamese.
#[must_use]
pub fn list_refusal_vi(refusal: &ListRefusal) -> String {
    use ListRefusal as R;
    match refusal {
        R::NotOpened => "không có danh sách chi trả này".into(),
        R::AlreadyOpened => "danh sách đã được lập trước đó".into(),
        R::NotPossible { stage, .. } => format!("không thực hiện được khi danh sách ở trạng thái {}", stage.as_str()),
        R::ChunkOutOfOrder { expected, .. } => format!("phần tiếp theo phải là phần {expected}"),
        R::ChunkTooLarge => format!("mỗi lần tối đa {CHUNK_ITEMS_MAX} khoản"),
        R::ItemTwice(id) => format!("khoản chi {id} có hai lần trong danh sách"),
        R::OtherRoute { payment, .. } => {
            format!("khoản chi {payment} không cùng tổ chức chi trả, kênh, kỳ hoặc đồng tiền với danh sách")
        }
        R::AmountNotPositive(id) => format!("khoản chi {id} không có số tiền lớn hơn 0"),
        R::SumTooLarge => "tổng số tiền quá lớn".into(),
        R::ItemUnknown(id) => format!("khoản chi {id} không có trong danh sách"),
        R::Empty => "danh sách không chi cho ai: mọi dòng đều bị loại; xem lý do tại GET /v1/lists/{id}".into(),
        R::ControlCount { counted, actual } => format!("đã đếm {counted} khoản, danh sách có {actual}"),
        R::ControlSum { .. } => "tổng số tiền đã cộng không bằng tổng của danh sách".into(),
        R::OtherCurrency => "không cùng đồng tiền với danh sách".into(),
        R::NotChecked => "chưa kiểm tra danh sách sau lần thay đổi cuối; POST /v1/lists/{id}/check".into(),
        R::HasFindings { items } => format!("phải sửa hoặc loại {items} khoản trước; xem POST /v1/lists/{{id}}/check"),
        R::SecondPersonRequired => "người duyệt phải khác người lập hoặc sửa danh sách".into(),
        R::ApprovalRequired { .. } => "danh sách vượt mức phải được người thứ hai duyệt trước khi gửi".into(),
        R::AlreadyApproved => "người khác đã duyệt danh sách".into(),
        R::AdvanceDiffers { .. } => "số tiền tạm ứng phải bằng tổng của danh sách".into(),
        R::AlreadyAcknowledged => "tổ chức chi trả đã trả lời khác".into(),
        R::ItemsOpen { items } => format!("còn {items} khoản chưa có kết quả; hãy ghi nhận kết quả trước"),
        R::NotBalanced { .. } => "số đã tạm ứng không bằng số đã chi cộng số nộp lại".into(),
        R::MovedSinceReconciled => "kết quả chi đã thay đổi sau khi đối chiếu; hãy đối chiếu lại".into(),
        R::NotReleased { stage } => {
            format!(
                "danh sách đang ở trạng thái {}: chỉ gửi ngân hàng sau khi đã POST /v1/lists/{{id}}/submit",
                stage.as_str()
            )
        }
        R::NothingForBank => "không có khoản nào trong danh sách đi qua ngân hàng này".into(),
        R::ItemsStopped { items } => format!(
            "{items} khoản đã bị dừng sau khi gửi danh sách (tạm giữ, hủy hoặc bỏ); dùng without_stopped=true để loại ra, nếu tệp đã gửi thì hãy thu hồi"
        ),
        R::OrderedOtherwise { before } => format!(
            "lệnh chi của danh sách này đã được lấy trước đó với các khoản khác ({before}); ngân hàng sẽ thực hiện cả hai. Chỉ khi tệp trước chưa gửi hoặc đã bị ngân hàng từ chối toàn bộ thì dùng instead=true"
        ),
        R::NotToRecall { payment, state } => {
            format!("khoản chi {payment} ở trạng thái {state}, không thể thu hồi lệnh")
        }
        R::NotEmpty { items } => format!("danh sách còn {items} khoản; phải loại ra trước"),
        R::ItemPaid(payment) => format!(
            "khoản chi {payment} đã được chi theo danh sách: không loại ra được; hãy loại các khoản chưa chi rồi quyết toán"
        ),
    }
}
