//! One chunk of payments that were ordered before and go on a list as they are.

use super::order::candidate_of;
use super::preparation::{Judged, ListWork};
use crate::app::App;
use crate::app::access::Action;
use crate::app::aggregate::payment_stream;
use crate::app::error::{AppError, FieldIssue};
use crate::domain::claims::{self, list_item_key};
use crate::domain::ids::PaymentId;
use crate::domain::payment::{AttemptState, Payment};

impl App {
    /// Which lists hold these attempts of payments, in order.
    pub(super) async fn list_holders(&self, attempts: &[(PaymentId, u32)]) -> Result<Vec<Option<String>>, AppError> {
        let keys: Vec<Vec<u8>> = attempts.iter().map(|(id, attempt)| list_item_key(*id, *attempt)).collect();
        Ok(self.store.find_claims(claims::LIST_ITEM, &keys).await?)
    }

    /// Judges payments from a row on; all that is wrong with them at once.
    pub(super) async fn judge_takes(
        &self,
        work: &ListWork<'_>,
        first: u64,
        ids: &[PaymentId],
    ) -> Result<Judged, AppError> {
        let streams: Vec<String> = ids.iter().map(|id| payment_stream(*id)).collect();
        let payments = self.load_many::<Payment>(&streams).await?;
        let mut judged = Judged::default();
        let mut issues = Vec::new();
        for ((at, id), stream) in (first..).zip(ids).zip(&streams) {
            let field = format!("payments/{at}");
            let Some(payment) = payments.get(stream).and_then(|payment| payment.instructed.as_ref()) else {
                issues.push(FieldIssue::new(
                    field,
                    "payment-unknown",
                    format!("there is no payment {id}"),
                    format!("không có khoản chi {id}"),
                ));
                continue;
            };
            self.check_payment_reach(work.principal, Action::PrepareList, payment)?;
            let latest = payment.standing();
            if latest.state != AttemptState::Instructed || payment.waits() {
                issues.push(FieldIssue::new(
                    field,
                    "payment-not-open",
                    format!(
                        "payment {id} is {}{}; a list takes payments that are ordered and wait for nobody",
                        latest.state,
                        if payment.waits() { ", held" } else { "" }
                    ),
                    format!("khoản chi {id} không ở trạng thái chờ gửi"),
                ));
                continue;
            }
            judged.items.push(candidate_of(payment));
        }
        let attempts: Vec<(PaymentId, u32)> =
            judged.items.iter().map(|candidate| (candidate.item.payment_id, candidate.item.attempt)).collect();
        let own = crate::app::aggregate::list_stream(work.list_id);
        for ((id, _), holder) in attempts.iter().zip(self.list_holders(&attempts).await?) {
            if let Some(holder) = holder.filter(|holder| *holder != own) {
                issues.push(FieldIssue::new(
                    "payments",
                    "payment-on-another-list",
                    format!("payment {id} is on {holder} already; take it off there first"),
                    format!("khoản chi {id} đã có trong {holder}; hãy loại khỏi danh sách đó trước"),
                ));
            }
        }
        if issues.is_empty() { Ok(judged) } else { Err(AppError::Invalid(issues)) }
    }
}
