//! What is printed of a list: its items by unit with totals (as form C72), and its changes against the lists before (as form C74).
//! Names are masked, unless a purpose was stated; then the look is recorded before anything is shown.

use super::STREAMS_AT_ONCE;
use crate::app::App;
use crate::app::access::{Action, Principal};
use crate::app::aggregate::{list_stream, payment_stream};
use crate::app::error::AppError;
use crate::app::execute::{Begin, Beside};
use crate::app::sight::{Occasion, Sight, seen, sight};
use crate::domain::disclosure::{DataKind, Purpose};
use crate::domain::ids::{BeneficiaryId, BenefitType, ListId, PaymentId, UnitKey, VaultRef};
use crate::domain::list::event::Tally;
use crate::domain::list::state::{HeldItem, Opened};
use crate::domain::list::{ListCommand, PaymentList};
use crate::domain::payment::Payment;
use crate::store::views::Page;
use crate::vault::holdings::Holdings;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// Rows of one page of those left out or taken off.
const PAGE_ROWS: u32 = 1_000;

/// Which print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrintForm {
    Items,
    Changes,
}

impl PrintForm {
    /// The word in a request and in the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Items => "items",
            Self::Changes => "changes",
        }
    }
}

/// A person as far as the reader sees one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SeenPerson {
    pub name: Option<String>,
    pub identifier: Option<String>,
    pub account: Option<String>,
}

/// One line of the payment list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemLine {
    pub payment_id: PaymentId,
    pub reference: String,
    pub person: SeenPerson,
    pub benefit_type: BenefitType,
    /// Joined by commas.
    pub months: String,
    pub bank: Option<String>,
    pub amount_minor: i64,
}

/// The lines of one unit with their sum.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UnitLines {
    pub unit_name: String,
    pub lines: Vec<ItemLine>,
    pub total: Tally,
}

/// What became of somebody between the lists before and this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    Added,
    Dropped,
    Amount,
}

impl ChangeKind {
    /// The word in a table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Dropped => "dropped",
            Self::Amount => "amount",
        }
    }
}

/// One line of the changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeLine {
    pub kind: ChangeKind,
    pub person: SeenPerson,
    pub unit_name: String,
    pub benefit_type: BenefitType,
    pub before_minor: Option<i64>,
    pub after_minor: Option<i64>,
    pub reason: Option<String>,
}

/// A print with what stands above it.
#[derive(Debug, Clone)]
pub struct Printed {
    pub list: Opened,
    pub revision: u64,
    /// Nothing is masked.
    pub in_full: bool,
    pub units: BTreeMap<UnitKey, UnitLines>,
    pub changes: Vec<ChangeLine>,
    /// Items before and after, for the changes.
    pub before: Tally,
}

/// A person and what is paid: what a change is of.
type Key = (BeneficiaryId, BenefitType);

impl App {
    /// Makes a print.
    pub async fn print_list(
        &self,
        principal: &Principal,
        id: ListId,
        form: PrintForm,
        purpose: Option<Purpose>,
    ) -> Result<Printed, AppError> {
        let (list, last) = self.list_for(principal, Action::ReadList, id).await?;
        let occasion = match purpose {
            None => Occasion::Reading,
            Some(purpose) => {
                self.record_print(principal, (id, list.item_count()), form, purpose).await?;
                Occasion::Revealing
            }
        };
        let sees = Eyes { principal, occasion };
        let in_full = sees.of(DataKind::Name) == Sight::Full;
        let mut printed = Printed {
            list,
            revision: last.revision,
            in_full,
            units: BTreeMap::new(),
            changes: Vec::new(),
            before: Tally::default(),
        };
        match form {
            PrintForm::Items => printed.units = self.item_lines(&printed.list, &sees).await?,
            PrintForm::Changes => {
                (printed.changes, printed.before) = self.change_lines(principal, &printed.list, &sees).await?;
            }
        }
        Ok(printed)
    }

