//! `chitra verify` and `chitra rebuild --check`: what they print, and a bar while they work.

use super::arguments::{RebuildArguments, VerifyArguments};
use super::{Failure, Outcome, open, output, proofs};
use crate::app::App;
use crate::app::hex::hex;
use crate::app::verify::replay::{Replay, TableCheck};
use crate::app::verify::{Check, CurrencyTotals, Finding, Findings, Verification};
use crate::clock::SystemClock;
use crate::compose;
use crate::config::Settings;
use crate::domain::audit::Act;
use crate::domain::payment::AttemptState;
use crate::projections::Projection;
use crate::store::OpenMode;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

/// How many findings are printed; `--json` has more.
const FINDINGS_PRINTED_MAX: usize = 20;

/// Checks the whole log.
pub async fn verify(settings: &Settings, arguments: &VerifyArguments) -> Result<Outcome, Failure> {
    let app = open(settings, OpenMode::Beside, false).await?;
    let given = match proofs::given(&app, arguments).await {
        Ok(given) => given,
        Err(failure) => {
            app.store.close().await;
            return Err(failure);
        }
    };
    let bar = bar("events");
    let verified = app.verify_against(given, &|done, of| show(&bar, done, of)).await;
    bar.finish_and_clear();
    if let Ok(verified) = &verified {
        let findings: u64 = Check::ALL.into_iter().map(|check| verified.findings.count(check)).sum();
        let about = [("to_position", verified.head.position.to_string()), ("findings", findings.to_string())];
        app.note_act(Act::LogVerified, None, &about).await;
    }
    app.store.close().await;
    let verified = verified?;
    if arguments.json {
        output::result(&verification_json(&app, &verified).to_string());
    } else {
        print_verification(&app, &verified);
    }
    Ok(if verified.findings.is_empty() { Outcome::Done } else { Outcome::FallsShort })
}

/// Replays projections and recomputes the claims.
pub async fn check(
    settings: &Settings,
    arguments: &RebuildArguments,
    wanted: &[Projection],
) -> Result<Outcome, Failure> {
    let app = open(settings, OpenMode::Beside, false).await?;
    let (mut replays, mut findings) = (Vec::new(), Findings::default());
    for projection in wanted {
        let scratch = compose::scratch(std::sync::Arc::new(SystemClock)).await?;
        let bar = bar(projection.name());
        let replay = app.check_projection(*projection, scratch.as_ref(), &|done, of| show(&bar, done, of)).await;
        bar.finish_and_clear();
        replays.push(replay?);
    }
    let bar = bar("claims");
    let claims = app.verify_claims(&mut findings, &|done, of| show(&bar, done, of)).await;
    bar.finish_and_clear();
    app.store.close().await;
    let claims = claims?;
    let same = replays.iter().all(|replay| replay.first_difference().is_none()) && findings.is_empty();
    if arguments.json {
        let replays: Vec<Value> = replays.iter().map(replay_json).collect();
        let of_claims = check_json(&findings, Check::Claims, json!({"stored": claims}));
        output::result(&json!({"projections": replays, "claims": of_claims, "ok": same}).to_string());
    } else {
        replays.iter().for_each(print_replay);
        print_check(&findings, Check::Claims, &format!("claims: {claims} stored"));
        print_findings(&findings);
    }
    Ok(if same { Outcome::Done } else { Outcome::FallsShort })
}

/// A bar on stderr; nothing where stderr is no terminal.
pub fn bar(what: &str) -> ProgressBar {
    let bar = ProgressBar::no_length();
    if let Ok(style) = ProgressStyle::with_template("{msg} {bar:40} {pos}/{len}  {per_sec}  {eta} left") {
        bar.set_style(style);
    }
    bar.set_message(what.to_owned());
    bar
}

/// Moves a bar.
pub fn show(bar: &ProgressBar, done: u64, of: u64) {
    if bar.length() != Some(of) {
        bar.set_length(of);
    }
    bar.set_position(done);
}

/// The words of a currency's sums, in the order of the equation, each with count and amount in the profile's decimals.
fn sums(app: &App, totals: &CurrencyTotals) -> Vec<(&'static str, i128, String)> {
    let statuses = &totals.statuses;
    let parts = [
        ("instructed", totals.instructed),
        ("settled", statuses.of(AttemptState::Settled)),
        ("open", statuses.open()),
        ("failed", statuses.of(AttemptState::Failed)),
        ("rejected", statuses.of(AttemptState::Rejected)),
        ("returned", statuses.of(AttemptState::Returned)),
        ("cancelled", statuses.of(AttemptState::Cancelled)),
    ];
    let text = |minor: i128| match i64::try_from(minor) {
        Ok(minor) if totals.currency == app.profile.currency.currency => app.profile.currency.format(minor),
        _ => format!("{minor} minor units"),
    };
    parts.into_iter().map(|(word, amount)| (word, amount.count, text(amount.minor))).collect()
}

