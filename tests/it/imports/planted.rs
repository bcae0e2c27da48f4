//! Nothing personal leaves the vault: unmistakable values are planted through every door, then looked for everywhere else.

use super::upload;
use crate::support::app::{TestApp, spawn_at};
use crate::support::engine::{Engine, Home};
use crate::support::postgres;
use crate::support::verbs::{WARD, rejected, settled, with};
use chitra::app::access::Role;
use chitra::app::hex::hex;
use chitra::domain::profile::Profile;
use chitra::store::RecordedEvent;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use tracing_subscriber::EnvFilter;

/// Values of people that must stand nowhere but in the vault.
const PLANTED: [&str; 18] = [
    "Quỳnh-Planted",
    "QUYNH-FILE",
    "049255987601",
    "049255987602",
    "049255987603",
    "049255987605",
    "4955598763",
    "4955598761",
    "4955598762",
    "0099887766551",
    "0099887766552",
    "0099887766553",
    "REF-PLANTED-1",
    "REF-PLANTED-2",
    "REF-PLANTED-3",
    "9704369988776655",
    "49255987604",
    "1.29876E+12",
];

/// The log of the program, kept in memory.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// All that was answered, and how many answers there were.
#[derive(Default)]
struct Said(String, usize);

impl Said {
    fn add(&mut self, answer: &crate::support::client::Answer) {
        use std::fmt::Write;
        self.1 += 1;
        self.0.push_str(&answer.text());
        for (name, value) in &answer.headers {
            writeln!(self.0, "{name}: {}", value.to_str().unwrap_or("")).unwrap();
        }
    }
}

#[tokio::test]
async fn planted_values_stand_in_no_event_answer_report_or_log() {
    let kept = Kept::default();
    let writer = kept.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new("trace,sqlx=debug"))
        .with_writer(move || writer.clone());
    // Only this test sets one in this binary; what other tests log is looked through too.
    subscriber.try_init().unwrap();
    tracing::info!("the log is kept");
    for engine in [Engine::SqliteFile, Engine::Postgres] {
        let home = Home::new(engine).await;
        let files = home
            .url
            .strip_prefix("sqlite:")
            .map(|path| [path.to_owned(), format!("{path}-wal"), format!("{path}-views"), format!("{path}-views-wal")]);
        let test = spawn_at(home, Profile::vietnam()).await;
        let mut said = Said::default();
        let person = over_http(&test, &mut said).await;
        in_files(&test, &mut said).await;
        read_all(&test, &mut said).await;
        assert_eq!(test.events_after(0).await.len(), 19, "all that was meant to be recorded so far");
        in_every_field(&test, &person, &mut said).await;
        shown_and_erased(&test, &person, (&mut said, files.as_ref())).await;
        let looked_through = stand_nowhere(&test, &said, &kept).await;
        let stored = match engine {
            Engine::Postgres => rows_hold_none(&test).await,
            Engine::SqliteFile | Engine::SqliteMemory => bytes_of(files.as_ref()).chars().count(),
        };
        let found = format!("{looked_through}, {stored} bytes of the database: found nowhere");
        writeln!(io::stderr(), "planted values on {engine:?}: {found}").unwrap();
    }
}

/// Looks for each planted value in all events, answers and the program's log; how much that was.
async fn stand_nowhere(test: &TestApp, said: &Said, kept: &Kept) -> String {
    let log = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("the log is kept"));
    let events = test.events_after(0).await;
    for planted in PLANTED {
        for event in &events {
            let content = [event.data.as_slice(), event.metadata.as_slice(), event.stream.as_bytes()].concat();
            assert!(
                !String::from_utf8_lossy(&content).contains(planted),
                "{planted} in the event at {}",
                event.position
            );
        }
        let place =
            said.0.find(planted).map(|at| said.0.chars().skip(at.saturating_sub(300)).take(400).collect::<String>());
        assert_eq!(place, None, "{planted} was answered");
        assert!(!log.contains(planted), "{planted} in the program's log");
    }
    format!(
        "{} values in {} events, {} answers ({} bytes), {} bytes of the program's log",
        PLANTED.len(),
        events.len(),
        said.1,
        said.0.len(),
        log.len()
    )
}

