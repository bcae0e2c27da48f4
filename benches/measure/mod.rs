//! What the load programs share: running some of `chitra bench`'s measurements on SQLite with the program that cargo built.
//! `CHITRA_BENCH_ROWS`, `CHITRA_BENCH_ROUNDS` and `CHITRA_BENCH_SECONDS` set their sizes.

use chitra::bench::figures::thousandths;
use chitra::bench::{BenchError, Engine, Measure, Plan, run};
use std::io::Write;
use std::path::Path;
use std::time::Duration;

/// A number from the environment, or the default; what is no number ends the program.
fn setting(name: &str, default: u64) -> u64 {
    #[expect(clippy::disallowed_methods, reason = "a load program, not the program")]
    let value = std::env::var(name);
    value.map_or(default, |value| value.parse().unwrap_or_else(|_| panic!("{name} takes a whole number, not {value}")))
}

/// Measures and prints. In cargo's folder, which is on the disk that the build is on.
pub async fn measure(only: &[Measure]) {
    let say = |text: &str| drop(writeln!(std::io::stdout(), "{text}"));
    let normal = Plan::normal();
    let plan = Plan {
        only: only.to_vec(),
        rows: setting("CHITRA_BENCH_ROWS", normal.rows).max(1_000),
        rounds: setting("CHITRA_BENCH_ROUNDS", normal.rounds).max(1),
        time: Duration::from_secs(setting("CHITRA_BENCH_SECONDS", normal.time.as_secs()).max(1)),
        ..normal
    };
    let (program, folder) = (env!("CARGO_BIN_EXE_chitra").into(), Path::new(env!("CARGO_TARGET_TMPDIR")));
    match run(&plan, &Engine::Sqlite, (program, folder), &say).await {
        Ok(measured) => {
            for one in measured {
                let (ours, yardstick, unit) = (one.ours, one.yardstick, one.unit);
                say(&format!(
                    "{}: {ours} {unit}, {} {yardstick}, ratio {}, target {}",
                    one.what,
                    one.against,
                    thousandths(one.ratio),
                    one.target
                ));
            }
        }
        Err(BenchError(reason)) => {
            say(&reason);
            std::process::exit(1);
        }
    }
}
