//! Holding a list against the records of this moment: the rules of an order asked anew, what moved since, and accounts known to be bad.

use super::STREAMS_AT_ONCE;
use crate::app::App;
use crate::app::aggregate::{beneficiary_stream, payment_stream};
use crate::app::error::AppError;
use crate::app::unclaimed::Uncollected;
use crate::app::words::{desk_refusal_vi, payment_refusal_vi};
use crate::domain::beneficiary::Beneficiary;
use crate::domain::decision::Decision;
use crate::domain::ids::{BeneficiaryId, PaymentId};
use crate::domain::list::event::FindingCount;
use crate::domain::list::state::{HeldItem, Opened};
use crate::domain::payment::command::Instruct;
use crate::domain::payment::state::Instructed;
use crate::domain::payment::{self, AttemptState, Payment, PaymentCommand, PaymentRefusal};
use std::collections::{BTreeMap, HashMap};

/// Findings that an answer names one by one.
const SHOWN_MAX: usize = 1_000;

/// One thing found about one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemFinding {
    pub payment_id: PaymentId,
    pub beneficiary_id: BeneficiaryId,
    pub code: &'static str,
    /// It must be mended, or the item taken off, before the list goes out.
    pub blocking: bool,
    pub message: String,
    pub message_vi: String,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CheckReport {
    /// The first of them, in the order of items.
    pub findings: Vec<ItemFinding>,
    /// All of them, by code.
    pub counts: Vec<FindingCount>,
    /// Items with a finding that blocks; an item with several counts once.
    pub blocking_items: u64,
}

/// Gathers findings.
#[derive(Default)]
struct Found {
    report: CheckReport,
    by_code: BTreeMap<(&'static str, bool), u64>,
}

impl Found {
    fn item(&mut self, item: (PaymentId, &HeldItem), findings: Vec<(&'static str, bool, String, String)>) {
        self.report.blocking_items += u64::from(findings.iter().any(|(_, blocking, ..)| *blocking));
        for (code, blocking, message, message_vi) in findings {
            *self.by_code.entry((code, blocking)).or_default() += 1;
            if self.report.findings.len() < SHOWN_MAX {
                let (payment_id, beneficiary_id) = (item.0, item.1.beneficiary_id);
                self.report.findings.push(ItemFinding {
                    payment_id,
                    beneficiary_id,
                    code,
                    blocking,
                    message,
                    message_vi,
                });
            }
        }
    }

    fn finish(mut self) -> CheckReport {
        let counts = self.by_code.into_iter();
        self.report.counts =
            counts.map(|((code, blocking), items)| FindingCount { code: code.to_owned(), blocking, items }).collect();
        self.report
    }
}

impl App {
    /// Checks every item of a list.
    pub async fn check_items(&self, list: &Opened) -> Result<CheckReport, AppError> {
        let bad = self.known_bad_accounts(list).await?;
        let uncollected = match self.profile.is_cashless(list.channel.as_str()) {
            Some(false) => self.uncollected(None).await?,
            Some(true) | None => Uncollected::new(),
        };
        let mut found = Found::default();
        let mut per_person: HashMap<(BeneficiaryId, &str), u64> = HashMap::new();
        for item in list.items.values() {
            *per_person.entry((item.beneficiary_id, item.benefit_type.as_str())).or_default() += 1;
        }
        let items: Vec<(&PaymentId, &HeldItem)> = list.items.iter().collect();
        for part in items.chunks(STREAMS_AT_ONCE) {
            let streams: Vec<String> = part.iter().map(|(id, _)| payment_stream(**id)).collect();
            let payments = self.load_many::<Payment>(&streams).await?;
            let people: Vec<String> = part.iter().map(|(_, item)| beneficiary_stream(item.beneficiary_id)).collect();
            let known = self.load_many::<Beneficiary>(&people).await?;
            for (((id, item), stream), person) in part.iter().zip(&streams).zip(&people) {
                let payment = payments.get(stream).and_then(|payment| payment.instructed.as_ref());
                let mut findings = match payment {
                    Some(payment) => self.check_item(list, item, payment, known.get(person)),
                    None => vec![(
                        "payment-not-open",
                        true,
                        "there is no such payment".to_owned(),
                        "không có khoản chi này".to_owned(),
                    )],
                };
                if per_person.get(&(item.beneficiary_id, item.benefit_type.as_str())).is_some_and(|count| *count > 1) {
                    findings.push((
                        "person-twice-on-list",
                        false,
                        "the person has several payments of this benefit on the list; are all of them meant?"
                            .to_owned(),
                        "người hưởng có nhiều khoản cùng chế độ trong danh sách; có đúng không?".to_owned(),
                    ));
                }
                let account = payment.and_then(|payment| payment.standing().account_ref);
                if account.is_some_and(|account| bad.contains(&account)) {
                    findings.push((
                        "known-bad-account",
                        false,
                        "the last money to this account was rejected or returned, and the account is still the same: it will come back again".to_owned(),
                        "lần chi gần nhất vào tài khoản này bị từ chối hoặc trả lại và chưa được thay; khoản này sẽ lại bị trả".to_owned(),
                    ));
                }
                let months = payment.map_or(&[][..], |payment| &payment.benefit_months);
                if let Some(refusal) = self.halted(&uncollected, item.beneficiary_id, months) {
                    findings.push((refusal.code(), true, refusal.to_string(), desk_refusal_vi(&refusal)));
                }
                found.item((**id, item), findings);
            }
        }
        Ok(found.finish())
    }

