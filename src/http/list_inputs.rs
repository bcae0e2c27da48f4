//! What a request about a payment list says, read field by field.

use crate::app::App;
use crate::app::error::FieldIssue;
use crate::app::lists::inputs::{Addition, Changes, Drop, NewAmount, Order};
use crate::app::lists::{PrepareInput, PrepareSource, Step};
use crate::app::words::{self, Words};
use crate::domain::identifier::has_long_number;
use crate::domain::ids::{AgentCode, BeneficiaryId, BenefitType, ChannelCode, ListId, PaymentId};
use crate::domain::list::command::Control;
use crate::domain::list::event::AgentAnswer;
use crate::domain::money::Money;
use crate::domain::period::Month;
use crate::http::body::Body;
use crate::http::payments::date;
use serde_json::{Map, Value};

const ANSWER: Words = Words { en: "one of accepted, partly, rejected", vi: "một trong: accepted, partly, rejected" };
const IDS: Words = Words { en: "a list of ids", vi: "danh sách mã định danh" };
const COUNT: Words = Words {
    en: "a whole number of 1 or more, without quotes",
    vi: "số nguyên từ 1 trở lên, không có ngoặc kép",
};
const CHANGES: Words = Words {
    en: "an object with add, drop and amounts, each a list of objects",
    vi: "đối tượng có add, drop và amounts, mỗi mục là một danh sách đối tượng",
};
const REASON: Words = Words {
    en: "a text of 1 to 500 characters without numbers of persons or accounts: it is kept for ever",
    vi: "văn bản từ 1 đến 500 ký tự, không có số định danh hoặc số tài khoản: được lưu vĩnh viễn",
};
/// Changes of one kind in one request at most.
const CHANGES_MAX: usize = 5_000;
/// Earlier lists that one list follows on at most.
const PREVIOUS_MAX: usize = 20;

/// An amount in plain digits that may be absent. 0 is an amount here: nothing was handed back.
fn money(app: &App, body: &mut Body, field: &str, required: bool) -> Option<Money> {
    let read = |text: &str| app.profile.currency.parse(text).ok().filter(|money| money.minor >= 0);
    if required { body.required(field, &words::AMOUNT, read) } else { body.optional(field, &words::AMOUNT, read) }
}

fn control(app: &App, body: &mut Body) -> Control {
    let count = body.number("control_count", &COUNT).map(u64::from);
    Control { count, sum: money(app, body, "control_sum", false) }
}

/// The fields of a preparation; `None` when some could not be read.
pub fn prepare(app: &App, body: &mut Body) -> Option<PrepareInput> {
    let cycle = body.required("cycle", &words::MONTH, |text| Month::parse(text).ok());
    let channel = body.optional("channel", &words::CHANNEL, |text| ChannelCode::parse(text).ok());
    let agent = body.optional("agent", &words::AGENT, |text| AgentCode::parse(text).ok());
    let previous = body.list("from_lists", &IDS, |text| ListId::parse(text).ok());
    let payments = body.list("payments", &IDS, |text| PaymentId::parse(text).ok());
    let open = body.flag("open_payments");
    let unit = body.text("unit", false);
    let benefit_type = body.optional("benefit_type", &words::BENEFIT_TYPE, |text| BenefitType::parse(text).ok());
    let benefit_months = body.list("benefit_months", &words::MONTHS, |text| Month::parse(text).ok());
    let due_on = body.optional("due_on", &words::DATE, date);
    let changes = changes(app, body);
    let control = control(app, body);
    if previous.len() > PREVIOUS_MAX {
        body.report("from_lists", &IDS);
    }
    let orders = !previous.is_empty() || changes != Changes::default();
    if usize::from(orders) + usize::from(!payments.is_empty()) + usize::from(open) != 1 {
        body.push(FieldIssue::new(
            "",
            "one-source",
            "name exactly one source: from_lists with or without changes, changes.add alone, payments, or open_payments",
            "chỉ nêu một nguồn: from_lists (kèm changes), changes.add, payments hoặc open_payments",
        ));
        return None;
    }
    if !open && (unit.is_some() || benefit_type.is_some()) {
        body.push(FieldIssue::new(
            "unit",
            "only-with-open-payments",
            "unit and benefit_type choose among open_payments only",
            "unit và benefit_type chỉ dùng cùng open_payments",
        ));
    }
    let unit = match unit.map(|text| app.scope(&text, app.profile.business_day(app.clock.now_us()))) {
        Some(Ok(unit)) => Some(unit),
        Some(Err(issue)) => {
            body.push(issue);
            None
        }
        None => None,
    };
    let source = if orders {
        PrepareSource::Order(Order { previous, benefit_months, due_on, changes })
    } else if open {
        PrepareSource::Selection { unit, benefit_type }
    } else {
        PrepareSource::Payments(payments)
    };
    Some(PrepareInput { cycle: cycle?, channel, agent, source, control })
}

fn changes(app: &App, body: &mut Body) -> Changes {
    let Some(value) = body.raw("changes") else { return Changes::default() };
    let Value::Object(mut kinds) = value else {
        body.report("changes", &CHANGES);
        return Changes::default();
    };
    let mut of = |kind: &str| match kinds.remove(kind) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(entries)) if entries.len() <= CHANGES_MAX => entries,
        Some(_) => {
            body.report("changes", &CHANGES);
            Vec::new()
        }
    };
    let (add, drop, amounts) = (of("add"), of("drop"), of("amounts"));
    if !kinds.is_empty() {
        body.report("changes", &CHANGES);
    }
    let mut read = Entries { app, body };
    Changes {
        add: read.each("add", add, Entries::addition),
        drop: read.each("drop", drop, Entries::dropped),
        amounts: read.each("amounts", amounts, Entries::amount),
    }
}

