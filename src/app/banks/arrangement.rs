//! How a bank takes orders, as an operator says it. The agency's account at the bank goes to the vault.

use super::subject_of;
use crate::app::App;
use crate::app::aggregate::bank_stream;
use crate::app::error::{AppError, FieldIssue};
use crate::app::execute::{Beside, WriteRequest, Written};
use crate::banks::out::bulk::BulkLayout;
use crate::banks::out::{self, AgentRef};
use crate::domain::bank::{Bank, BankCommand, BankOrdersArranged, OrderCharset, OrderForm};
use crate::domain::identifier::has_long_number;
use crate::domain::ids::{BankId, VaultRef};
use crate::vault::own::BANK_ACCOUNT;

/// The longest layout.
const COLUMNS_BYTES_MAX: usize = 64 * 1024;

/// A way of taking orders, as asked.
#[derive(Debug, Clone)]
pub struct NewArrangement {
    pub form: OrderForm,
    pub payer: String,
    /// The agency's account; the one before when absent.
    pub account: Option<String>,
    pub bank_code: Option<String>,
    pub charset: OrderCharset,
    pub batch_booking: bool,
    pub columns: Option<String>,
}

impl App {
    /// Says how a bank takes orders from now on: whoever must be asked first was asked.
    pub async fn arrange_orders(
        &self,
        request: &WriteRequest,
        bank: &BankId,
        new: NewArrangement,
    ) -> Result<Written<Bank>, AppError> {
        let made = self.new_arrangement(bank, new).await?;
        self.change_bank_now(request, bank, made).await
    }

    /// A way of taking orders, with the account sealed beside it.
    pub(super) async fn new_arrangement(
        &self,
        bank: &BankId,
        new: NewArrangement,
    ) -> Result<(BankCommand, Beside), AppError> {
        let issues = unfit(&new);
        if !issues.is_empty() {
            return Err(AppError::Invalid(issues));
        }
        let known = self.load::<Bank>(&bank_stream(bank)).await?.and_then(|(state, _)| state.orders);
        let before = known.and_then(|orders| orders.account_ref);
        let mut beside = Beside::default();
        let account_ref = match new.account.as_deref().map(plain) {
            None => before,
            Some(account) if self.is_account(bank, before, &account).await? => before,
            Some(account) => {
                let sealed = self.vault.seal_own(subject_of(bank), BANK_ACCOUNT, account.as_bytes()).await?;
                beside.vault = sealed.1;
                Some(VaultRef::from_uuid(sealed.0))
            }
        };
        let command = BankCommand::ArrangeOrders(BankOrdersArranged {
            form: new.form,
            payer: new.payer,
            account_ref,
            bank_code: new.bank_code,
            charset: new.charset,
            batch_booking: new.batch_booking,
            columns: new.columns,
        });
        Ok((command, beside))
    }

    /// Whether an account is the one on file.
    async fn is_account(&self, bank: &BankId, known: Option<VaultRef>, account: &str) -> Result<bool, AppError> {
        let Some(known) = known else { return Ok(false) };
        let opened = self.vault.open_own(subject_of(bank), BANK_ACCOUNT, known.as_uuid()).await?;
        Ok(opened.is_some_and(|bytes| bytes == account.as_bytes()))
    }
}

/// An account as messages have it.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, ' ' | '-' | '.')).collect()
}

fn unfit(new: &NewArrangement) -> Vec<FieldIssue> {
    let mut issues = Vec::new();
    let mut add = |field: &'static str, en: String, vi: &str| {
        issues.push(FieldIssue::new(field, "bank-orders-invalid", en, vi));
    };
    if out::name(&new.payer, new.charset).is_err() || new.payer.chars().count() > 140 || has_long_number(&new.payer) {
        let en = "the agency's name: up to 140 characters, in letters that the bank takes, without numbers of accounts";
        add("payer", en.to_owned(), "tên cơ quan: tối đa 140 ký tự, bằng chữ mà ngân hàng nhận, không có số tài khoản");
    }
    if new.account.as_deref().is_some_and(|account| out::account(&plain(account)).is_err()) {
        let en = "an account has 1 to 34 digits and letters".to_owned();
        add("account", en, "số tài khoản gồm 1 đến 34 chữ số và chữ cái");
    }
    if new.bank_code.as_deref().is_some_and(|code| !AgentRef::of_code(code).is_fit()) {
        let en = "a BIC, or a member id of 1 to 35 of A-Z, a-z, 0-9 and - . / + : _".to_owned();
        add("bank_code", en, "mã BIC, hoặc mã thành viên 1 đến 35 ký tự A-Z, a-z, 0-9 và - . / + : _");
    }
    if let Some(columns) = &new.columns {
        let problem = if new.form != OrderForm::Table {
            Some(format!("{} has no columns; they go with table", new.form.as_str()))
        } else if columns.len() > COLUMNS_BYTES_MAX {
            Some("the layout is longer than 64 KB".to_owned())
        } else {
            BulkLayout::parse(columns).err().map(|error| error.to_string())
        };
        if let Some(problem) = problem {
            add("columns", problem, "các cột của bảng không hợp lệ");
        }
    }
    issues
}