    /// That people's data are about to be shown in full, and what for.
    async fn record_print(
        &self,
        principal: &Principal,
        (id, item_count): (ListId, u64),
        form: PrintForm,
        purpose: Purpose,
    ) -> Result<(), AppError> {
        let kinds = DataKind::REVEALED.to_vec();
        if !kinds.iter().all(|kind| sight(principal.role, *kind, Occasion::Revealing) == Sight::Full) {
            return Err(AppError::Forbidden {
                code: "role-not-allowed",
                message: "your key's role does not see people's data in full; print without a purpose",
            });
        }
        let command = ListCommand::Show {
            form: form.as_str().to_owned(),
            bank: None,
            item_count,
            kinds,
            purpose,
            order: None,
            by: principal.key_id.clone(),
        };
        let request = self.own_request(principal, "list-print");
        let stream = list_stream(id);
        self.execute((&stream, Begin::Existing), &request, Beside::default(), |_: &PaymentList| Ok(command.clone()))
            .await
            .map(|_| ())
    }

    async fn item_lines(&self, list: &Opened, eyes: &Eyes<'_>) -> Result<BTreeMap<UnitKey, UnitLines>, AppError> {
        let mut units: BTreeMap<UnitKey, UnitLines> = BTreeMap::new();
        let items: Vec<(&PaymentId, &HeldItem)> = list.items.iter().collect();
        for part in items.chunks(STREAMS_AT_ONCE) {
            let streams: Vec<String> = part.iter().map(|(id, _)| payment_stream(**id)).collect();
            let payments = self.load_many::<Payment>(&streams).await?;
            let held = self.holdings(part.iter().map(|(_, item)| item.beneficiary_id)).await?;
            for ((id, item), stream) in part.iter().zip(&streams) {
                let payment = payments.get(stream).and_then(|payment| payment.instructed.as_ref());
                let payment = payment.ok_or_else(|| AppError::Internal(format!("{stream} of a list is not there")))?;
                let account = payment.attempt(Some(item.attempt)).and_then(|attempt| attempt.account_ref);
                let months: Vec<String> = payment.benefit_months.iter().map(ToString::to_string).collect();
                let unit = units
                    .entry(item.unit_key.clone())
                    .or_insert_with(|| UnitLines { unit_name: self.unit_name(&item.unit_key), ..UnitLines::default() });
                unit.total.add(item.amount_minor);
                unit.lines.push(ItemLine {
                    payment_id: **id,
                    reference: payment.reference.to_string(),
                    person: self.person_seen(eyes, held.get(&item.beneficiary_id.as_uuid()), account),
                    benefit_type: item.benefit_type.clone(),
                    months: months.join(", "),
                    bank: item.bank.as_ref().map(ToString::to_string),
                    amount_minor: item.amount_minor,
                });
            }
        }
        Ok(units)
    }

    /// Who came, who went and why, and whose amount changed.
    async fn change_lines(
        &self,
        principal: &Principal,
        list: &Opened,
        eyes: &Eyes<'_>,
    ) -> Result<(Vec<ChangeLine>, Tally), AppError> {
        let mut before: BTreeMap<Key, (UnitKey, i64)> = BTreeMap::new();
        for id in &list.previous {
            let (earlier, _) = self.list_for(principal, Action::ReadList, *id).await?;
            for item in earlier.items.values() {
                let key = (item.beneficiary_id, item.benefit_type.clone());
                before.entry(key).or_insert_with(|| (item.unit_key.clone(), item.amount_minor));
            }
        }
        let mut tally = Tally::default();
        for (_, amount) in before.values() {
            tally.add(*amount);
        }
        let after: BTreeMap<Key, (UnitKey, i64)> = list
            .items
            .values()
            .map(|item| ((item.beneficiary_id, item.benefit_type.clone()), (item.unit_key.clone(), item.amount_minor)))
            .collect();
        let reasons = self.reasons_of(list).await?;
        let keys: BTreeSet<&Key> = before.keys().chain(after.keys()).collect();
        let changed: Vec<(ChangeKind, &Key)> = keys
            .into_iter()
            .filter_map(|key| match (before.get(key), after.get(key)) {
                (None, Some(_)) => Some((ChangeKind::Added, key)),
                (Some(_), None) => Some((ChangeKind::Dropped, key)),
                (Some((_, old)), Some((_, new))) if old != new => Some((ChangeKind::Amount, key)),
                _ => None,
            })
            .collect();
        let mut lines = Vec::with_capacity(changed.len());
        for part in changed.chunks(STREAMS_AT_ONCE) {
            let held = self.holdings(part.iter().map(|(_, key)| key.0)).await?;
            for (kind, key) in part {
                let (old, new) = (before.get(*key), after.get(*key));
                let unit = new.or(old).map(|(unit, _)| self.unit_name(unit)).unwrap_or_default();
                lines.push(ChangeLine {
                    kind: *kind,
                    person: self.person_seen(eyes, held.get(&key.0.as_uuid()), None),
                    unit_name: unit,
                    benefit_type: key.1.clone(),
                    before_minor: old.map(|(_, amount)| *amount),
                    after_minor: new.map(|(_, amount)| *amount),
                    reason: reasons.get(*key).cloned().filter(|_| *kind == ChangeKind::Dropped),
                });
            }
        }
        lines.sort_by_key(|line| line.kind);
        Ok((lines, tally))
    }

