//! Refusals of cited figures and of targets, in Vietnamese.

use crate::domain::figure::{FigureRefusal, GROUPS_MAX};
use crate::domain::target::TargetRefusal;

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
