//! TLS to a PostgreSQL server that takes nothing else, with certificates of the test's own making.

use crate::support::office::text;
use crate::support::postgres::{Cluster, Tls};
use std::path::Path;
use std::process::{Command, Output};

/// The program without a key in the database's folder: it makes one.
fn migrate(folder: &Path, url: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chitra"));
    command.current_dir(folder).env_clear().args(["--master-key-file", "key", "--database", url, "migrate"]);
    command.output().unwrap()
}

fn assert_refused(folder: &Path, url: &str, why: &[&str]) {
    let output = migrate(folder, url);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{url}: {said}");
    assert!(why.iter().any(|why| said.to_lowercase().contains(why)), "{url}: {said}");
    assert!(!said.contains("s3cret"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_is_trusted_by_its_authority_and_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let tls = Tls::make(folder.path());
    let cluster = Cluster::start_with_tls(&tls);
    cluster.make_database("chitra").await;
    let url = |host: &str, query: &str| format!("postgres://chitra:s3cret@{host}:{}/chitra?{query}", tls.port);
    let full = |authority: &Path| format!("sslmode=verify-full&sslrootcert={}", authority.display());

    let done = migrate(folder.path(), &url("localhost", &full(&tls.authority)));
    assert!(done.status.success(), "{}", text(&done.stderr));
    assert!(cluster.has_table("chitra", "events").await, "it was this server");
    // Another authority, and no authority that the machine knows.
    assert_refused(folder.path(), &url("localhost", &full(&tls.other_authority)), &["certificate"]);
    assert_refused(folder.path(), &url("localhost", "sslmode=verify-full"), &["certificate"]);
    // The right authority, and another name than the certificate's.
    assert_refused(folder.path(), &url("127.0.0.1", &full(&tls.authority)), &["not valid for name", "certificate"]);
    let by_authority = format!("sslmode=verify-ca&sslrootcert={}", tls.authority.display());
    assert!(migrate(folder.path(), &url("127.0.0.1", &by_authority)).status.success(), "the name alone was wrong");
    assert_refused(
        folder.path(),
        &url("127.0.0.1", &by_authority.replace("authority", "other-authority")),
        &["certificate"],
    );
    // Without TLS nothing goes in, and `prefer`, the default, finds that out by itself.
    assert_refused(folder.path(), &url("localhost", "sslmode=disable"), &["encryption"]);
    assert!(migrate(folder.path(), &url("localhost", "sslmode=require")).status.success());
    assert!(migrate(folder.path(), &url("localhost", "sslmode=prefer")).status.success());
}