    /// Why people are not on the list: left out when it was prepared, or taken off since.
    async fn reasons_of(&self, list: &Opened) -> Result<HashMap<Key, String>, AppError> {
        let head = self.store.head().await?.position;
        self.follow_up_to(crate::projections::Projection::Lists, head).await?;
        let mut reasons = HashMap::new();
        let mut after = 0;
        loop {
            let page = Page { after, limit: PAGE_ROWS };
            let rows = self.views.list_left_out(list.list_id, page).await?.answer;
            let full = rows.len() >= PAGE_ROWS as usize;
            after = rows.last().map_or(0, |row| row.place + 1);
            reasons.extend(rows.into_iter().map(|row| {
                let reason = row.note.map_or_else(|| row.reason.clone(), |note| format!("{}: {note}", row.reason));
                ((row.beneficiary_id, row.benefit_type), reason)
            }));
            if !full {
                break;
            }
        }
        let mut after = 0;
        loop {
            let page = Page { after, limit: PAGE_ROWS };
            let rows = self.views.list_items(list.list_id, page).await?.answer;
            let full = rows.len() >= PAGE_ROWS as usize;
            after = rows.last().map_or(0, |row| row.item.place + 1);
            let off = rows
                .into_iter()
                .filter_map(|row| Some(((row.item.beneficiary_id, row.item.benefit_type), row.item.removed?)));
            reasons.extend(off);
            if !full {
                return Ok(reasons);
            }
        }
    }

    async fn holdings(&self, people: impl Iterator<Item = BeneficiaryId>) -> Result<HashMap<Uuid, Holdings>, AppError> {
        let mut subjects: Vec<Uuid> = people.map(|id| id.as_uuid()).collect();
        subjects.sort_unstable();
        subjects.dedup();
        Ok(self.vault.holdings_of_all(&subjects).await?)
    }

    fn person_seen(&self, eyes: &Eyes<'_>, held: Option<&Holdings>, account: Option<VaultRef>) -> SeenPerson {
        let Some(held) = held else { return SeenPerson::default() };
        let shown = |kind: DataKind, scheme: Option<&str>, value: &str| {
            seen(&self.profile, eyes.of(kind), (kind, scheme), value)
        };
        let identifier = held.identifiers.first().map(|held| &held.value);
        let account = account
            .and_then(|account| held.accounts.iter().find(|record| VaultRef::from_uuid(record.record_ref) == account));
        SeenPerson {
            name: held.names.last().and_then(|name| shown(DataKind::Name, None, &name.value)),
            identifier: identifier.and_then(|id| shown(DataKind::Identifier, Some(&id.scheme), &id.value)),
            account: account.and_then(|record| shown(DataKind::Account, None, &record.value.number)),
        }
    }

    fn unit_name(&self, key: &UnitKey) -> String {
        let unit = self.profile.units.get(key.as_str());
        unit.map_or_else(|| key.to_string(), |unit| format!("{} ({})", unit.name, unit.code))
    }
}

/// Who looks, and on what occasion.
struct Eyes<'a> {
    principal: &'a Principal,
    occasion: Occasion,
}

impl Eyes<'_> {
    const fn of(&self, kind: DataKind) -> Sight {
        sight(self.principal.role, kind, self.occasion)
    }
}
