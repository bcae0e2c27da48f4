//! What a use case answers instead of a result, in Vietnamese. The rules of payments, people, lists and desks are in `words`.

use crate::app::error::AppError;
use crate::app::words;
use crate::domain::bank::BankRefusal;
use crate::domain::decision::QuarantineCause;
use crate::domain::figure::{FigureRefusal, GROUPS_MAX};
use crate::domain::inbox::InboxRefusal;
use crate::domain::target::TargetRefusal;
use crate::domain::webhook::WebhookRefusal;

/// The whole of an error. `None` for what is told by its fields, and for trouble of the server's own.
#[must_use]
pub fn error_vi(error: &AppError) -> Option<String> {
    let text = match error {
        AppError::Payment(refusal) => words::payment_refusal_vi(refusal),
        AppError::Beneficiary(refusal) => words::beneficiary_refusal_vi(refusal),
        AppError::Recovery(refusal) => words::recovery_refusal_vi(refusal),
        AppError::Approval(refusal) => words::approval_refusal_vi(refusal),
        AppError::Desk(refusal) => words::desk_refusal_vi(refusal),
        AppError::List(refusal) => words::list_refusal_vi(refusal),
        AppError::Bank(refusal) => bank_refusal_vi(refusal).into(),
        AppError::Inbox(refusal) => inbox_refusal_vi(*refusal).into(),
        AppError::Webhook(refusal) => webhook_refusal_vi(*refusal).into(),
        AppError::Figure(refusal) => figure_refusal_vi(refusal),
        AppError::Target(refusal) => target_refusal_vi(refusal),
        AppError::Signature(error) => error.message_vi().into(),
        AppError::Message(error) => error.message_vi(),
        AppError::Quarantine(cause) => quarantine_vi(*cause),
        AppError::File { message_vi, .. } => message_vi.clone(),
        AppError::PlanChanged(_) => {
            "nhật ký đã có sự kiện mới sau khi lập kế hoạch: bước này nay sẽ ghi các sự kiện khác; hãy lập lại kế hoạch"
                .into()
        }
        AppError::Taken { code, .. } if code.starts_with("key-") => key_refusal_vi(code).into(),
        AppError::Taken { .. } => "đã được ghi nhận cho một đối tượng khác; xem held_by".into(),
        AppError::NotFound(_) => "không có đối tượng này, hoặc nằm ngoài phạm vi của bạn".into(),
        AppError::Forbidden { code, .. } => forbidden_vi(code).into(),
        AppError::IdempotencyKeyReused { .. } => {
            "Idempotency-Key này đã dùng với nội dung khác; hãy dùng khóa mới cho yêu cầu mới".into()
        }
        AppError::RequestInProgress => {
            "yêu cầu đầu tiên với Idempotency-Key này đang được xử lý; hãy gửi lại sau giây lát".into()
        }
        AppError::RevisionMoved { current } => {
            format!("đối tượng đã thay đổi, phiên bản hiện tại là {current}; hãy đọc lại rồi quyết định")
        }
        AppError::Contended => "nhiều người ghi cùng lúc; hãy gửi lại".into(),
        AppError::NotCaughtUp { at, asked } => {
            format!("số liệu mới đến vị trí {at}, đã hỏi vị trí {asked}; hãy hỏi lại sau giây lát")
        }
        AppError::BeyondHead { head, asked } => format!("nhật ký kết thúc ở vị trí {head}, đã hỏi vị trí {asked}"),
        AppError::NoCheckpointYet => "nhật ký chưa được ký lần nào; máy chủ ký trong vòng một phút".into(),
        AppError::NotSignedYet { size, position } => {
            format!("lần ký mới nhất gồm {size} sự kiện, chưa có sự kiện {position}; hãy thử lại sau một phút")
        }
        AppError::Invalid(_) | AppError::ProjectionStopped { .. } | AppError::Store(_) | AppError::Internal(_) => {
            return None;
        }
    };
    Some(text)
}

fn forbidden_vi(code: &str) -> &'static str {
    match code {
        "out-of-your-units" => "khóa của bạn chỉ dùng cho đơn vị khác hoặc ngân hàng khác",
        "published-figures-only" => "vai trò của bạn chỉ đọc số liệu đã công bố theo kỳ; số liệu này có thể lộ số nhỏ",
        "reveal-expired" => {
            "lần xem này đã được trả lời từ trước; hãy xem lại với Idempotency-Key mới, được ghi nhận mới"
        }
        "secret-of-another" => "chỉ người đã yêu cầu mới lấy được mã bí mật; nếu bạn giữ khóa này, hãy tự yêu cầu",
        "form-not-ours" => "biểu mẫu này không do trang của phiên này gửi; hãy mở lại trang rồi gửi từ đó",
        _ => "vai trò của bạn không được làm việc này",
    }
}

fn key_refusal_vi(code: &str) -> &'static str {
    match code {
        "key-secret-shown" => "mã bí mật này đã được trả lời một lần; nếu bị mất, hãy yêu cầu mã tiếp theo cho khóa",
        "key-revoked" => "khóa đã bị thu hồi vĩnh viễn; hãy tạo khóa khác",
        "key-over" => "khóa đã hết hạn; hãy nêu thời hạn mới ở expires",
        "key-waits" => "khóa còn chờ mã bí mật đầu tiên; hãy lấy mã đó trước",
        _ => "khóa này dành cho người đăng nhập qua hệ thống khác, không có mã bí mật",
    }
}

