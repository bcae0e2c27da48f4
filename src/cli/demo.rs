//! `chitra demo`: makes a province, prints what is to be known of it, and serves it.

use super::arguments::DemoArguments;
use super::{Failure, Outcome, open_to_write, output, serve, tls};
use crate::app::App;
use crate::app::access::{Principal, Role};
use crate::app::demo::{self, DemoOrder, DemoStage, DemoWritten};
use crate::app::keys::NewKey;
use crate::clock::{Clock, SimulatedClock};
use crate::compose::{self, Opening};
use crate::config::Settings;
use crate::domain::ids::{BankId, UnitKey};
use crate::projections::figures::{Dimension, FigureQuery};
use crate::store::{OpenMode, migrations, shown};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use tempfile::TempDir;

/// The bank whose key is made.
const BANK: &str = "agribank";

/// Where there is no terminal to draw a bar on, a line tells of so many days.
const DAYS_A_LINE: u64 = 30;

/// Makes and serves a province.
pub async fn demo(settings: &Settings, arguments: &DemoArguments) -> Result<Outcome, Failure> {
    let (settings, _temporary) = own_database(settings)?;
    // Bound before the work: an address that is taken is told at once.
    let listener = if arguments.no_serve { None } else { Some(serve::bind(&settings.listen)?) };
    let door = serve::door(&settings)?;
    if let Some(listener) = &listener {
        tls::check_not_in_clear(listener, door.certificates.as_ref(), &settings)?;
    }
    let profile = compose::profile(&settings)?;
    let outlines = serve::map(&settings, &profile)?;
    let (written, digest) = tokio::select! {
        written = write(&settings, arguments) => written?,
        stopped = serve::wait_for_signal() => {
            stopped?;
            return Err(Failure("stopped before the province was complete".to_owned()));
        }
    };
    let app = open_to_write(&settings, "demo", listener.is_some()).await?;
    if let Some(outlines) = outlines {
        let _set_once = app.outlines.set(outlines);
    }
    let facts = facts(&app, (&settings, &written, digest)).await?;
    let Some(listener) = listener else {
        print(arguments, &facts, None);
        app.store.close().await;
        return Ok(Outcome::Done);
    };
    serve::run(app, listener, door, serve::Chores::default(), |addresses| {
        print(arguments, &facts, Some(addresses));
        serve::ready(arguments.ready_file.as_deref(), addresses)
    })
    .await
}

/// The database named, or one in a folder that goes when the demo ends.
fn own_database(settings: &Settings) -> Result<(Settings, Option<TempDir>), Failure> {
    if settings.database_named {
        return Ok((settings.clone(), None));
    }
    let folder = tempfile::Builder::new().prefix("chitra-demo-").tempdir()?;
    let database = format!("sqlite:{}", folder.path().join("demo.sqlite").display());
    Ok((Settings { database, ..settings.clone() }, Some(folder)))
}

/// Writes the log under a simulated clock and closes it.
async fn write(settings: &Settings, arguments: &DemoArguments) -> Result<(DemoWritten, String), Failure> {
    let profile = compose::profile(settings)?;
    let clock = Arc::new(demo::clock(&profile, arguments.seed));
    if migrations::is_fresh(&settings.database).await? {
        migrations::migrate(&settings.database).await?;
    }
    let opening = Opening {
        url: settings.database.clone(),
        mode: OpenMode::Writer { holder: format!("`chitra demo` (process {})", std::process::id()) },
        master: compose::master_key(settings, true, clock.as_ref())?,
        profile,
        clock: Arc::<SimulatedClock>::clone(&clock) as Arc<dyn Clock>,
        runs_projections: false,
    };
    let app = compose::compose(opening).await?;
    let bar = progress_bar();
    let order = DemoOrder { size: arguments.size, seed: arguments.seed };
    let written = demo::write(&app, &clock, order, &|stage| show(&bar, stage)).await;
    bar.finish_and_clear();
    let digest = match &written {
        Ok(_) => demo::log_digest(&app).await.map_err(Failure::from),
        Err(_) => Ok(String::new()),
    };
    app.store.close().await;
    let written = written?;
    if written.refused_others > 0 {
        output::message(&format!(
            "the rules refused {} rows or acts that the demo meant to be good",
            written.refused_others
        ));
    }
    Ok((written, digest?))
}

fn progress_bar() -> ProgressBar {
    let bar = ProgressBar::no_length();
    if let Ok(style) = ProgressStyle::with_template("a province in the making  {bar:40}  {msg}  {elapsed}") {
        bar.set_style(style);
    }
    bar
}

fn show(bar: &ProgressBar, stage: DemoStage) {
    let (done, all) = (u64::try_from(stage.days_done).unwrap_or(0), u64::try_from(stage.days).unwrap_or(0));
    if bar.is_hidden() && (bar.length().is_none() || done / DAYS_A_LINE > bar.position() / DAYS_A_LINE) {
        output::message(&format!("a province in the making: {}, day {done} of {all}", stage.day));
    }
    bar.set_length(all);
    bar.set_position(done);
    bar.set_message(stage.day.to_string());
}