/// Looks for each planted value in every row of every table of PostgreSQL, as text and as bytes; how much text that was.
async fn rows_hold_none(test: &TestApp) -> usize {
    let mut connection = postgres::connect(&test.home.url).await;
    let tables = "SELECT quote_ident(table_name) FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'";
    let names: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut connection).await.unwrap();
    assert!(names.iter().any(|name| name == "vault_records") && names.len() > 20, "{names:?}");
    let mut size = 0;
    for name in names {
        let rows = AssertSqlSafe(format!("SELECT t::text FROM {name} AS t"));
        let rows: Vec<String> = sqlx::query_scalar(rows).fetch_all(&mut connection).await.unwrap();
        for row in rows {
            size += row.len();
            for planted in PLANTED {
                let bytes = hex(planted.as_bytes());
                assert!(!row.contains(planted) && !row.contains(&bytes), "{planted} in {name}");
            }
        }
    }
    size
}

/// Everything that a clerk sends; the first person's pseudonym.
async fn over_http(test: &TestApp, said: &mut Said) -> String {
    let client = test.supervisor();
    let person = json!({"beneficiary_ref": "REF-PLANTED-1", "personal_id": "049255987601", "si_number": "4955598761", "name": "Quỳnh-Planted",
        "unit": WARD, "channel": "account", "bank": "vcb", "account": "0099887766551", "effective_month": "2025-01"});
    let made = client.post("/v1/beneficiaries", "a", &person).await.is(201);
    let id = made.body["beneficiary_id"].as_str().unwrap().to_owned();
    said.add(&made);
    said.add(&client.post("/v1/beneficiaries", "a", &person).await.is(201));
    said.add(&client.post("/v1/beneficiaries", "b", &person).await.refused(409, "identifier-taken"));
    let order = |reference: &str, more: &Value| {
        let order = json!({"payment_reference": reference, "personal_id": "049255987601", "benefit_type": "pension", "cycle": "2025-03", "amount": "5000000"});
        crate::support::verbs::with(order, more)
    };
    let payment = client
        .post("/v1/payments", "c", &order("P-1", &json!({"account": "0099887766552", "bank": "bidv"})))
        .await
        .is(201);
    let payment_id = payment.body["payment_id"].as_str().unwrap().to_owned();
    said.add(&payment);
    for (key, more) in [
        ("d", json!({})),
        ("e", json!({"personal_id": "049255987602"})),
        ("f", json!({"personal_id": "49255987604"})),
        ("g", json!({"account": "9704369988776655"})),
        ("h", json!({"account": "1.29876E+12"})),
        ("i", json!({"beneficiary_ref": "REF-PLANTED-2", "personal_id": 49_255_987_604_u64, "cycle": "x"})),
    ] {
        let answer = client.post("/v1/payments", key, &order("P-2", &more)).await;
        assert!([409, 422].contains(&answer.status), "{}", answer.text());
        said.add(&answer);
    }
    let broken = client.request(reqwest::Method::POST, "/v1/beneficiaries").header("idempotency-key", "j");
    said.add(
        &crate::support::client::send(broken.body("{\"name\": \"Quỳnh-Planted\" \"personal_id\": \"049255987601\"}"))
            .await
            .is(422),
    );
    for (key, search) in
        [("personal_id", "049255987601"), ("si_number", "4955598762"), ("beneficiary_ref", "REF-PLANTED-3")]
    {
        said.add(&client.post_without_key("/v1/beneficiaries/search", &json!({key: search})).await);
    }
    let method = json!({"channel": "account", "bank": "vcb", "account": "0099887766553"});
    said.add(&client.post(&format!("/v1/beneficiaries/{id}/method"), "k", &method).await.is(201));
    identifiers(&client, &id, said).await;
    let told =
        crate::support::verbs::with(rejected(), &json!({"reason_text": "account 0099887766552 is of Quỳnh-Planted"}));
    said.add(&client.post(&format!("/v1/payments/{payment_id}/reject"), "l", &told).await.is(201));
    let reissue = json!({"reason": "wrong account", "channel": "account", "bank": "vcb", "account": "0099887766551"});
    said.add(&client.post(&format!("/v1/payments/{payment_id}/reissue"), "m", &reissue).await.is(201));
    said.add(&client.post(&format!("/v1/payments/{payment_id}/settle"), "n", &settled("2025-03-05")).await.is(201));
    id
}