/// Why a bank's entry does not allow something.
#[must_use]
pub const fn bank_refusal_vi(refusal: &BankRefusal) -> &'static str {
    match refusal {
        BankRefusal::NotRegistered => "ngân hàng này chưa được đăng ký; hãy đăng ký trước",
        BankRefusal::KeyIdTaken => "ngân hàng đã có khóa khác với mã này; mỗi khóa phải có mã riêng, chưa từng dùng",
        BankRefusal::KeyRegistered => "chính khóa này đã được đăng ký, dù còn hiệu lực hay không; hãy tạo khóa mới",
        BankRefusal::NoSuchKey => "ngân hàng không có khóa này",
        BankRefusal::ValidityEmpty => "khóa hết hiệu lực trước khi bắt đầu",
        BankRefusal::TooManyKeys => "ngân hàng đã có 16 khóa chưa bị khóa lại; hãy khóa những khóa không còn dùng",
        BankRefusal::TooManyExpected => "chỉ chờ được tối đa 8 loại thông điệp của một ngân hàng; hãy bỏ bớt",
        BankRefusal::NoAccount => "pain.001 phải nêu tài khoản bị ghi nợ: hãy gửi tài khoản của cơ quan tại ngân hàng",
        BankRefusal::Changed => "ngân hàng đã được khai báo lại sau khi gửi yêu cầu này; hãy gửi yêu cầu mới",
        BankRefusal::NoOrders => "chưa khai báo cách ngân hàng nhận lệnh; POST /v1/banks/{bank}/orders",
    }
}

/// Why a message does not allow something.
#[must_use]
pub const fn inbox_refusal_vi(refusal: InboxRefusal) -> &'static str {
    match refusal {
        InboxRefusal::NotReceived => "không có thông điệp này",
        InboxRefusal::NotQuarantined => "mục này của thông điệp không chờ ai xử lý",
        InboxRefusal::NotAStatement => "thông điệp này không phải sao kê tài khoản; chỉ đối chiếu được camt.053",
    }
}

/// Why a webhook does not allow something.
#[must_use]
pub const fn webhook_refusal_vi(refusal: WebhookRefusal) -> &'static str {
    match refusal {
        WebhookRefusal::NotRegistered => "không có webhook này",
        WebhookRefusal::Removed => "webhook đã bị gỡ hẳn; hãy đăng ký lại địa chỉ nhận",
        WebhookRefusal::Disabled => "webhook đang bị tắt; hãy bật lại trước",
        WebhookRefusal::TooMany => "đã đủ số webhook tối đa; hãy gỡ những webhook không còn dùng",
    }
}

fn quarantine_vi(cause: QuarantineCause) -> String {
    let nothing = |what: &str| format!("báo cáo mâu thuẫn với dữ liệu đã ghi: {what}; chưa ghi nhận gì");
    match cause {
        QuarantineCause::Contradicted => {
            "số tiền khác với lệnh chi: báo cáo đã được ghi, khoản chi chờ người có thẩm quyền quyết định".into()
        }
        QuarantineCause::AmountDiffers => nothing("số tiền khác nhau"),
        QuarantineCause::ImpossibleOrder => nothing("thứ tự không thể xảy ra"),
        QuarantineCause::LateSettlement => nothing("lần chi trước lại báo đã chi"),
        QuarantineCause::SecondSettlement => nothing("đã chi một lần rồi"),
    }
}

/// Why a figure is not cited.
#[must_use]
pub fn figure_refusal_vi(refusal: &FigureRefusal) -> String {
    match refusal {
        FigureRefusal::AlreadyCited => "số liệu này đã được trích dẫn; hãy trích dẫn mới".into(),
        FigureRefusal::TooManyGroups { groups } => {
            format!("số liệu có {groups} nhóm, mỗi lần trích dẫn tối đa {GROUPS_MAX}; hãy thu hẹp hoặc bớt cách nhóm")
        }
        FigureRefusal::NothingToCite => {
            "không có khoản chi nào trong phạm vi đã hỏi; hãy mở rộng bộ lọc hoặc trích dẫn vị trí sau".into()
        }
    }
}

/// Why a target is not set or not withdrawn.
#[must_use]
pub fn target_refusal_vi(refusal: &TargetRefusal) -> String {
    use TargetRefusal as R;
    match refusal {
        R::IndicatorUnknown { indicator } => {
            format!(
                "không đặt được mục tiêu cho chỉ tiêu {indicator}; hãy chọn A1 (người), A2 (số tiền) hoặc A3 (khoản chi)"
            )
        }
        R::ValueOutOfRange { value } => {
            format!("mục tiêu phải lớn hơn 0, không quá 1, tối đa sáu chữ số thập phân (0.8 là 80 %); đã gửi {value}")
        }
        R::DatePast { by_date, today } => {
            format!("thời hạn {by_date} đã qua, hôm nay là {today}; hãy nêu ngày sắp tới")
        }
        R::AlreadySet { target_id, value } => {
            format!(
                "đơn vị đã có mục tiêu cho chỉ tiêu, phạm vi và thời hạn này: {target_id}, mức {value}; hãy rút mục tiêu đó trước"
            )
        }
        R::TooMany => "đơn vị có quá nhiều mục tiêu còn hiệu lực; hãy rút những mục tiêu không còn dùng".into(),
        R::NotFound => "đơn vị không có mục tiêu này".into(),
    }
}
