//! What the load programs share: running some of `chitra bench`'s measurements on SQLite with the program that cargo built.

use chitra::bench::figures::thousandths;
use chitra::bench::{BenchError, Engine, Measure, Plan, run};
use std::io::Write;
use std::path::Path;

/// Measures and prints. In cargo's folder, which is on the disk that the build is on.
pub async fn measure(only: &[Measure]) {
    let say = |text: &str| drop(writeln!(std::io::stdout(), "{text}"));
    let plan = Plan { only: only.to_vec(), ..Plan::normal() };
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
