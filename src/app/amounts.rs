//! Refusals that speak of money, in the digits of the profile's currency: the rules count in minor units and know no digits.

use crate::app::error::AppError;
use crate::domain::desk::DeskRefusal;
use crate::domain::list::ListRefusal;
use crate::domain::money::CurrencySpec;
use crate::domain::recovery::RecoveryRefusal;

/// A refusal with its amounts, in English and Vietnamese; `None` for one that names none.
#[must_use]
pub fn told(error: &AppError, currency: CurrencySpec) -> Option<(String, String)> {
    let money = |minor: i64| format!("{} {}", currency.format(minor), currency.currency);
    match error {
        AppError::Desk(refusal) => of_desk(refusal, &money),
        AppError::List(refusal) => of_list(refusal, &money),
        AppError::Recovery(RecoveryRefusal::TooMuch { outstanding_minor }) => {
            let outstanding = money(*outstanding_minor);
            Some((
                format!("only {outstanding} are outstanding; record no more than that"),
                format!("chỉ còn {outstanding} phải thu; không ghi nhận quá số này"),
            ))
        }
        _ => None,
    }
}

fn of_desk(refusal: &DeskRefusal, money: &dyn Fn(i64) -> String) -> Option<(String, String)> {
    match refusal {
        DeskRefusal::CashShort { missing } => {
            let missing = money(missing.minor);
            Some((
                format!("the desk holds {missing} less than this needs; record what it was handed first"),
                format!("điểm chi trả thiếu {missing} so với số cần; hãy ghi nhận tiền đã giao trước"),
            ))
        }
        DeskRefusal::CashDiffers { expected, counted } => {
            let (expected, counted) = (money(expected.minor), money(counted.minor));
            Some((
                format!(
                    "the book says {expected} are held, {counted} were counted; record what is missing, or count again"
                ),
                format!("sổ còn {expected}, kiểm đếm được {counted}; hãy ghi phần còn thiếu hoặc đếm lại"),
            ))
        }
        _ => None,
    }
}

fn of_list(refusal: &ListRefusal, money: &dyn Fn(i64) -> String) -> Option<(String, String)> {
    match refusal {
        ListRefusal::ControlSum { counted_minor, actual_minor } => {
            let (counted, actual) = (money(*counted_minor), money(*actual_minor));
            Some((
                format!("the items were counted to {counted}, the list adds up to {actual}"),
                format!("đã cộng được {counted}, danh sách có tổng {actual}"),
            ))
        }
        ListRefusal::ApprovalRequired { above_minor } => {
            let above = money(*above_minor);
            Some((
                format!("lists above {above} are approved by a second person before they go out"),
                format!("danh sách trên {above} phải được người thứ hai duyệt trước khi gửi"),
            ))
        }
        ListRefusal::AdvanceDiffers { sum_minor } => {
            let sum = money(*sum_minor);
            Some((
                format!("the money advanced must be the list's control sum of {sum}"),
                format!("số tiền tạm ứng phải bằng tổng của danh sách: {sum}"),
            ))
        }
        ListRefusal::NotBalanced { advanced_minor, paid_minor, handed_back_minor, difference_minor } => {
            let (advanced, paid) = (money(*advanced_minor), money(*paid_minor));
            let (back, difference) = (money(*handed_back_minor), money(*difference_minor));
            Some((
                format!(
                    "advanced {advanced} is not paid {paid} and handed back {back}: {difference} are not accounted for"
                ),
                format!("đã tạm ứng {advanced}, đã chi {paid}, nộp lại {back}: còn {difference} chưa rõ"),
            ))
        }
        _ => None,
    }
}
