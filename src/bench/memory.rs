//! What a server takes of memory: when idle, and at most while it imports.

use super::figures::{Measured, Target};
use super::place::Engine;
use super::{BenchError, Run, files};
use std::time::Duration;

/// How long a server that has just begun is left alone before it is looked at.
const SETTLING: Duration = Duration::from_millis(500);
/// In kilobytes.
const IDLE_MAX: u64 = 25 * 1024;
const IMPORTING_MAX: u64 = 400 * 1024;
/// To whom the payments are: more rows are more of their months.
const PEOPLE_MAX: u64 = 1_000_000;

pub async fn memory(run: &Run<'_>, engine: &Engine) -> Result<Vec<Measured>, BenchError> {
    let place = run.place(engine, "memory").await?;
    let (folder, rows) = (run.ground.folder(), run.plan.memory_rows);
    let people = rows.div_ceil(2).min(PEOPLE_MAX);
    let file = files::people(folder, people)?;
    place.run(&["import", "--kind", "beneficiaries", &file.to_string_lossy()]).await?;
    let key = place.run(&["keys", "create", "--role", "supervisor"]).await?;
    let server = place.serve().await?;
    tokio::time::sleep(SETTLING).await;
    let Some(idle) = server.kilobytes("VmRSS:") else {
        run.tell("memory: this operating system does not tell how much a process has; left out");
        drop(server);
        place.remove().await?;
        return Ok(Vec::new());
    };
    let mut peaks = Vec::new();
    for (name, rows, from) in [("M1", rows / 10, 0), ("M2", rows, 2)] {
        let file = files::payments(folder, name, (rows, people, from))?;
        let (path, address) = (file.to_string_lossy().into_owned(), format!("http://{}", server.address));
        place.run(&["import", "--kind", "payments", &path, "--server", &address, "--key", &key]).await?;
        peaks.push(server.kilobytes("VmHWM:").unwrap_or(0));
        std::fs::remove_file(file)?;
    }
    drop(server);
    place.remove().await?;
    let (early, peak) = (peaks[0], peaks[1]);
    run.tell(&format!("memory: idle {idle} kB, at most {early} kB after {} rows, {peak} kB after {rows}", rows / 10));
    let importing =
        Measured::new("memory", "a server's peak while it imports", (peak, IMPORTING_MAX), Target::AtMost(1_000));
    let note = format!("{rows} rows; {early} kB after a tenth of them");
    let idling = Measured::new("memory_idle", "a server at rest", (idle, IDLE_MAX), Target::AtMost(1_000));
    Ok(vec![importing.of("kB", "400 MB").noted(note), idling.of("kB", "25 MB")])
}
