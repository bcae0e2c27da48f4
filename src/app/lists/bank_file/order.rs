//! The order: who is paid how much into which account, written as the bank takes it. Names and accounts come from the vault, for those who may
//! see them.

use super::gather::{DayBlock, SentItem};
use super::taken::OrderId;
use super::{BankFile, FileKind, OrderAsk, Shown, name_of, unwritable, without_code};
use crate::app::App;
use crate::app::access::Principal;
use crate::app::aggregate::beneficiary_stream;
use crate::app::error::{AppError, FieldIssue};
use crate::app::lists::STREAMS_AT_ONCE;
use crate::app::sight::{Occasion, Sight, sight};
use crate::app::table::Format;
use crate::banks::out::bulk::{BulkCell, BulkLayout};
use crate::banks::out::pain001::{Block, Order, Pain001Writer, Version};
use crate::banks::out::{self, AgentRef, Transfer};
use crate::domain::bank::{BankOrdersArranged, OrderForm};
use crate::domain::beneficiary::Beneficiary;
use crate::domain::disclosure::DataKind;
use crate::domain::ids::{BankId, ListId, VaultRef};
use crate::domain::list::ListRefusal;
use crate::domain::list::event::Tally;
use crate::domain::payment::event::Payee;
use crate::files::table::{Cell, TableWriter};
use crate::vault::holdings::Holdings;
use crate::vault::own::BANK_ACCOUNT;

/// What a bank must know of people.
const KINDS: [DataKind; 2] = [DataKind::Name, DataKind::Account];
/// Payments named as unfit in one answer.
const ISSUES_MAX: usize = 100;

impl App {
    /// The order of a list's payments to one bank. The same whenever it is asked for, so that a bank that gets it twice knows it by its id;
    /// one with other payments has another id, and is not handed out beside the one before unless somebody says that it goes in its place.
    pub async fn order_file(&self, principal: &Principal, id: ListId, ask: &OrderAsk) -> Result<BankFile, AppError> {
        if !KINDS.iter().all(|kind| sight(principal.role, *kind, Occasion::Revealing) == Sight::Full) {
            return Err(AppError::Forbidden {
                code: "role-not-allowed",
                message: "your key's role does not see people's names and accounts in full, which an order has",
            });
        }
        let (list, way) = self.released_for(principal, id, &ask.bank).await?;
        let kind = kind_of(way.form, ask.table)?;
        let (released_at, taken) = self.orders_taken(id).await?;
        let as_of = self.store.head().await?.position;
        let mut blocks = self.blocks_for((&list, released_at), &ask.bank, Some(as_of)).await?;
        if blocks.is_empty() {
            return Err(ListRefusal::NothingForBank.into());
        }
        let stopped = blocks.iter().flat_map(|block| &block.items).filter(|item| item.is_stopped()).count() as u64;
        if stopped > 0 && !ask.without_stopped {
            return Err(ListRefusal::ItemsStopped { items: stopped }.into());
        }
        for block in &mut blocks {
            block.items.retain(|item| !item.is_stopped());
        }
        blocks.retain(|block| !block.items.is_empty());
        let mut total = Tally::default();
        blocks.iter().flat_map(|block| &block.items).for_each(|item| total.add(item.amount_minor));
        if total.items == 0 {
            return Err(ListRefusal::NothingForBank.into());
        }
        let items = blocks.iter().flat_map(|block| &block.items);
        let message_id = taken.message_id((id, &ask.bank), items.map(|item| &item.end_to_end_id));
        if let Some(other) = taken.other_than((id, &ask.bank), &message_id).filter(|_| !ask.instead) {
            return Err(ListRefusal::OrderedOtherwise { before: other.message_id(id) }.into());
        }
        let transfers = self.transfers(&blocks, (&ask.bank, &way)).await?;
        let bytes = match kind {
            FileKind::Xml => {
                let order_id = OrderId { message_id: message_id.clone(), created: released_at };
                self.pain001(order_id, (&blocks, &transfers), (&ask.bank, &way)).await?
            }
            FileKind::Table(format) => self.bulk_table(&transfers, &way, format)?,
        };
        let order = Some((message_id, as_of));
        let shown = Shown { form: "order", kinds: KINDS.to_vec(), item_count: total.items, order };
        self.record_file(principal, (id, &ask.bank), shown).await?;
        Ok(BankFile { name: name_of("order", &list, &ask.bank), kind, bytes, total })
    }

