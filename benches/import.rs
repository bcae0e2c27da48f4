//! Import of a payment file beside a bare insert of the same events, and the projections behind it. A part of `chitra bench`, for `cargo bench --bench import`.

mod measure;

use chitra::bench::Measure;

#[tokio::main]
async fn main() {
    measure::measure(&[Measure::Import, Measure::Projection]).await;
}
