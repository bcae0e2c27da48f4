//! `chitra backup`, `restore`, `export` and `import-log`: a whole log out of a database and into another.

use super::arguments::{BackupArguments, ExportArguments, ImportLogArguments, RestoreArguments};
use super::{Failure, Outcome, check, open_to_write, output};
use crate::app::archive::{Closing, backup, export, import_log, restore};
use crate::app::audit::note_act;
use crate::clock::SystemClock;
use crate::compose::{self, Bare};
use crate::config::Settings;
use crate::domain::audit::Act;
use crate::store::{OpenMode, migrations};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use tempfile::NamedTempFile;

/// Writes a backup.
pub async fn backup(settings: &Settings, arguments: &BackupArguments) -> Result<Outcome, Failure> {
    let partial = Partial::beside(&arguments.file)?;
    let log = compose::bare(&settings.database, OpenMode::Beside, Arc::new(SystemClock)).await?;
    let bar = check::bar("events");
    let out = BufWriter::new(partial.file()?);
    let written = backup::write(log.archives.as_ref(), out, &|done, of| check::show(&bar, done, of)).await;
    bar.finish_and_clear();
    if let Ok((_, closing)) = &written {
        noted(&log, Act::BackupWritten, closing.position).await;
    }
    log.archives.close_archive().await;
    let (out, closing) = written?;
    let bytes = partial.finish(out, &arguments.file)?;
    let mut answer = closing_json(&closing);
    answer["file"] = json!(arguments.file.display().to_string());
    answer["bytes"] = json!(bytes);
    if arguments.json {
        output::result(&answer.to_string());
    } else {
        output::result(&format!("{} ({bytes} bytes)", arguments.file.display()));
        output::result(&format!("log digest {} at position {}", closing.log_digest, closing.position));
    }
    output::message("the master key is not in the backup: keep a copy of it, apart from this file");
    Ok(Outcome::Done)
}

/// The whole log left its database: for the audit.
async fn noted(log: &Bare, act: Act, position: u64) {
    let about = [("to_position", position.to_string())];
    note_act((log.registry.as_ref(), &SystemClock), act, None, &about).await;
}

/// Fills an empty database from a backup.
pub async fn restore(settings: &Settings, arguments: &RestoreArguments) -> Result<Outcome, Failure> {
    if arguments.verify {
        // Before anything is written: what cannot be verified is not begun.
        compose::master_key(settings, false, &SystemClock)?;
    }
    let input = BufReader::new(opened(&arguments.file)?);
    let log = open_to_fill(settings, "restore").await?;
    let bar = check::bar("events");
    let read = restore::read(log.to_fill(), input, &|done, of| check::show(&bar, done, of)).await;
    bar.finish_and_clear();
    log.archives.close_archive().await;
    let closing = read?;
    let (outcome, verified) = if arguments.verify {
        let verified = verify(settings, arguments, &closing).await;
        verified.map_err(|Failure(reason)| {
            Failure(format!("the backup is restored, but could not be verified: {reason}"))
        })?
    } else {
        (Outcome::Done, Value::Null)
    };
    if arguments.json {
        let mut answer = closing_json(&closing);
        answer["verified"] = verified;
        output::result(&answer.to_string());
    } else {
        output::result(&format!("restored: log digest {} at position {}", closing.log_digest, closing.position));
    }
    Ok(outcome)
}

/// Builds the figures and checks everything; the log must be the one that the backup states.
async fn verify(
    settings: &Settings,
    arguments: &RestoreArguments,
    closing: &Closing,
) -> Result<(Outcome, Value), Failure> {
    let app = open_to_write(settings, "restore", false).await?;
    let bar = check::bar("checked");
    let verified = match app.catch_up().await {
        Ok(()) => app.verify(&|done, of| check::show(&bar, done, of)).await,
        Err(error) => Err(error),
    };
    bar.finish_and_clear();
    app.store.close().await;
    let verified = verified?;
    if !arguments.json {
        check::print_verification(&app, &verified);
    }
    let same = restore::is_of(closing, verified.head.position, &verified.log_digest);
    if !same {
        output::message("the restored log is not the one that the backup states");
    }
    let outcome = if same && verified.findings.is_empty() { Outcome::Done } else { Outcome::FallsShort };
    Ok((outcome, check::verification_json(&app, &verified)))
}