/// Further numbers of the first person: one that stays, one that was a mistake, and some that are refused.
async fn identifiers(client: &crate::support::client::Client, id: &str, said: &mut Said) {
    let path = format!("/v1/beneficiaries/{id}/identifiers");
    let added =
        client.post(&path, "s", &json!({"personal_id": "049255987605", "valid_from": "2025-01-01"})).await.is(201);
    let wrong =
        json!({"identifier_ref": added.body["identifiers"][0]["identifier_ref"], "reason": "recorded_in_error"});
    said.add(&added);
    for (key, number, status) in
        [("t", "049255987601", 409), ("u", "49255987604", 422), ("v", "Quỳnh-Planted", 422), ("w", "049255987605", 409)]
    {
        said.add(&client.post(&path, key, &json!({"personal_id": number})).await.is(status));
    }
    said.add(&client.post(&path, "x", &json!({"si_number": "4955598763", "valid_from": "2025-08-01"})).await.is(422));
    said.add(&client.post(&format!("{path}/end"), "y", &wrong).await.is(201));
}

/// Every operation that takes JSON, with planted values in all fields, and in each field of its own example.
async fn in_every_field(test: &TestApp, person: &str, said: &mut Said) {
    const TEXT: &str = "Quỳnh-Planted 049255987601 0099887766551";
    let client = test.supervisor();
    let document = client.get("/openapi.json").await.json(200);
    let payment = client.get("/v1/payments").await.json(200)["payments"][0]["payment_id"].clone();
    let (mut sent, mut head) = (0, test.head().await);
    for (path, operations) in document["paths"].as_object().unwrap() {
        let content = &operations["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"];
        // What is revealed is shown in full; that answer is looked at elsewhere.
        let Some(schema) = content.as_str().filter(|_| !path.ends_with("/reveal")) else { continue };
        let schema = &document["components"]["schemas"][schema.rsplit('/').next().unwrap()];
        let id = if path.starts_with("/v1/beneficiaries") { person } else { payment.as_str().unwrap() };
        let path = path.replace("{id}", id);
        let fields = schema["properties"].as_object().unwrap();
        let all: serde_json::Map<String, Value> = fields.keys().map(|field| (field.clone(), json!(TEXT))).collect();
        let example = &schema["examples"][0];
        let mut bodies = vec![Value::Object(all)];
        bodies.extend(fields.keys().map(|field| with(example.clone(), &json!({ field.as_str(): TEXT }))));
        for body in bodies {
            let answer = client.post(&path, &test.fresh(), &body).await;
            assert!(answer.status < 500, "{path}: {body}: {}", answer.text());
            said.add(&answer);
            let events = test.events_after(head).await;
            head += events.len() as u64;
            let holds = |event: &&RecordedEvent| {
                let text = String::from_utf8_lossy(&event.data).into_owned();
                PLANTED.iter().any(|planted| text.contains(planted))
            };
            let told = events.iter().find(holds).map(|event| event.event_type.as_str());
            assert_eq!(told, None, "{path} took {body}");
            sent += 1;
        }
    }
    assert!(sent > 100, "{sent} requests are not all fields of all operations");
}

