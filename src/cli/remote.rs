//! `chitra import --server`: the file through a running server's API. Plain HTTP: for the same machine or a trusted network.

use super::arguments::{ImportArguments, Kind, Mode};
use super::{Failure, output};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::Read;

/// Uploads the file and answers the server's report.
pub async fn import(server: &str, key: &str, arguments: &ImportArguments) -> Result<Value, Failure> {
    if arguments.errors_to.is_some() {
        return Err(Failure("--errors-to works without --server; over HTTP ask for answer=file".to_owned()));
    }
    let url = url(server, arguments)?;
    let (path, key) = (arguments.file.clone(), key.to_owned());
    let work = tokio::task::spawn_blocking(move || upload(&url, &key, &path));
    work.await?
}

fn url(server: &str, arguments: &ImportArguments) -> Result<String, Failure> {
    if !server.starts_with("http://") {
        return Err(Failure(format!("--server takes an address that begins with http://, not {server}")));
    }
    let kind = match arguments.kind {
        Kind::Payments => "payments",
        Kind::Outcomes => "outcomes",
        Kind::Beneficiaries => "beneficiaries",
        Kind::Identity => "identity",
    };
    let mode = match arguments.mode {
        Mode::All => "all",
        Mode::ValidRows => "valid_rows",
    };
    let mut url =
        format!("{}/v1/imports?kind={kind}&mode={mode}&dry_run={}", server.trim_end_matches('/'), arguments.dry_run);
    if let Some(count) = arguments.control_count {
        url = format!("{url}&control_count={count}");
    }
    if let Some(sum) = &arguments.control_sum {
        let plain = sum.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        if !plain {
            return Err(Failure("--control-sum takes plain digits".to_owned()));
        }
        url = format!("{url}&control_sum={sum}");
    }
    Ok(url)
}

fn upload(url: &str, key: &str, path: &std::path::Path) -> Result<Value, Failure> {
    let open = || File::open(path).map_err(|error| Failure(format!("{}: {error}", path.display())));
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let content_type = match path.extension().and_then(|ending| ending.to_str()) {
        Some("xlsx") => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Some("ndjson" | "jsonl") => "application/x-ndjson",
        _ => "text/csv",
    };
    let request = agent
        .post(url)
        .header("authorization", format!("Bearer {key}"))
        .header("idempotency-key", format!("file-{}", digest(open()?)?))
        .header("content-type", content_type);
    let mut response = request.send(open()?)?;
    let status = response.status();
    if response.headers().contains_key("idempotent-replayed") {
        output::message("this file was recorded before; nothing was recorded again");
    }
    let body: Value = serde_json::from_str(&response.body_mut().read_to_string()?)?;
    if body.get("import_id").is_some() {
        return Ok(body);
    }
    let detail = body["detail"].as_str().unwrap_or("no reason given");
    Err(Failure(format!("the server answered {status}: {detail}")))
}

fn digest(mut file: File) -> Result<String, Failure> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0_u8; 1 << 20];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hasher.update(&buffer[..read]);
    }
    let digest: [u8; 32] = hasher.finalize().into();
    Ok(crate::app::hex::hex(&digest[..16]))
}
