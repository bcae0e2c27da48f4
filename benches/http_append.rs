//! Single durable appends over HTTP with 64 connections, beside the same server recording nothing. A part of `chitra bench`, for `cargo bench --bench http_append`.

mod measure;

use chitra::bench::Measure;

#[tokio::main]
async fn main() {
    measure::measure(&[Measure::Append]).await;
}
