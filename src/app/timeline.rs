//! A payment's history in words, English and Vietnamese: what a clerk reads to a pensioner who asks where the money is.

use crate::app::aggregate::decode_own;
use crate::app::payments::TimelineEntry;
use crate::domain::envelope::Envelope;
use crate::domain::ids::{BankId, VaultRef};
use crate::domain::payment::event::{
    Correction, FailureCause, Payee, PaymentContradicted, PaymentContradictionResolved, PaymentEvent,
    PaymentInstructed, PaymentSettledLate, Reason, Resolution,
};
use crate::domain::payment::{Payment, PaymentKind};
use crate::domain::profile::Profile;
use crate::store::{RecordedEvent, StoreError};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The timeline of a payment's recorded events.
pub fn of(
    profile: &Profile,
    events: &[RecordedEvent],
    all_words: &BTreeMap<Uuid, String>,
) -> Result<Vec<TimelineEntry>, StoreError> {
    let mut entries = Vec::with_capacity(events.len());
    for recorded in events {
        let event = decode_own::<Payment>(recorded)?;
        let envelope: Option<Envelope> = serde_json::from_slice(&recorded.metadata).ok();
        let (text, text_vi) = words(profile, &event);
        let source = envelope.as_ref().map(|e| match e.source {
            crate::domain::envelope::Source::Api => "api".to_owned(),
            crate::domain::envelope::Source::Bank => "bank".to_owned(),
            crate::domain::envelope::Source::EventStore => "event_store".to_owned(),
            crate::domain::envelope::Source::Import => "import".to_owned(),
            crate::domain::envelope::Source::Process => "process".to_owned(),
        });
        entries.push(TimelineEntry {
            position: recorded.position,
            revision: recorded.revision,
            event_type: recorded.event_type.clone(),
            occurred_at: envelope.as_ref().map(|e| e.occurred_at),
            recorded_at_us: recorded.recorded_at_us,
            actor: envelope.map(|e| e.actor),
            source,
            text,
            text_vi,
            words: words_ref(&event).and_then(|words| all_words.get(&words.as_uuid()).cloned()),
            data: recorded.data.clone(),
            event,
        });
    }
    Ok(entries)
}

