//! The store alone: writers that share commits, and the log read back. A part of `chitra bench`, for `cargo bench --bench store`.

mod measure;

use chitra::bench::Measure;

#[tokio::main]
async fn main() {
    measure::measure(&[Measure::GroupCommit, Measure::ReadAll]).await;
}