    async fn pain001(
        &self,
        id: OrderId,
        (blocks, transfers): (&[DayBlock], &[Transfer]),
        (bank, way): (&BankId, &BankOrdersArranged),
    ) -> Result<Vec<u8>, AppError> {
        let mut total = Tally::default();
        blocks.iter().flat_map(|block| &block.items).for_each(|item| total.add(item.amount_minor));
        let message_id = id.message_id;
        let version = version_of(way.form).ok_or_else(|| AppError::Internal("a table is no message".to_owned()))?;
        let debtor_agent = self.agent_of(bank, way.bank_code.as_deref());
        let order = Order {
            version,
            message_id: message_id.clone(),
            created: id.created,
            debtor_name: way.payer.clone(),
            debtor_account: self.agency_account(bank, way.account_ref).await?,
            debtor_agent: debtor_agent.ok_or_else(|| AppError::Invalid(vec![without_code(bank)]))?,
            currency: self.profile.currency,
            charset: way.charset,
            batch_booking: way.batch_booking,
            count: total.items,
            sum_minor: total.sum_minor,
        };
        let write = || {
            let mut writer = Pain001Writer::begin(Vec::new(), order)?;
            let mut rest = transfers.iter();
            for block in blocks {
                let Tally { items, sum_minor } = block.total();
                let payment_info_id = block.id(&message_id);
                writer.block(&Block { payment_info_id, execute_on: block.execute_on, count: items, sum_minor })?;
                for transfer in rest.by_ref().take(block.items.len()) {
                    writer.transfer(transfer)?;
                }
            }
            writer.finish()
        };
        write().map_err(|error| unwritable(&error))
    }

    fn bulk_table(
        &self,
        transfers: &[Transfer],
        way: &BankOrdersArranged,
        format: Format,
    ) -> Result<Vec<u8>, AppError> {
        let layout = way.columns.as_deref().map_or_else(BulkLayout::usual, BulkLayout::parse);
        let layout = layout.map_err(|error| AppError::Internal(format!("the columns of a bank's table: {error}")))?;
        let style = (self.profile.currency, way.charset);
        let failed = |error: &dyn std::fmt::Display| AppError::Internal(format!("a bank's table: {error}"));
        let mut table = TableWriter::new(Vec::new(), format, "order", &layout.header()).map_err(|e| failed(&e))?;
        for (number, transfer) in (1..).zip(transfers) {
            let row = layout.row(number, transfer, style).map_err(|error| unwritable(&error))?;
            let cells: Vec<Cell<'_>> = row.iter().map(cell).collect();
            table.write_row(&cells).map_err(|e| failed(&e))?;
        }
        table.finish().map_err(|e| failed(&e))
    }

    /// The agency's own account at the bank.
    async fn agency_account(&self, bank: &BankId, account: Option<VaultRef>) -> Result<String, AppError> {
        let gone = || AppError::Internal(format!("the agency's account at {bank} cannot be opened"));
        let account = account.ok_or_else(gone)?;
        let subject = crate::app::banks::subject_of(bank);
        let bytes = self.vault.open_own(subject, BANK_ACCOUNT, account.as_uuid()).await?.ok_or_else(gone)?;
        String::from_utf8(bytes).map_err(|_| gone())
    }

    /// The payments with what the vault has; all that is missing at once.
    async fn transfers(
        &self,
        blocks: &[DayBlock],
        way: (&BankId, &BankOrdersArranged),
    ) -> Result<Vec<Transfer>, AppError> {
        let items: Vec<&SentItem> = blocks.iter().flat_map(|block| &block.items).collect();
        let (mut transfers, mut issues) = (Vec::with_capacity(items.len()), Vec::new());
        for part in items.chunks(STREAMS_AT_ONCE) {
            let mut subjects: Vec<_> = part.iter().map(|item| item.beneficiary_id.as_uuid()).collect();
            subjects.sort_unstable();
            subjects.dedup();
            let held = self.vault.holdings_of_all(&subjects).await?;
            let nothing = Holdings::default();
            for item in part {
                let held = held.get(&item.beneficiary_id.as_uuid()).unwrap_or(&nothing);
                let holder = match item.payee {
                    Payee::Beneficiary => held.names.last().map(|name| name.value.clone()),
                    Payee::Authorised | Payee::Guardian | Payee::Heir => self.payee_name(item).await?,
                };
                match self.transfer(item, (held, holder), way) {
                    Ok(transfer) => transfers.push(transfer),
                    Err(issue) => issues.push(issue),
                }
            }
            if issues.len() >= ISSUES_MAX {
                break;
            }
        }
        issues.truncate(ISSUES_MAX);
        if issues.is_empty() { Ok(transfers) } else { Err(AppError::Invalid(issues)) }
    }