pub fn verification_json(app: &App, verified: &Verification) -> Value {
    let money = |totals: &CurrencyTotals| {
        let mut object = json!({"currency": totals.currency.as_str()});
        for (word, count, amount) in sums(app, totals) {
            object[word] = json!({"count": i64::try_from(count).unwrap_or(i64::MAX), "amount": amount});
        }
        object
    };
    let checks: Vec<Value> = Check::ALL
        .into_iter()
        .map(|check| check_json(&verified.findings, check, json!({"check": check.as_str()})))
        .collect();
    json!({
        "head": verified.head.position,
        "events": verified.events,
        "streams": verified.streams,
        "log_digest": hex(&verified.log_digest),
        "claims": verified.claims,
        "checkpoints": verified.checkpoints,
        "money": verified.money.iter().map(money).collect::<Vec<_>>(),
        "money_position": verified.figures_position,
        "checks": checks,
        "ok": verified.findings.is_empty(),
    })
}

fn check_json(findings: &Findings, check: Check, mut object: Value) -> Value {
    let finding =
        |finding: &Finding| json!({"position": finding.position, "stream": finding.stream, "message": finding.message});
    object["ok"] = json!(findings.count(check) == 0);
    object["findings"] = json!(findings.count(check));
    object["first"] = findings.first(check).iter().map(finding).collect();
    object
}

pub fn print_verification(app: &App, verified: &Verification) {
    let Verification { events, streams, claims, checkpoints, .. } = verified;
    output::result(&format!("{events} events in {streams} streams, {claims} claims, {checkpoints} checkpoints"));
    output::result(&format!("log digest {} at position {}", hex(&verified.log_digest), verified.head.position));
    for totals in &verified.money {
        let words: Vec<String> =
            sums(app, totals).into_iter().map(|(word, count, amount)| format!("{word} {amount} ({count})")).collect();
        let (whole, parts) = words.split_first().map_or(("", &[][..]), |(whole, parts)| (whole.as_str(), parts));
        output::result(&format!("{}: {whole} = {}", totals.currency, parts.join(" + ")));
    }
    let behind = verified.head.position.saturating_sub(verified.figures_position);
    if behind > 0 {
        output::message(&format!(
            "the figures are {behind} events behind; money was compared at position {}",
            verified.figures_position
        ));
    }
    for check in Check::ALL {
        print_check(&verified.findings, check, check.as_str());
    }
    print_findings(&verified.findings);
}

fn print_check(findings: &Findings, check: Check, words: &str) {
    let count = findings.count(check);
    output::result(&if count == 0 { format!("ok      {words}") } else { format!("FAILED  {words}: {count} findings") });
}

fn print_findings(findings: &Findings) {
    let all = Check::ALL.into_iter().flat_map(|check| findings.first(check));
    for finding in all.take(FINDINGS_PRINTED_MAX) {
        let position = finding.position.map(|position| format!("position {position}: ")).unwrap_or_default();
        let stream = finding.stream.as_ref().map(|stream| format!("{stream}: ")).unwrap_or_default();
        output::result(&format!("  {}: {position}{stream}{}", finding.check.as_str(), finding.message));
    }
    let count: u64 = Check::ALL.into_iter().map(|check| findings.count(check)).sum();
    let more = count.saturating_sub(FINDINGS_PRINTED_MAX as u64);
    if more > 0 {
        output::message(&format!("... and {more} more; --json has up to 20 of each check"));
    }
}

fn replay_json(replay: &Replay) -> Value {
    let table = |table: &TableCheck| {
        json!({
            "table": table.table,
            "ok": table.same(),
            "rows": table.stored.rows,
            "rows_replayed": table.replayed.rows,
            "digest": hex(&table.stored.digest),
            "digest_replayed": hex(&table.replayed.digest),
        })
    };
    json!({
        "projection": replay.projection.name(),
        "position": replay.position,
        "ok": replay.first_difference().is_none(),
        "tables": replay.tables.iter().map(table).collect::<Vec<_>>(),
    })
}

fn print_replay(replay: &Replay) {
    let (name, position) = (replay.projection.name(), replay.position);
    let rows: u64 = replay.tables.iter().map(|table| table.stored.rows).sum();
    output::result(&match replay.first_difference() {
        None => format!(
            "ok      {name}: {} tables with {rows} rows are what a replay to position {position} gives",
            replay.tables.len()
        ),
        Some(table) => format!(
            "FAILED  {name}: table {} differs from a replay to position {position} ({} rows stored, {} replayed)",
            table.table, table.stored.rows, table.replayed.rows
        ),
    });
}