/// What is to be known of the province, but for its address.
async fn facts(app: &App, (settings, written, digest): (&Settings, &DemoWritten, String)) -> Result<Value, Failure> {
    let mut keys = Map::new();
    let mut doors = BTreeMap::new();
    for role in Role::ALL {
        let key = app.keys.create(new_key(role, &written.busy_unit)?).await?;
        doors.extend(key.split('_').nth(1).map(|id| (role.as_str(), id.to_owned())));
        keys.insert(role.to_string(), json!(key));
    }
    // Set once: nobody opened them before.
    app.doors.get_or_init(|| doors);
    let payment = demo::eventful_payment(app).await?;
    Ok(json!({
        "address": null,
        "database": shown(&settings.database),
        "keys": keys,
        "clerk_unit": written.busy_unit,
        "bank": BANK,
        "figures": figures(app).await?,
        "payment": payment.map(|id| id.to_string()),
        "log_digest": digest,
        "events": written.events,
        "refused_rows": written.refused_listed,
    }))
}

fn new_key(role: Role, busy_unit: &str) -> Result<NewKey, Failure> {
    let unit = if role == Role::Clerk { Some(UnitKey::parse(busy_unit)?) } else { None };
    let bank = if role == Role::Bank { Some(BankId::parse(BANK)?) } else { None };
    Ok(NewKey { role, unit, bank, label: format!("demo {role}"), expires_at_us: None })
}

/// The headline of each run.
async fn figures(app: &App) -> Result<Value, Failure> {
    let query = FigureQuery { group_by: vec![Dimension::Cycle], ..FigureQuery::default() };
    let runs = app.adoption(&Principal::local("demo"), query, None).await?.answer;
    let one = |run: &crate::projections::figures::adoption::Adoption| {
        let people = run.people.share(false);
        json!({
            "cycle": run.key.first(),
            "cashless_people": people.numerator,
            "people": people.denominator,
            "rate": people.ratio(),
            "amount_rate": run.amount.ratio(),
            "completeness": run.completeness.ratio(),
        })
    };
    Ok(runs.iter().map(one).collect())
}

fn print(arguments: &DemoArguments, facts: &Value, addresses: Option<serve::Addresses>) {
    let mut facts = facts.clone();
    let base = addresses.map(serve::Addresses::base);
    facts["address"] = json!(base);
    if arguments.json {
        return output::result(&facts.to_string());
    }
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut lines = vec![
        format!("{} events in {}", text(&facts["events"]), text(&facts["database"])),
        format!("log digest {}", text(&facts["log_digest"])),
        String::new(),
        "paid without cash, of all people with a live payment:".to_owned(),
    ];
    for run in facts["figures"].as_array().into_iter().flatten() {
        let (cycle, rate) = (text(&run["cycle"]), text(&run["rate"]));
        lines.push(format!(
            "  {cycle}  {rate}  ({} of {}; complete {})",
            run["cashless_people"],
            run["people"],
            text(&run["completeness"])
        ));
    }
    lines.extend([String::new(), "keys, shown this once:".to_owned()]);
    for (role, key) in facts["keys"].as_object().into_iter().flatten() {
        let reach = match role.as_str() {
            "clerk" => format!("  (unit {})", text(&facts["clerk_unit"])),
            "bank" => format!("  ({BANK})"),
            _ => String::new(),
        };
        lines.push(format!("  {role:<10}  {}{reach}", text(key)));
    }
    if let Some(base) = base {
        lines.extend([
            String::new(),
            format!("open {base} in a browser: it lets you in as any of them (Ctrl-C ends it). Or try:"),
        ]);
        lines.extend(examples(&base, &facts));
    }
    output::result(&lines.join("\n"));
}

/// Lines to paste into a shell.
fn examples(base: &str, facts: &Value) -> Vec<String> {
    let curl = |role: &str, path: &str| {
        let key = facts["keys"][role].as_str().unwrap_or_default();
        format!("  curl -s -H 'Authorization: Bearer {key}' '{base}{path}'")
    };
    let mut lines = vec![
        format!("{} > assessment.html", curl("auditor", "/v1/assessment?cycle=2025-08&format=html")),
        curl("analyst", "/v1/adoption?cycle=2025-08&group_by=unit_level:commune&format=csv"),
        curl("auditor", "/v1/settlement?cycle=2025-08&as_of_day=2025-08-08"),
        curl("clerk", "/v1/payments?cycle=2025-08&limit=5"),
    ];
    if let Some(payment) = facts["payment"].as_str() {
        lines.push(curl("supervisor", &format!("/v1/payments/{payment}")));
    }
    lines.push(curl("auditor", "/v1/events?after=0&limit=10"));
    lines.push(format!("  curl -s '{base}/docs'"));
    lines
}