async fn in_files(test: &TestApp, said: &mut Said) {
    let people = "
        beneficiary_ref | personal_id  | si_number  | name       | unit  | channel   | bank | account
        REF-PLANTED-2   | 049255987602 | 4955598762 | QUYNH-FILE | 20341 | Tài khoản | vcb  | 0099887766552";
    let payments = "
        payment_reference | personal_id  | benefit_type | cycle   | amount  | account       | channel | bank
        Q-1               | 049255987602 | pension      | 2025-03 | 5000000 | 0099887766553 | account | vcb";
    for (kind, content) in [("beneficiaries", people), ("payments", payments)] {
        said.add(&upload(test, &format!("kind={kind}&dry_run=true"), content).await.is(200));
        said.add(&upload(test, &format!("kind={kind}"), content).await.is(201));
        said.add(&upload(test, &format!("kind={kind}"), content).await.is(200));
    }
    let bad_people = "
        beneficiary_ref | personal_id  | name       | unit  | channel   | bank | account
        REF-PLANTED-3   | 49255987604  | QUYNH-FILE | 20338 | Tài khoản | vcb  | 9704369988776655
        REF-PLANTED-1   | 049255987602 | QUYNH-FILE | 20341 | Tài khoản | vcb  | 1.29876E+12";
    let bad_payments = "
        payment_reference | personal_id  | benefit_type | cycle   | amount  | account          | channel | bank
        Q-2               | 049255987603 | pension      | 2025-03 | 5000000 | 9704369988776655 | account | vcb
        Q-3               | 49255987604  | gift         | 2025-03 | 1.5     | 1.29876E+12      | account | vcb
        Q-4               | 049255987602 | pension      | 2025-03 | 5000000 |                  |         |";
    let outcomes = "
        payment_reference | status   | date       | reason
        Q-1               | rejected | 2025-03-04 | QUYNH-FILE không phải chủ tài khoản 0099887766553";
    for query in ["dry_run=true", "mode=all"] {
        let answer = upload(test, &format!("kind=outcomes&{query}"), outcomes).await;
        assert!([200, 201].contains(&answer.status), "{}", answer.text());
        said.add(&answer);
    }
    let bad_outcomes = "
        payment_reference | status | date       | reason
        P-1               | failed | 2025-03-04 | QUYNH-FILE, tk 0099887766553";
    said.add(&upload(test, "kind=outcomes", bad_outcomes).await.is(422));
    // A file without its header: people stand where column names should.
    let headless =
        "REF-PLANTED-3 | 049255987603 | QUYNH-FILE | 20341\n REF-PLANTED-1 | 049255987601 | QUYNH-FILE | 20341";
    for (kind, content) in
        [("beneficiaries", bad_people), ("payments", bad_payments), ("beneficiaries", headless), ("outcomes", headless)]
    {
        for query in ["dry_run=true", "mode=all"] {
            let answer = upload(test, &format!("kind={kind}&{query}"), content).await;
            assert!(answer.status == 422 || query.starts_with("dry_run"), "{}", answer.text());
            said.add(&answer);
        }
    }
}

async fn read_all(test: &TestApp, said: &mut Said) {
    let client = test.supervisor();
    let position = format!("min_position={}", test.head().await);
    for path in [
        "/v1/payments",
        "/v1/payments?format=csv",
        "/v1/adoption",
        "/v1/settlement",
        "/v1/events",
        "/v1/imports",
        "/readyz",
    ] {
        let asks = path.starts_with("/v1/p") || path.starts_with("/v1/a") || path.starts_with("/v1/s");
        let path = if asks {
            format!("{path}{}{position}", if path.contains('?') { '&' } else { '?' })
        } else {
            path.to_owned()
        };
        said.add(&client.get(&path).await.is(200));
    }
    for import in client.get("/v1/imports").await.json(200)["imports"].as_array().unwrap() {
        said.add(&client.get(&format!("/v1/imports/{}", import["import_id"].as_str().unwrap())).await.is(200));
    }
    for payment in client.get("/v1/payments").await.json(200)["payments"].as_array().unwrap() {
        let path = format!("/v1/payments/{}", payment["payment_id"].as_str().unwrap());
        said.add(&test.as_role(Role::Auditor).get(&path).await.is(200));
        // Who acts on a rejection is told what the bank wrote.
        let read = client.get(&path).await.is(200).text();
        assert!(read.contains("Quỳnh-Planted") || read.contains("QUYNH-FILE"), "{read}");
        said.add(
            &client.get(&format!("/v1/beneficiaries/{}", payment["beneficiary_id"].as_str().unwrap())).await.is(200),
        );
    }
}