    fn transfer(
        &self,
        item: &SentItem,
        (held, holder): (&Holdings, Option<String>),
        (bank, way): (&BankId, &BankOrdersArranged),
    ) -> Result<Transfer, FieldIssue> {
        let named = |account: &&crate::vault::holdings::Held<_>| {
            Some(VaultRef::from_uuid(account.record_ref)) == item.account_ref
        };
        let number = held.accounts.iter().find(named).map(|account| account.value.number.clone());
        let number = number.ok_or_else(|| issue(item, MissingFact::Account))?;
        let number: String = number.chars().filter(|c| !matches!(c, ' ' | '-' | '.')).collect();
        out::account(&number).map_err(|_| issue(item, MissingFact::AccountForm))?;
        let creditor_name = holder.ok_or_else(|| issue(item, MissingFact::Name))?;
        out::name(&creditor_name, way.charset).map_err(|_| issue(item, MissingFact::Name))?;
        let of = item.bank.as_ref().unwrap_or(bank);
        let code = way.bank_code.as_deref().filter(|_| of == bank);
        let agent = self.agent_of(of, code).or_else(|| {
            // A table is the bank's own: any name of it will do.
            (way.form == OrderForm::Table).then(|| AgentRef::Member(of.to_string()))
        });
        Ok(Transfer {
            end_to_end_id: item.end_to_end_id.clone(),
            amount_minor: item.amount_minor,
            creditor_name,
            account: number,
            agent: agent.ok_or_else(|| without_code(of))?,
            purpose: self.profile.benefit_type(item.benefit_type.as_str()).map(|spec| spec.purpose.clone()),
            remittance: Some(self.remittance(item)),
        })
    }

    /// What the payee reads on the account's statement: the benefit and its months.
    fn remittance(&self, item: &SentItem) -> String {
        let language = self.profile.languages.first().map_or("", String::as_str);
        let spec = self.profile.benefit_type(item.benefit_type.as_str());
        let label = spec.map_or(item.benefit_type.as_str(), |spec| spec.labels.get(language));
        let months: Vec<String> =
            item.months.iter().map(|month| format!("{:02}/{}", month.month(), month.year())).collect();
        format!("{label} {}", months.join(", "))
    }

    /// Whoever receives on somebody's behalf: the account is theirs.
    async fn payee_name(&self, item: &SentItem) -> Result<Option<String>, AppError> {
        let person = self.load::<Beneficiary>(&beneficiary_stream(item.beneficiary_id)).await?;
        let Some(person) = person.and_then(|(person, _)| person.registered) else { return Ok(None) };
        let mut known = person.authorisations.iter().rev();
        let Some(right) = known.find(|known| known.payee == item.payee && known.holds_on(item.due_on)) else {
            return Ok(None);
        };
        let held = self.vault.holdings(item.beneficiary_id.as_uuid()).await?.unwrap_or_default();
        let mut named = held.authorised.into_iter();
        let named = named.find(|record| VaultRef::from_uuid(record.record_ref) == right.authorised_ref);
        Ok(named.map(|record| record.value.name))
    }
}

const fn version_of(form: OrderForm) -> Option<Version> {
    match form {
        OrderForm::Pain00103 => Some(Version::V03),
        OrderForm::Pain00109 => Some(Version::V09),
        OrderForm::Pain00111 => Some(Version::V11),
        OrderForm::Table => None,
    }
}

fn kind_of(form: OrderForm, table: Option<Format>) -> Result<FileKind, AppError> {
    match (form, table) {
        (OrderForm::Table, table) => Ok(FileKind::Table(table.unwrap_or(Format::Xlsx))),
        (_, None) => Ok(FileKind::Xml),
        (_, Some(_)) => Err(AppError::Invalid(vec![FieldIssue::new(
            "format",
            "order-not-a-table",
            format!("this bank takes {}, not a table; leave out the format", form.as_str()),
            format!("ngân hàng này nhận {}, không nhận bảng; hãy bỏ tham số format", form.as_str()),
        )])),
    }
}

fn cell(cell: &BulkCell) -> Cell<'_> {
    match cell {
        BulkCell::Empty => Cell::Empty,
        BulkCell::Number(number) => i64::try_from(*number).map_or(Cell::Empty, Cell::Integer),
        BulkCell::Amount(amount) => Cell::Decimal(amount),
        BulkCell::Text(text) => Cell::Text(text),
    }
}

/// What keeps a payment out of an order.
#[derive(Clone, Copy)]
enum MissingFact {
    Account,
    AccountForm,
    Name,
}

fn issue(item: &SentItem, missing: MissingFact) -> FieldIssue {
    let reference = &item.reference;
    let (code, en, vi) = match missing {
        MissingFact::Account => (
            "order-account-missing",
            format!("payment {reference}: its account is not on file; hold or cancel it, and pay it another way"),
            format!("khoản chi {reference}: không có số tài khoản; hãy tạm giữ hoặc hủy và chi theo cách khác"),
        ),
        MissingFact::AccountForm => (
            "order-account-unfit",
            format!("payment {reference}: the account is not of 1 to 34 digits and letters; file the right one"),
            format!("khoản chi {reference}: số tài khoản phải gồm 1 đến 34 chữ số và chữ cái; hãy ghi lại"),
        ),
        MissingFact::Name => (
            "order-name-missing",
            format!("payment {reference}: no name of the account's holder is on file in letters that the bank takes"),
            format!("khoản chi {reference}: thiếu tên chủ tài khoản bằng chữ mà ngân hàng nhận"),
        ),
    };
    FieldIssue::new(item.payment_id.to_string(), code, en, vi)
}