/// Whether an agent's own words belong to any of the events.
pub fn has_words(events: &[RecordedEvent]) -> Result<bool, StoreError> {
    for recorded in events {
        if words_ref(&decode_own::<Payment>(recorded)?).is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

const fn words_ref(event: &PaymentEvent) -> Option<VaultRef> {
    match event {
        PaymentEvent::Rejected(e) => e.reason.text_ref,
        PaymentEvent::Returned(e) => e.reason.text_ref,
        PaymentEvent::Instructed(_)
        | PaymentEvent::Accepted(_)
        | PaymentEvent::Settled(_)
        | PaymentEvent::SettledLate(_)
        | PaymentEvent::Failed(_)
        | PaymentEvent::Held(_)
        | PaymentEvent::Released(_)
        | PaymentEvent::Reissued(_)
        | PaymentEvent::Cancelled(_)
        | PaymentEvent::Recalled(_)
        | PaymentEvent::Corrected(_)
        | PaymentEvent::Contradicted(_)
        | PaymentEvent::ContradictionResolved(_) => None,
    }
}

fn bank_name(profile: &Profile, bank: Option<&BankId>) -> String {
    bank.map(|id| profile.bank(id.as_str()).map_or_else(|| id.to_string(), |spec| spec.short_name.clone()))
        .unwrap_or_default()
}

fn via(profile: &Profile, channel: &str, bank: Option<&BankId>) -> String {
    let name = bank_name(profile, bank);
    if name.is_empty() { channel.to_owned() } else { format!("{channel}, {name}") }
}

fn reason(reason: &Reason) -> String {
    match &reason.text {
        Some(text) => format!("{} ({text})", reason.code),
        None => reason.code.clone(),
    }
}

const fn collector(payee: Option<Payee>) -> (&'static str, &'static str) {
    match payee {
        Some(Payee::Beneficiary) => (", collected by the beneficiary", ", người hưởng tự nhận"),
        Some(Payee::Authorised) => (", collected by an authorised person", ", người được ủy quyền nhận"),
        Some(Payee::Guardian) => (", collected by the guardian", ", người giám hộ nhận"),
        Some(Payee::Heir) => (", collected by an heir", ", người thừa kế nhận"),
        None => ("", ""),
    }
}

/// What it pays beside the regular payments of its months.
fn beside(event: &PaymentInstructed) -> (String, String) {
    let months = || event.benefit_months.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match event.kind() {
        PaymentKind::Regular => (String::new(), String::new()),
        PaymentKind::Arrears => (format!(" as arrears of {}", months()), format!(" truy lĩnh {}", months())),
        PaymentKind::Supplement => (format!(" as a supplement of {}", months()), format!(" bổ sung {}", months())),
    }
}

fn settled_late(event: &PaymentSettledLate) -> (String, String) {
    let PaymentSettledLate { attempt, settled_on, evidence, stopped_attempt, .. } = event;
    let (stopped, stopped_vi) = match stopped_attempt {
        Some(number) => {
            (format!("; attempt {number} must be recalled"), format!("; cần thu hồi lệnh chi lần {number}"))
        }
        None => (String::new(), String::new()),
    };
    (
        format!("attempt {attempt}, given up before, was settled on {settled_on} ({}){stopped}", evidence.reference),
        format!("lần chi {attempt} đã bỏ nhưng tiền đã chi ngày {settled_on} ({}){stopped_vi}", evidence.reference),
    )
}

fn words(profile: &Profile, event: &PaymentEvent) -> (String, String) {
    match event {
        PaymentEvent::Instructed(e) => {
            let (amount, via) =
                (profile.currency.format(e.amount.minor), via(profile, e.channel.as_str(), e.bank.as_ref()));
            let (currency, due) = (e.amount.currency, e.due_on);
            let (beside, beside_vi) = beside(e);
            (
                format!("instructed{beside}: {amount} {currency} by {via}, due {due}"),
                format!("lập lệnh chi{beside_vi}: {amount} {currency} qua {via}, hạn {due}"),
            )
        }
        PaymentEvent::Accepted(e) => (
            format!("attempt {} accepted by the paying agent", e.attempt),
            format!("lần chi {} đã được tổ chức chi trả tiếp nhận", e.attempt),
        ),
        PaymentEvent::Settled(e) => {
            let (en, vi) = collector(e.collected_by);
            (
                format!(
                    "attempt {} settled on {}{en} ({} {})",
                    e.attempt, e.settled_on, e.evidence.kind, e.evidence.reference
                ),
                format!(
                    "lần chi {} đã chi trả ngày {}{vi} ({} {})",
                    e.attempt, e.settled_on, e.evidence.kind, e.evidence.reference
                ),
            )
        }
        PaymentEvent::SettledLate(e) => settled_late(e),
        PaymentEvent::Rejected(e) => (
            format!("attempt {} rejected on {}: {}", e.attempt, e.rejected_on, reason(&e.reason)),
            format!("lần chi {} bị từ chối ngày {}: {}", e.attempt, e.rejected_on, reason(&e.reason)),
        ),
        PaymentEvent::Returned(e) => (
            format!("attempt {} came back on {}: {}", e.attempt, e.returned_on, reason(&e.reason)),
            format!("lần chi {} bị trả lại ngày {}: {}", e.attempt, e.returned_on, reason(&e.reason)),
        ),
        PaymentEvent::Failed(e) => failed(e.attempt, e.cause),
        PaymentEvent::Held(e) => {
            (format!("attempt {} held: {}", e.attempt, e.cause), format!("lần chi {} tạm giữ: {}", e.attempt, e.cause))
        }
        PaymentEvent::Released(e) => {
            (format!("attempt {} released", e.attempt), format!("lần chi {} thôi tạm giữ", e.attempt))
        }
        PaymentEvent::Reissued(e) => {
            let via = via(profile, e.to_channel.as_str(), e.bank.as_ref());
            (
                format!("reissued as attempt {} by {via}, due {}: {}", e.new_attempt, e.due_on, e.reason),
                format!("chi lại lần {} qua {via}, hạn {}: {}", e.new_attempt, e.due_on, e.reason),
            )
        }
        PaymentEvent::Cancelled(e) => {
            (format!("cancelled by {}: {}", e.by, e.reason), format!("hủy bởi {}: {}", e.by, e.reason))
        }
        PaymentEvent::Recalled(e) => (
            format!("attempt {} recalled by {}: {}", e.attempt, e.by, e.reason),
            format!("thu hồi lệnh chi lần {} bởi {}: {}", e.attempt, e.by, e.reason),
        ),
        PaymentEvent::Corrected(e) => {
            let (en, vi) = corrected(profile, &e.correction);
            (format!("corrected {en}: {}", e.ground), format!("sửa {vi}: {}", e.ground))
        }
        PaymentEvent::Contradicted(e) => contradicted(profile, e),
        PaymentEvent::ContradictionResolved(e) => resolved(profile, e),
    }
}

fn contradicted(profile: &Profile, event: &PaymentContradicted) -> (String, String) {
    let PaymentContradicted { attempt, settled_on, amount, evidence, .. } = event;
    let amount = format!("{} {}", profile.currency.format(amount.minor), amount.currency);
    let proof = &evidence.reference;
    (
        format!("attempt {attempt}: {amount} reported as paid on {settled_on}, another amount than ordered ({proof})"),
        format!("lần chi {attempt}: được báo đã chi {amount} ngày {settled_on}, khác số tiền lập lệnh ({proof})"),
    )
}

fn resolved(profile: &Profile, event: &PaymentContradictionResolved) -> (String, String) {
    let difference = profile.currency.format(event.difference_minor.saturating_abs());
    let over = event.difference_minor > 0;
    let (en, vi) = match event.resolution {
        Resolution::Dismissed => ("the report is wrong".to_owned(), "báo cáo sai".to_owned()),
        Resolution::MadeGood | Resolution::Accepted if event.difference_minor == 0 => (
            "paid so, beside what pays the payment; all of it is to be recovered".to_owned(),
            "đã chi đúng như báo, ngoài số đã trả cho khoản chi; phải thu hồi toàn bộ".to_owned(),
        ),
        Resolution::MadeGood if over => {
            (format!("paid so; {difference} are to be recovered"), format!("đã chi đúng như báo; thu hồi {difference}"))
        }
        Resolution::MadeGood => (
            format!("paid so; {difference} are to be paid as a supplement"),
            format!("đã chi đúng như báo; chi bổ sung {difference}"),
        ),
        Resolution::Accepted => {
            ("paid so; the difference is let be".to_owned(), "đã chi đúng như báo; chấp nhận chênh lệch".to_owned())
        }
    };
    let (attempt, reason) = (event.attempt, &event.reason);
    (
        format!("attempt {attempt} resolved: {en} ({reason})"),
        format!("lần chi {attempt} đã giải quyết: {vi} ({reason})"),
    )
}

fn failed(attempt: u32, cause: FailureCause) -> (String, String) {
    let (en, vi) = match cause {
        FailureCause::NoAnswer => ("the agent gave no answer", "tổ chức chi trả không phản hồi"),
        FailureCause::Unclaimed => ("nobody collected the cash", "không có người đến nhận tiền mặt"),
        FailureCause::NotSendable => ("it could not be sent", "không gửi đi được"),
    };
    (format!("attempt {attempt} failed: {en}"), format!("lần chi {attempt} không thành: {vi}"))
}

fn corrected(profile: &Profile, correction: &Correction) -> (String, String) {
    match correction {
        Correction::Amount { old, new } => {
            let (old, new) = (profile.currency.format(old.minor), profile.currency.format(new.minor));
            (format!("amount {old} to {new}"), format!("số tiền {old} thành {new}"))
        }
        Correction::BenefitMonths { old, new } => {
            (format!("months {old:?} to {new:?}"), format!("tháng hưởng {old:?} thành {new:?}"))
        }
        Correction::Unit { old, new, .. } => (format!("unit {old} to {new}"), format!("đơn vị {old} thành {new}")),
        Correction::DueOn { old, new } => (format!("due date {old} to {new}"), format!("hạn chi {old} thành {new}")),
        Correction::Reference { old, new } => {
            (format!("reference {old} to {new}"), format!("số tham chiếu {old} thành {new}"))
        }
    }
}