/// Entries of changes, read one by one; each is named by its place.
struct Entries<'a> {
    app: &'a App,
    body: &'a mut Body,
}

/// One entry being read.
struct Entry {
    place: String,
    fields: Map<String, Value>,
}

impl Entries<'_> {
    fn each<T>(&mut self, kind: &str, values: Vec<Value>, read: fn(&mut Self, &mut Entry) -> Option<T>) -> Vec<T> {
        let mut found = Vec::with_capacity(values.len());
        for (at, value) in values.into_iter().enumerate() {
            let Value::Object(fields) = value else {
                self.body.report(&format!("changes/{kind}/{at}"), &words::OBJECT);
                continue;
            };
            let mut entry = Entry { place: format!("changes/{kind}/{at}"), fields };
            found.extend(read(self, &mut entry));
            for name in entry.fields.keys() {
                self.body.push(FieldIssue::new(
                    format!("{}/{name}", entry.place),
                    "unknown-field",
                    format!("an entry of {kind} has no field {name}"),
                    format!("không có trường {name}"),
                ));
            }
        }
        found
    }

    fn field<T>(
        &mut self,
        entry: &mut Entry,
        (name, required): (&str, bool),
        expected: &Words,
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let place = format!("{}/{name}", entry.place);
        match entry.fields.remove(name) {
            None | Some(Value::Null) => {
                if required {
                    self.body.report_missing(&place, expected);
                }
                None
            }
            Some(Value::String(text)) => {
                let found = read(&text);
                if found.is_none() {
                    self.body.report(&place, expected);
                }
                found
            }
            Some(_) => {
                self.body.report(&place, expected);
                None
            }
        }
    }

    fn person(&mut self, entry: &mut Entry) -> Option<BeneficiaryId> {
        self.field(entry, ("beneficiary_id", true), &words::UUID, |text| BeneficiaryId::parse(text).ok())
    }

    fn benefit_type(&mut self, entry: &mut Entry, required: bool) -> Option<BenefitType> {
        let profile = std::sync::Arc::clone(&self.app.profile);
        let known = |text: &str| profile.benefit_type(text).map(|spec| spec.code.clone());
        self.field(entry, ("benefit_type", required), &words::BENEFIT_TYPE, known)
    }

    fn money(&mut self, entry: &mut Entry) -> Option<Money> {
        let currency = self.app.profile.currency;
        self.field(entry, ("amount", true), &words::AMOUNT, |text| {
            currency.parse(text).ok().filter(|money| money.minor > 0)
        })
    }

    fn addition(&mut self, entry: &mut Entry) -> Option<Addition> {
        let (beneficiary_id, benefit_type) = (self.person(entry), self.benefit_type(entry, true));
        let amount = self.money(entry);
        Some(Addition { beneficiary_id: beneficiary_id?, benefit_type: benefit_type?, amount: amount? })
    }

    fn dropped(&mut self, entry: &mut Entry) -> Option<Drop> {
        let (beneficiary_id, benefit_type) = (self.person(entry), self.benefit_type(entry, false));
        let fits = |text: &str| {
            let text = text.trim();
            let fits = !text.is_empty() && text.chars().count() <= 500 && !text.chars().any(char::is_control);
            (fits && !has_long_number(text)).then(|| text.to_owned())
        };
        let reason = self.field(entry, ("reason", true), &REASON, fits);
        Some(Drop { beneficiary_id: beneficiary_id?, benefit_type, reason: reason? })
    }

    fn amount(&mut self, entry: &mut Entry) -> Option<NewAmount> {
        let (beneficiary_id, benefit_type) = (self.person(entry), self.benefit_type(entry, false));
        let amount = self.money(entry);
        Some(NewAmount { beneficiary_id: beneficiary_id?, benefit_type, amount: amount? })
    }
}

/// `check`
pub fn check(app: &App, body: &mut Body) -> Option<Step> {
    Some(Step::Check { control: control(app, body) })
}

/// `approve`
pub fn approve(app: &App, body: &mut Body) -> Option<Step> {
    Some(Step::Approve { control: control(app, body) })
}

/// `submit`
pub fn submit(app: &App, body: &mut Body) -> Option<Step> {
    Some(Step::Submit { advanced: money(app, body, "advanced", false) })
}

/// `acknowledge`
pub fn acknowledge(_app: &App, body: &mut Body) -> Option<Step> {
    let answer =
        body.required("answer", &ANSWER, |text| AgentAnswer::ALL.into_iter().find(|answer| answer.as_str() == text));
    let agent_ref = body.note("agent_ref", false);
    Some(Step::Acknowledge { answer: answer?, agent_ref })
}

/// `reconcile`
pub fn reconcile(app: &App, body: &mut Body) -> Option<Step> {
    let handed_back = money(app, body, "handed_back", true);
    Some(Step::Reconcile { handed_back: handed_back? })
}

/// `close`
pub const fn close(_app: &App, _body: &mut Body) -> Option<Step> {
    Some(Step::Close)
}

/// `remove`
pub fn remove(_app: &App, body: &mut Body) -> Option<Step> {
    let payments = body.list("payments", &IDS, |text| PaymentId::parse(text).ok());
    let reason = body.note("reason", true);
    if payments.is_empty() {
        body.report_missing("payments", &IDS);
    }
    Some(Step::Remove { payments, reason: reason? })
}

/// `withdraw`
pub fn withdraw(app: &App, body: &mut Body) -> Option<Step> {
    let reason = body.note("reason", true);
    let handed_back = money(app, body, "handed_back", false);
    Some(Step::Withdraw { reason: reason?, handed_back })
}