/// Each byte as a character of its own, so that the search of texts finds any bytes, and quickly.
fn as_text(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// The bytes of a database's files, one after the other.
fn bytes_of(files: Option<&[String; 4]>) -> String {
    let read = |path: &String| as_text(&std::fs::read(path).unwrap_or_default());
    files.map(|files| files.iter().map(read).collect()).unwrap_or_default()
}

fn holds(bytes: &str, part: &[u8]) -> bool {
    bytes.contains(&as_text(part))
}

/// Reveals, hands out and erases. The two answers that must show the data are looked at and not added to what was said.
async fn shown_and_erased(test: &TestApp, person: &str, (said, files): (&mut Said, Option<&[String; 4]>)) {
    let client = test.supervisor();
    let path = format!("/v1/beneficiaries/{person}");
    said.add(&client.get(&format!("{path}/personal")).await.is(200));
    let look = json!({"kinds": ["name", "identifier", "account"], "purpose": "other", "note": "Quỳnh-Planted 049255987601 called"});
    let revealed = client.post(&format!("{path}/reveal"), "o", &look).await.is(201).text();
    let handed_out = client.get(&format!("{path}/export?purpose=person_asks")).await.is(200).text();
    for shown in [revealed, handed_out] {
        assert!(shown.contains("Quỳnh-Planted") && shown.contains("049255987601") && shown.contains("0099887766551"));
    }
    for body in
        [with(look.clone(), &json!({"kinds": ["Quỳnh-Planted"]})), with(look, &json!({"purpose": "Quỳnh-Planted"}))]
    {
        said.add(&client.post(&format!("{path}/reveal"), "p", &body).await.is(422));
    }

    let subject = person.parse().unwrap();
    let key = test.app.registry.wrapped_keys(&[subject]).await.unwrap().remove(0).unwrap();
    let records = test.app.registry.vault_records_of(subject).await.unwrap();
    let mut sealed: Vec<Vec<u8>> = records.into_iter().map(|record| record.ciphertext).collect();
    sealed.push(key);
    let before = bytes_of(files);
    let ground = json!({"ground": "person_asked", "note": "049255987601"});
    said.add(&client.post(&format!("{path}/erase"), "q", &ground).await.is(422));
    let asked = client.post(&format!("{path}/erase"), "r", &json!({"ground": "person_asked"})).await.is(202);
    said.add(&asked);
    said.add(&test.consented(&asked.body).await.is(201));
    let after = bytes_of(files);
    for path in [&path, &format!("{path}/personal"), "/v1/events"] {
        said.add(&client.get(path).await.is(200));
    }
    let search = json!({"personal_id": "049255987601"});
    said.add(&client.post_without_key("/v1/beneficiaries/search", &search).await.is(422));
    // Searched when all is asked: a server closes connections that wait for so long.
    assert!(files.is_none() || sealed.iter().all(|sealed| holds(&before, sealed)), "the vault is in these files");
    assert!(!sealed.iter().any(|sealed| holds(&after, sealed)), "the key and the sealed records are overwritten");
    for planted in PLANTED {
        assert!(!holds(&before, planted.as_bytes()) && !holds(&after, planted.as_bytes()), "{planted} in the database");
    }
}
