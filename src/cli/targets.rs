//! `chitra targets`: set, list and withdraw the targets of units.

use super::{Failure, Outcome, open, open_to_write, output};
use crate::app::access::Principal;
use crate::app::figures::AsOf;
use crate::app::targets::{TargetInput, told};
use crate::app::tongue::Tongue;
use crate::config::Settings;
use crate::domain::identifier::has_long_number;
use crate::domain::ids::{BenefitGroup, TargetId};
use crate::domain::period::Month;
use crate::store::OpenMode;
use clap::{Args, Subcommand};
use jiff::civil::Date;
use rust_decimal::Decimal;

/// Commands of `targets`.
#[derive(Debug, Subcommand)]
pub enum TargetsCommand {
    /// Set a target of a unit; prints its id
    Set(SetArguments),
    /// Targets with the gap to each, the pace and what is needed a month: a unit's own, those of the units above, the nation's
    List {
        /// What counts for this unit; all targets when absent
        #[arg(long, value_name = "UNIT")]
        unit: Option<String>,
        /// The cycle that they are held against, YYYY-MM [default: the last with payments]
        #[arg(long, value_name = "MONTH")]
        cycle: Option<String>,
        /// Print JSON, as GET /v1/targets does, instead of CSV
        #[arg(long)]
        json: bool,
    },
    /// Take a target back
    Withdraw {
        /// The target's id
        id: String,
        /// Why; kept for ever
        #[arg(long)]
        reason: String,
    },
}

/// Flags of `targets set`.
#[derive(Debug, Args)]
pub struct SetArguments {
    /// A unit key, or a code that names one unit on the day to reach it by
    #[arg(long, value_name = "UNIT")]
    pub unit: String,
    /// A1 (people), A2 (amount) or A3 (payments)
    #[arg(long, value_name = "ID")]
    pub indicator: String,
    /// A fraction of 1: 0.85 is 85 %
    #[arg(long, value_name = "FRACTION")]
    pub value: String,
    /// The last day to reach it by, YYYY-MM-DD
    #[arg(long, value_name = "DAY")]
    pub by: Date,
    /// The law or dispatch that sets it
    #[arg(long, value_name = "TEXT")]
    pub legal_basis: String,
    /// Only these benefit groups, joined by commas
    #[arg(long, value_name = "GROUPS", value_delimiter = ',')]
    pub benefit_groups: Vec<String>,
    /// Only urban (true) or rural (false) units
    #[arg(long, value_name = "BOOLEAN")]
    pub urban: Option<bool>,
}

/// Who acts, in the log.
const ACTOR: &str = "command-line";

/// Sets, lists or withdraws.
pub async fn targets(settings: &Settings, command: &TargetsCommand) -> Result<Outcome, Failure> {
    match command {
        TargetsCommand::Set(arguments) => set(settings, arguments).await,
        TargetsCommand::List { unit, cycle, json } => list(settings, (unit.as_deref(), cycle.as_deref()), *json).await,
        TargetsCommand::Withdraw { id, reason } => withdraw(settings, id, reason).await,
    }
}

fn note(name: &str, text: &str) -> Result<String, Failure> {
    if has_long_number(text) {
        return Err(Failure(format!(
            "--{name} has a number of 9 digits or more in it; it is kept for ever, so leave out numbers of persons"
        )));
    }
    Ok(text.trim().to_owned())
}

async fn set(settings: &Settings, arguments: &SetArguments) -> Result<Outcome, Failure> {
    let group = |text: &String| {
        BenefitGroup::parse(text.trim()).map_err(|error| Failure(format!("--benefit-groups {text}: {error}")))
    };
    let value = Decimal::from_str_exact(&arguments.value)
        .map_err(|error| Failure(format!("--value {}: {error}; 0.85 is 85 %", arguments.value)))?;
    let input = TargetInput {
        unit: arguments.unit.clone(),
        indicator: arguments.indicator.clone(),
        benefit_groups: arguments.benefit_groups.iter().map(group).collect::<Result<_, _>>()?,
        urban: arguments.urban,
        value,
        by_date: arguments.by,
        legal_basis: note("legal-basis", &arguments.legal_basis)?,
    };
    let app = open_to_write(settings, "targets set", false).await?;
    let request = app.own_request(&Principal::local(ACTOR), "set-target");
    let set = app.set_target(&request, &input).await;
    app.store.close().await;
    let (_, id) = set.map_err(|error| told_failure(&error))?;
    output::result(&id.map(|id| id.to_string()).unwrap_or_default());
    Ok(Outcome::Done)
}

/// With what is wrong about each field.
fn told_failure(error: &crate::app::error::AppError) -> Failure {
    if let crate::app::error::AppError::Invalid(issues) = error {
        let each: Vec<String> = issues.iter().map(|issue| format!("{}: {}", issue.field, issue.message)).collect();
        return Failure(each.join("; "));
    }
    Failure(error.to_string())
}

async fn list(
    settings: &Settings,
    (unit, cycle): (Option<&str>, Option<&str>),
    json: bool,
) -> Result<Outcome, Failure> {
    let cycle = cycle
        .map(|text| Month::parse(text).map_err(|error| Failure(format!("--cycle {text}: {error}"))))
        .transpose()?;
    let app = open(settings, OpenMode::Beside, false).await?;
    let made = async {
        let today = app.profile.business_day(app.clock.now_us());
        let unit = unit
            .map(|text| app.scope(text, today).map_err(|issue| Failure(format!("--unit {text}: {}", issue.message))))
            .transpose()?;
        let (position, _) = app.assessed_position(AsOf::Now, None).await?;
        let asked = (unit, cycle);
        let found = app.targets(&Principal::local(ACTOR), asked, AsOf::Now, None).await;
        let (cycle, lines) = found.map_err(|error| told_failure(&error))?.answer;
        if json {
            let lines: Vec<_> = lines.iter().map(|one| told::line(&app.profile, one)).collect();
            let all = serde_json::json!({"cycle": cycle, "as_of_position": position, "targets": lines});
            return Ok::<_, Failure>(format!("{all:#}"));
        }
        let table = told::table(&app.profile, &lines, Tongue::of(&app.profile).code());
        let bytes = table.to_bytes(crate::app::table::Format::Csv, "targets")?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
    .await;
    app.store.close().await;
    output::result(made?.trim_end());
    Ok(Outcome::Done)
}

async fn withdraw(settings: &Settings, id: &str, reason: &str) -> Result<Outcome, Failure> {
    let id =
        TargetId::parse(id).map_err(|_| Failure(format!("{id} is no target's id; `chitra targets list` has them")))?;
    let reason = note("reason", reason)?;
    let app = open_to_write(settings, "targets withdraw", false).await?;
    let request = app.own_request(&Principal::local(ACTOR), "withdraw-target");
    let written = app.withdraw_target(&request, id, &reason).await;
    app.store.close().await;
    let word = if written?.appended { "is withdrawn" } else { "was withdrawn before" };
    output::message(&format!("the target {id} {word}"));
    Ok(Outcome::Done)
}
