//! `chitra banks arrange|order|recall`: how a bank takes orders, and the files of a list for it. With SQLite a running server is the one that
//! writes; it has the same over its API.

use super::bank_registry::bank_of;
use super::banks::text_of;
use super::{Failure, Outcome, open_to_write, output};
use crate::app::App;
use crate::app::access::Principal;
use crate::app::banks::arrangement::NewArrangement;
use crate::app::error::AppError;
use crate::app::lists::bank_file::{BankFile, FileKind, OrderAsk, RecallAsk, is_reason};
use crate::app::table::Format;
use crate::config::Settings;
use crate::domain::bank::{OrderCharset, OrderForm};
use crate::domain::ids::{ListId, PaymentId};
use clap::Subcommand;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Who acts, in the log.
const ACTOR: &str = "command-line";

/// What can be done for a bank's files.
#[derive(Debug, Subcommand)]
pub enum FilesCommand {
    /// Say how a bank takes orders: which file, from which account of the agency's, in which letters
    Arrange {
        /// The bank
        bank: String,
        /// The file that it takes
        #[arg(long, value_parser = ["pain.001.001.03", "pain.001.001.09", "pain.001.001.11", "table"])]
        form: String,
        /// The agency's name, as the bank knows it
        #[arg(long)]
        payer: String,
        /// A file with the number of the agency's account at the bank [default: the account before]
        #[arg(long, value_name = "FILE")]
        account: Option<PathBuf>,
        /// BIC or member id of the bank, where it is not the profile's
        #[arg(long, value_name = "CODE")]
        bank_code: Option<String>,
        /// The letters that its systems take
        #[arg(long, default_value = "utf8", value_parser = ["utf8", "latin"])]
        charset: String,
        /// One entry of the statement for all payments of a day; then single ones cannot be reconciled
        #[arg(long)]
        batch_booking: bool,
        /// The columns of a table [default: the usual ones]
        #[arg(long, value_name = "FILE")]
        columns: Option<PathBuf>,
    },
    /// Write the order of a submitted list to a bank: names and accounts stand in it in full, and who took it is recorded before
    Order {
        /// The list's id
        list: String,
        /// The bank that the payments go through
        #[arg(long)]
        bank: String,
        /// Write to a new file that only you may read, instead of stdout
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
        /// The form of a table [default: xlsx]
        #[arg(long, value_parser = ["csv", "xlsx"])]
        format: Option<String>,
        /// Leave out what was held, cancelled or given up since the list went out
        #[arg(long)]
        without_stopped: bool,
        /// The order handed out before never went out, or the bank refused it as a whole: write one with other payments
        #[arg(long)]
        instead: bool,
    },
    /// Write a note (camt.055) that asks a bank to stop payments of a list
    Recall {
        /// The list's id
        list: String,
        /// The bank that the payments go through
        #[arg(long)]
        bank: String,
        /// ISO 20022 reason of a cancellation: CUST, DUPL, UPAY ...
        #[arg(long)]
        reason: String,
        /// A payment; several if given again [default: all that are held]
        #[arg(long, value_name = "ID")]
        payment: Vec<String>,
        /// Write to a new file that only you may read, instead of stdout
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
    },
}

/// Does it.
pub async fn files(settings: &Settings, command: &FilesCommand) -> Result<Outcome, Failure> {
    let app = open_to_write(settings, "banks", false).await?;
    let done = carry_out(&app, command).await;
    app.store.close().await;
    done
}

async fn carry_out(app: &App, command: &FilesCommand) -> Result<Outcome, Failure> {
    let principal = Principal::local(ACTOR);
    match command {
        FilesCommand::Arrange { bank, .. } => {
            let bank = bank_of(app, bank)?;
            let written = app.arrange_orders(&app.own_request(&principal, "banks"), &bank, arrangement(command)?).await;
            let written = written.map_err(told)?;
            let word = if written.appended { "from now on" } else { "as before" };
            output::message(&format!(
                "{bank} takes orders in this way {word}; `chitra banks order LIST --bank {bank}` writes one"
            ));
        }
        FilesCommand::Order { list, bank, to, format, without_stopped, instead } => {
            let table = match format.as_deref() {
                None => None,
                Some("csv") => Some(Format::Csv),
                Some(_) => Some(Format::Xlsx),
            };
            let (without_stopped, instead) = (*without_stopped, *instead);
            let ask = OrderAsk { bank: bank_of(app, bank)?, table, without_stopped, instead };
            let file = app.order_file(&principal, list_id(list)?, &ask).await.map_err(told)?;
            put(app, &file, to.as_deref())?;
        }
        FilesCommand::Recall { list, bank, reason, payment, to } => {
            if !is_reason(reason) {
                return Err(Failure(format!("{reason} is no reason: 1 to 4 capital letters and digits, such as CUST")));
            }
            let read = |text: &String| PaymentId::parse(text).map_err(|_| Failure(format!("{text} is no payment id")));
            let payments = payment.iter().map(read).collect::<Result<_, _>>()?;
            let ask = RecallAsk { bank: bank_of(app, bank)?, reason: reason.clone(), payments };
            let file = app.recall_file(&principal, list_id(list)?, &ask).await.map_err(told)?;
            put(app, &file, to.as_deref())?;
        }
    }
    Ok(Outcome::Done)
}

fn arrangement(command: &FilesCommand) -> Result<NewArrangement, Failure> {
    let FilesCommand::Arrange { form, payer, account, bank_code, charset, batch_booking, columns, .. } = command else {
        return Err(Failure("only `arrange` says how orders are taken".to_owned()));
    };
    Ok(NewArrangement {
        form: OrderForm::parse(form).ok_or_else(|| Failure(format!("there is no {form}")))?,
        payer: payer.clone(),
        account: account.as_deref().map(text_of).transpose()?.map(|text| text.trim().to_owned()),
        bank_code: bank_code.clone(),
        charset: OrderCharset::parse(charset).unwrap_or_default(),
        batch_booking: *batch_booking,
        columns: columns.as_deref().map(text_of).transpose()?,
    })
}

fn list_id(text: &str) -> Result<ListId, Failure> {
    ListId::parse(text).map_err(|_| Failure(format!("{text} is no list's id")))
}

/// All that is wrong, not the count alone.
fn told(error: AppError) -> Failure {
    match error {
        AppError::Invalid(issues) => {
            Failure(issues.iter().map(|issue| issue.message.as_str()).collect::<Vec<_>>().join("\n"))
        }
        error => error.into(),
    }
}

fn put(app: &App, file: &BankFile, to: Option<&Path>) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure(format!("the file could not be written: {error}"));
    match to {
        Some(path) => output::write_for_owner(path, &file.bytes).map_err(failed)?,
        None if file.kind == FileKind::Table(Format::Xlsx) => {
            return Err(Failure("name a file with --to: XLSX is not for a terminal".to_owned()));
        }
        None => std::io::stdout().write_all(&file.bytes).map_err(failed)?,
    }
    let sum = app.profile.currency.format(file.total.sum_minor);
    output::message(&format!("{}: {} payments, {sum} {}", file.name, file.total.items, app.profile.currency.currency));
    Ok(())
}
