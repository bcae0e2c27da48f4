//! Files of a released list for the banks that its payments go through: the order of them (pain.001, or a bank's own table), and notes that
//! recall some of them. Each one that is handed out is on record before.

mod gather;
mod order;
mod recall;
mod taken;

pub use crate::banks::out::recall::is_reason;
pub use gather::{DayBlock, SentItem};
pub use recall::RecallAsk;
pub use taken::{OrderTaken, OrdersTaken, list_of};

use crate::app::App;
use crate::app::access::{Action, Principal};
use crate::app::aggregate::{bank_stream, list_stream};
use crate::app::error::{AppError, FieldIssue};
use crate::app::execute::{Begin, Beside};
use crate::app::table::Format;
use crate::banks::out::{AgentRef, WriteError};
use crate::domain::bank::{Bank, BankOrdersArranged, BankRefusal};
use crate::domain::disclosure::{DataKind, Purpose};
use crate::domain::ids::{BankId, ListId};
use crate::domain::list::event::Tally;
use crate::domain::list::state::Opened;
use crate::domain::list::{ListCommand, ListRefusal, PaymentList};

/// Which order is asked for.
#[derive(Debug, Clone)]
pub struct OrderAsk {
    pub bank: BankId,
    /// The form of a table; XLSX when absent.
    pub table: Option<Format>,
    /// Leave out what was stopped since the list went out.
    pub without_stopped: bool,
    /// It goes to the bank in place of one with other payments, which never went out or was refused as a whole.
    pub instead: bool,
}

/// What kind of file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    Xml,
    Table(Format),
}

/// A file for a bank.
#[derive(Debug, Clone)]
pub struct BankFile {
    /// Without its ending.
    pub name: String,
    pub kind: FileKind,
    pub bytes: Vec<u8>,
    pub total: Tally,
}

/// What is handed out, for the record.
struct Shown {
    form: &'static str,
    kinds: Vec<DataKind>,
    item_count: u64,
    /// Of an order: its id, and the position whose payments it has.
    order: Option<(String, u64)>,
}

impl App {
    /// A list that went out, and how the bank takes orders.
    async fn released_for(
        &self,
        principal: &Principal,
        id: ListId,
        bank: &BankId,
    ) -> Result<(Opened, BankOrdersArranged), AppError> {
        let (list, _) = self.list_for(principal, Action::ReadList, id).await?;
        if !list.stage.is_out() {
            return Err(ListRefusal::NotReleased { stage: list.stage }.into());
        }
        let known = self.load::<Bank>(&bank_stream(bank)).await?.map(|(bank, _)| bank).unwrap_or_default();
        if known.registered.is_none() {
            return Err(BankRefusal::NotRegistered.into());
        }
        Ok((list, known.orders.ok_or(BankRefusal::NoOrders)?))
    }

    /// A bank as a message names it; `None` when nothing is known that a message could hold.
    fn agent_of(&self, bank: &BankId, code: Option<&str>) -> Option<AgentRef> {
        let spec = self.profile.bank(bank.as_str())?;
        let known = code.or(spec.swift.as_deref()).or(spec.bin.as_deref()).map(AgentRef::of_code);
        known.filter(AgentRef::is_fit)
    }

    async fn record_file(
        &self,
        principal: &Principal,
        (id, bank): (ListId, &BankId),
        shown: Shown,
    ) -> Result<(), AppError> {
        let command = ListCommand::Show {
            form: shown.form.to_owned(),
            bank: Some(bank.clone()),
            item_count: shown.item_count,
            kinds: shown.kinds,
            purpose: Purpose::PaymentOrder,
            order: shown.order,
            by: principal.key_id.clone(),
        };
        let (request, stream) = (self.own_request(principal, "list-file"), list_stream(id));
        self.execute((&stream, Begin::Existing), &request, Beside::default(), |_: &PaymentList| Ok(command.clone()))
            .await
            .map(|_| ())
    }
}

fn without_code(bank: &BankId) -> FieldIssue {
    FieldIssue::new(
        "bank",
        "bank-code-missing",
        format!(
            "the profile has neither a BIC nor an issuer number of {bank}; name one as bank_code: POST /v1/banks/{bank}/orders"
        ),
        format!(
            "cấu hình không có mã BIC hoặc mã phát hành của {bank}; hãy khai bank_code: POST /v1/banks/{bank}/orders"
        ),
    )
}

fn unwritable(error: &WriteError) -> AppError {
    AppError::Internal(format!("a file for a bank could not be written: {error}"))
}

/// `<what>-<bank>-<cycle>-<the end of the list's id>`.
fn name_of(what: &str, list: &Opened, bank: &BankId) -> String {
    let id = list.list_id.as_uuid().simple().to_string();
    format!("{what}-{bank}-{}-{}", list.cycle, &id[id.len() - 8..])
}
