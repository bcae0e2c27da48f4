//! TLS of the program's own ports: new certificates without a restart, bad ones that change nothing, and ports that are refused in clear.

use crate::support::engine::Engine;
use crate::support::office::{Office, text};
use crate::support::on_both_engines;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use ureq::http::HeaderMap;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

on_both_engines!(
    a_server_speaks_tls_and_takes_a_new_certificate_at_a_signal,
    a_port_that_others_reach_in_clear_is_refused,
    a_pair_that_does_not_fit_keeps_the_server_from_starting,
);

/// A certificate that signs itself, for localhost, into NAME.crt and NAME.key.
fn certificate(office: &Office, name: &str) {
    let (key, crt) = (office.path(&format!("{name}.key")), office.path(&format!("{name}.crt")));
    let mut openssl = Command::new("openssl");
    openssl.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-days", "2"]);
    openssl.args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]);
    openssl.args(["-addext", "basicConstraints=critical,CA:FALSE"]);
    let done = openssl.arg("-keyout").arg(key).arg("-out").arg(crt).output().unwrap();
    assert!(done.status.success(), "{}", text(&done.stderr));
}

/// Puts a pair where the server looks for it.
fn place(office: &Office, name: &str) {
    for kind in ["crt", "key"] {
        fs::copy(office.path(&format!("{name}.{kind}")), office.path(&format!("server.{kind}"))).unwrap();
    }
}

/// What a server answers to whoever trusts this certificate alone; `None` when it shows another.
async fn ask(address: &str, path: &str, certificate: &Path) -> Option<(HeaderMap, String)> {
    let (url, pem) = (format!("{address}{path}"), fs::read(certificate).unwrap());
    let asking = move || {
        let trusted = Certificate::from_pem(&pem).unwrap();
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::Specific(Arc::new(vec![trusted])))
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let agent: ureq::Agent = ureq::Agent::config_builder().tls_config(tls).proxy(None).build().into();
        let mut answer = agent.get(&url).call().ok()?;
        let body = answer.body_mut().read_to_string().unwrap();
        Some((answer.headers().clone(), body))
    };
    tokio::task::spawn_blocking(asking).await.unwrap()
}

/// Asks until the server shows a certificate, or for ten seconds.
async fn shows(address: &str, certificate: &Path) -> bool {
    for _ in 0..100 {
        if ask(address, "/healthz", certificate).await.is_some() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    false
}

async fn a_server_speaks_tls_and_takes_a_new_certificate_at_a_signal(engine: Engine) {
    let office = Office::on(engine).await;
    for name in ["first", "second"] {
        certificate(&office, name);
    }
    place(&office, "first");
    let (first, second) = (office.path("first.crt"), office.path("second.crt"));
    let (mut serving, address) =
        office.serve_under(&["env", "CHITRA_TLS_CERT=server.crt", "CHITRA_TLS_KEY=server.key"]);
    assert!(address.starts_with("https://127.0.0.1:"), "{address}");
    let (headers, _) = ask(&address, "/healthz", &first).await.unwrap();
    assert_eq!(headers["strict-transport-security"], "max-age=31536000");
    // Cookies go back for TLS alone, on this machine's own address too.
    let (headers, _) = ask(&address, "/sign-in", &first).await.unwrap();
    let cookie = headers["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Host-") && cookie.contains("; Secure"), "{cookie}");
    assert!(ask(&address, "/healthz", &second).await.is_none());
    let listen = format!("CHITRA_LISTEN={}", address.trim_start_matches("https://"));
    let ready = office.run_under(&["env", &listen, "CHITRA_TLS_CERT=server.crt"], &["health"]);
    assert_eq!(text(&ready.stdout), "ready\n", "{}", text(&ready.stderr));

    place(&office, "second");
    hang_up(serving.id());
    assert!(shows(&address, &second).await, "the new certificate is shown: {}", serving.log());

    fs::write(office.path("server.crt"), "no certificate").unwrap();
    hang_up(serving.id());
    assert!(refused(&address, &second, 1).await, "{}", serving.log());
    assert!(serving.log().contains("no certificate in PEM form"), "{}", serving.log());
    // A key of another certificate is no better; the pair that is whole again is.
    place(&office, "first");
    fs::copy(office.path("second.key"), office.path("server.key")).unwrap();
    hang_up(serving.id());
    assert!(shows(&address, &second).await, "{}", serving.log());
    place(&office, "first");
    hang_up(serving.id());
    assert!(shows(&address, &first).await, "{}", serving.log());
    assert!(refused(&address, &first, 0).await);
    assert!(serving.terminate().success());
}

fn hang_up(process: u32) {
    let done = Command::new("kill").args(["-HUP", &process.to_string()]).status().unwrap();
    assert!(done.success());
}

/// Whether the metrics come to say so, within ten seconds.
async fn refused(address: &str, certificate: &Path, value: u32) -> bool {
    let line = format!("\nchitra_tls_certificate_refused {value}\n");
    for _ in 0..100 {
        if ask(address, "/metrics", certificate).await.unwrap().1.contains(&line) {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    false
}

async fn a_port_that_others_reach_in_clear_is_refused(engine: Engine) {
    let office = Office::on(engine).await;
    let refused = office.run(&["serve", "--listen", "0.0.0.0:0"]);
    assert_eq!(refused.status.code(), Some(1));
    let said = text(&refused.stderr);
    assert!(said.contains("--tls-cert") && said.contains("--behind-proxy"), "{said}");
    let wrong = office.run_under(&["env", "CHITRA_BEHIND_PROXY=perhaps"], &["serve"]);
    assert!(text(&wrong.stderr).contains("CHITRA_BEHIND_PROXY"), "{}", text(&wrong.stderr));
    let ready = office.path("ready");
    let mut command = office.command(&["serve", "--listen", "0.0.0.0:0", "--behind-proxy", "--ready-file", "ready"]);
    let mut child = command.spawn().unwrap();
    while !ready.exists() {
        assert_eq!(child.try_wait().unwrap(), None);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(fs::read_to_string(ready).unwrap().starts_with("http://0.0.0.0:"));
    child.kill().unwrap();
    child.wait().unwrap();
}

async fn a_pair_that_does_not_fit_keeps_the_server_from_starting(engine: Engine) {
    let office = Office::on(engine).await;
    for name in ["first", "second"] {
        certificate(&office, name);
    }
    for (certificate, key, why) in [
        ("first.crt", "second.key", "cannot be used together"),
        ("first.key", "first.key", "holds no certificate"),
        ("first.crt", "nowhere.key", "nowhere.key cannot be read"),
    ] {
        let refused = office.run(&["serve", "--tls-cert", certificate, "--tls-key", key]);
        assert_eq!(refused.status.code(), Some(1));
        assert!(text(&refused.stderr).contains(why), "{}", text(&refused.stderr));
    }
    assert_eq!(office.run(&["serve", "--tls-cert", "first.crt"]).status.code(), Some(2));
}
