//! `chitra inbox watch`: banks' files out of a folder, as a process of its own. Beside a server on SQLite it is `chitra serve --inbox`.

use super::serve::wait_for_signal;
use super::{Failure, Outcome, open_to_write, output};
use crate::app::App;
use crate::app::banks::folder::{self, TakenFile, WaitingFile};
use crate::app::runner::Runner;
use crate::config::Settings;
use clap::Subcommand;
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
}

/// Watches, or looks once.
pub async fn inbox(settings: &Settings, command: &InboxCommand) -> Result<Outcome, Failure> {
    let InboxCommand::Watch { dir, once } = command;
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