/// Writes the log as lines.
pub async fn export(settings: &Settings, arguments: &ExportArguments) -> Result<Outcome, Failure> {
    let to_stdout = arguments.file == Path::new("-");
    let partial = if to_stdout { None } else { Some(Partial::beside(&arguments.file)?) };
    let log = compose::bare(&settings.database, OpenMode::Beside, Arc::new(SystemClock)).await?;
    let mut out: BufWriter<Box<dyn Write + Send>> = BufWriter::new(match &partial {
        Some(partial) => Box::new(partial.file()?),
        None => Box::new(io::stdout()),
    });
    let bar = check::bar("events");
    let whole = (log.store.as_ref(), log.archives.log_id());
    let exported = export::write(whole, arguments.from, &mut out, &|done, of| check::show(&bar, done, of)).await;
    bar.finish_and_clear();
    if let Ok(exported) = &exported {
        noted(&log, Act::LogExported, exported.position).await;
    }
    log.archives.close_archive().await;
    let exported = exported?;
    if let Some(partial) = partial {
        partial.finish(out, &arguments.file)?;
    }
    let text = if arguments.json {
        let position = exported.position;
        json!({"events": exported.events, "position": position, "log_digest": exported.log_digest}).to_string()
    } else {
        let digest = exported.log_digest.map(|digest| format!(", log digest {digest}")).unwrap_or_default();
        format!("{} events to position {}{digest}", exported.events, exported.position)
    };
    let say = if to_stdout { output::message } else { output::result };
    say(&text);
    Ok(Outcome::Done)
}

/// Fills an empty log from lines.
pub async fn import_log(settings: &Settings, arguments: &ImportLogArguments) -> Result<Outcome, Failure> {
    let input: Box<dyn BufRead + Send> = if arguments.file == Path::new("-") {
        Box::new(BufReader::new(io::stdin()))
    } else {
        Box::new(BufReader::with_capacity(1 << 16, opened(&arguments.file)?))
    };
    let log = open_to_fill(settings, "import-log").await?;
    let bar = check::bar("events");
    // How many lines there are is known at the end.
    let tell = |done, _| bar.set_position(done);
    let read = import_log::read(log.to_fill(), input, arguments.digest.as_deref(), &tell).await;
    bar.finish_and_clear();
    log.archives.close_archive().await;
    let read = read?;
    output::result(&if arguments.json {
        json!({"events": read.events, "claims": read.claims, "log_digest": read.log_digest}).to_string()
    } else {
        format!("{} events, {} claims, log digest {}", read.events, read.claims, read.log_digest)
    });
    output::message(
        "lines hold the events alone: no vault, API keys, reports of imports or idempotency keys came with them",
    );
    Ok(Outcome::Done)
}

async fn open_to_fill(settings: &Settings, command: &str) -> Result<Bare, Failure> {
    migrations::migrate(&settings.database).await?;
    let holder = format!("`chitra {command}` (process {})", std::process::id());
    Ok(compose::bare(&settings.database, OpenMode::Writer { holder }, Arc::new(SystemClock)).await?)
}

fn opened(path: &Path) -> Result<File, Failure> {
    File::open(path).map_err(|error| Failure(format!("{}: {error}", path.display())))
}

fn closing_json(closing: &Closing) -> Value {
    json!({"position": closing.position, "log_digest": closing.log_digest, "rows": closing.rows})
}

/// A file that gets its name when it is whole and on the disk. Dropped before, it is gone. Only its owner reads it.
struct Partial {
    file: NamedTempFile,
}

impl Partial {
    fn beside(target: &Path) -> Result<Self, Failure> {
        if target.exists() {
            return Err(Failure(format!("{} is there already; name a file that is not", target.display())));
        }
        let file = tempfile::Builder::new().prefix(".chitra-").suffix(".partial").tempfile_in(folder_of(target));
        Ok(Self { file: file.map_err(|error| Failure(format!("{}: {error}", target.display())))? })
    }

    fn file(&self) -> Result<File, Failure> {
        Ok(self.file.as_file().try_clone()?)
    }

    /// Syncs, names, and syncs the folder, which holds the name. Answers the size.
    fn finish(self, mut out: impl Write, target: &Path) -> Result<u64, Failure> {
        out.flush()?;
        self.file.as_file().sync_all()?;
        let bytes = self.file.as_file().metadata()?.len();
        self.file
            .persist_noclobber(target)
            .map_err(|error| Failure(format!("{}: {}", target.display(), error.error)))?;
        File::open(folder_of(target))?.sync_all()?;
        Ok(bytes)
    }
}

fn folder_of(target: &Path) -> &Path {
    target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}
