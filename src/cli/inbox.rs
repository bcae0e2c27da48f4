//! `chitra inbox`: banks' files out of a folder, as a process of its own (beside a server on SQLite it is `chitra serve --inbox`), and items
//! that wait, judged again.

use super::serve::wait_for_signal;
use super::{Failure, Outcome, open_to_write, output};
use crate::app::App;
use crate::app::access::Principal;
use crate::app::banks::folder::{self, TakenFile, WaitingFile};
use crate::app::runner::Runner;
use crate::config::Settings;
use crate::domain::ids::InboxId;
use crate::domain::inbox::{AgainVerdict, REST};
use clap::Subcommand;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

const WATCH_HELP: &str = "\
Each registered bank has a folder of its own in DIR, named by its id: DIR/vcb/statement.xml. A file that was not written to for two
seconds is taken as if the bank had sent it, and moved to DIR/.done/vcb/; one that is no message of the bank goes to DIR/.failed/vcb/ with
its reason beside it. Names that begin with a dot, or end in .part, .tmp or .partial, are passed over. A file counts before it moves: after
a crash it is taken again, with the effect of once. Whoever may write into a bank's folder speaks for that bank: guard it, and let nobody
but this program write into DIR itself. All of DIR lies on one file system. Links are never followed: one in place of a file or a folder is
left, and said in the log.

With SQLite only one process writes: `chitra serve --inbox DIR` watches as part of the server.
Exit code of --once: 0 when every file was taken, 1 when one was refused or could not be dealt with.";

/// What can be done with the folder.
#[derive(Debug, Subcommand)]
pub enum InboxCommand {
    /// Take files as they come, until told to stop
    #[command(after_help = WATCH_HELP)]
    Watch {
        /// The folder with the banks' folders in it
        dir: PathBuf,
        /// Take what is there, however new, and end
        #[arg(long)]
        once: bool,
    },
    /// Judge items again that wait: by what their bank's codes mean now, and what is known now
    Judge {
        /// The message's id: `/v1/inbox`, or the answer to its bank
        message: String,
        /// An item; several if given again [default: all that wait]
        #[arg(long, value_name = "N")]
        item: Vec<u64>,
        /// Say what would become of them, and record nothing
        #[arg(long)]
        dry_run: bool,
    },
}

/// Watches, or looks once.
pub async fn inbox(settings: &Settings, command: &InboxCommand) -> Result<Outcome, Failure> {
    let (dir, once) = match command {
        InboxCommand::Watch { dir, once } => (dir, once),
        InboxCommand::Judge { message, item, dry_run } => {
            let id = InboxId::parse(message).map_err(|_| Failure(format!("{message} is no message's id")))?;
            let items: BTreeSet<u64> = item.iter().copied().collect();
            let app = open_to_write(settings, "inbox", true).await?;
            let runner = Runner::start(&app);
            let done = judge(&app, id, (Some(&items).filter(|items| !items.is_empty()), *dry_run)).await;
            runner.stop().await;
            app.store.close().await;
            return done;
        }
    };
    if !dir.is_dir() {
        return Err(Failure(format!("{} is no folder", dir.display())));
    }
    let app = open_to_write(settings, "inbox", true).await?;
    let runner = Runner::start(&app);
    let outcome = if *once { look_once(&app, dir).await } else { watch_on(&app, dir).await };
    runner.stop().await;
    app.store.close().await;
    outcome
}

/// Who acts, in the log.
const ACTOR: &str = "command-line";

async fn judge(app: &App, id: InboxId, (items, dry_run): (Option<&BTreeSet<u64>>, bool)) -> Result<Outcome, Failure> {
    let principal = Principal::local(ACTOR);
    let again = app.rehearse_again(&principal, id, items).await?;
    // What does not wait is refused where something would be recorded, before anything is said of the others.
    if !dry_run && (items.is_some() || !again.items.is_empty()) {
        app.judge_again(&app.own_request(&principal, "inbox"), id, items).await?;
    }
    for item in items.into_iter().flatten().filter(|item| again.items.iter().all(|one| one.item != **item)) {
        output::result(&format!("item {item} does not wait"));
    }
    for one in &again.items {
        let word = match one.verdict {
            AgainVerdict::Applied => "applied",
            AgainVerdict::NoOp => "no_op",
            AgainVerdict::WaitsAnew => "waits_anew",
        };
        output::result(&format!("item {} {word}", one.item));
    }
    let of_rests = again.rests.iter().flat_map(|(_, judged)| judged.quarantined.iter().chain(&judged.parts));
    for part in again.parts.iter().chain(of_rests) {
        let payment = part.payment_id.map_or_else(String::new, |id| format!(" payment {id}"));
        output::result(&format!("waits {}{payment}", part.cause));
    }
    for rest in again.rests.iter().filter_map(|(_, judged)| judged.rest) {
        output::result(&format!("waits {REST} from item {}: {}", rest.from, rest.items));
    }
    Ok(Outcome::Done)
}

async fn look_once(app: &App, dir: &std::path::Path) -> Result<Outcome, Failure> {
    let mut outcome = Outcome::Done;
    let look = app.take_files(dir, Duration::ZERO).await?;
    for WaitingFile { path, reason, .. } in look.waiting {
        output::result(&format!("{} waits: {reason}", path.display()));
        outcome = Outcome::FallsShort;
    }
    for TakenFile { path, outcome: file, .. } in look.taken {
        match file {
            Ok(id) => output::result(&format!("{} is message {id}", path.display())),
            Err(code) => {
                output::result(&format!("{} is refused: {code}", path.display()));
                outcome = Outcome::FallsShort;
            }
        }
    }
    Ok(outcome)
}

async fn watch_on(app: &Arc<App>, dir: &std::path::Path) -> Result<Outcome, Failure> {
    let stop = watch::Sender::new(false);
    let task = tokio::spawn(folder::watch(Arc::clone(app), dir.to_owned(), stop.subscribe()));
    wait_for_signal().await?;
    stop.send_replace(true);
    task.await?;
    Ok(Outcome::Done)
}