    fn check_item(
        &self,
        list: &Opened,
        item: &HeldItem,
        payment: &Instructed,
        person: Option<&Beneficiary>,
    ) -> Vec<(&'static str, bool, String, String)> {
        let mut findings = Vec::new();
        let latest = payment.standing();
        if latest.number != item.attempt || latest.state != AttemptState::Instructed {
            findings.push((
                "payment-not-open",
                true,
                format!("attempt {} is {}: there is nothing left to send", latest.number, latest.state),
                format!("lần chi {} ở trạng thái {}: không còn gì để gửi", latest.number, latest.state),
            ));
        } else if payment.waits() {
            findings.push((
                "payment-held",
                true,
                "the payment waits for a person; release it or take it off".to_owned(),
                "khoản chi đang chờ xử lý; hãy giải tỏa hoặc loại ra".to_owned(),
            ));
        }
        if payment.amount.minor != item.amount_minor {
            findings.push((
                "amount-moved",
                true,
                "the payment's amount was corrected after it came on the list".to_owned(),
                "số tiền đã được sửa sau khi đưa vào danh sách".to_owned(),
            ));
        }
        if latest.channel != list.channel || latest.agent != list.agent {
            findings.push((
                "list-item-other-route",
                true,
                "the payment goes another way than the list".to_owned(),
                "khoản chi không cùng kênh hoặc tổ chức chi trả với danh sách".to_owned(),
            ));
        }
        match person.and_then(|person| person.registered.as_ref()) {
            Some(registered) if registered.erased => findings.push((
                "beneficiary-erased",
                true,
                "the person's data were erased; nobody can tell whom the money would go to".to_owned(),
                "dữ liệu của người hưởng đã bị xóa".to_owned(),
            )),
            Some(_) => {
                if let Some(refusal) = person.and_then(|person| self.rule_against(payment, person)) {
                    findings.push((refusal.code(), true, refusal.to_string(), payment_refusal_vi(&refusal)));
                }
            }
            None => findings.push((
                "beneficiary-unknown",
                true,
                "the beneficiary is not registered".to_owned(),
                "người hưởng chưa được đăng ký".to_owned(),
            )),
        }
        findings
    }

    /// The rule by which the payment could not be ordered now. The same rules as when it was: death, unit, method, account.
    fn rule_against(&self, payment: &Instructed, person: &Beneficiary) -> Option<PaymentRefusal> {
        let latest = payment.standing();
        let unit = self.profile.units.get(payment.unit_key.as_str());
        let (Some(unit), Some(channel), Some(fact)) =
            (unit, self.profile.channel_fact(latest.channel.as_str()), person.fact(payment.cycle))
        else {
            return Some(PaymentRefusal::UnitNotInForce { due_on: latest.due_on });
        };
        let command = Instruct {
            payment_id: payment.payment_id,
            reference: payment.reference.clone(),
            beneficiary: fact,
            benefit_type: payment.benefit_type.clone(),
            benefit_months: payment.benefit_months.clone(),
            cycle: payment.cycle,
            amount: payment.amount,
            unit: unit.fact(payment.unit_key.as_str()),
            channel,
            agent: latest.agent.clone(),
            bank: latest.bank.clone(),
            account_ref: latest.account_ref,
            due_on: latest.due_on,
            payee: latest.payee,
            account_payee: self.account_payee(person, latest.payee, latest.due_on),
            limits: self.profile.kind_limits(payment.kind),
        };
        match payment::decide(&Payment::default(), &PaymentCommand::Instruct(Box::new(command)), self.clock.now()) {
            Decision::Refused(refusal) => Some(refusal),
            Decision::Events(_) | Decision::NoOp | Decision::Quarantine(_) => None,
        }
    }
}
