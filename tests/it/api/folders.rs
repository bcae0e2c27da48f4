//! Banks' files out of a folder: taken once, moved out of the bank's reach, and nobody's link is followed.

use crate::support::app::TestApp;
use crate::support::banks::{camt054, entry, item, message};
use crate::support::on_every_engine;
use crate::support::verbs::WARD;
use chitra::app::banks::folder::TakenFile;
use serde_json::json;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

on_every_engine! {
    a_file_in_a_banks_folder_counts_once_whatever_breaks_off,
    a_file_that_is_no_message_goes_aside_with_its_reason,
    a_link_in_a_banks_folder_leads_nowhere,
    a_link_in_place_of_a_folder_is_refused_and_the_other_banks_go_on,
    a_file_that_cannot_be_dealt_with_keeps_no_other_waiting,
}

async fn look(test: &TestApp, folder: &Path) -> Vec<TakenFile> {
    let look = test.app.take_files(folder, Duration::ZERO).await.unwrap();
    assert_eq!(look.waiting, []);
    look.taken
}

fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_file())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

async fn a_file_in_a_banks_folder_counts_once_whatever_breaks_off(test: TestApp) {
    test.register_bank("vcb").await;
    let payment = test.pension_of("TK-1", WARD).await;
    let id = test.end_to_end_id(&payment).await;
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("vcb");
    fs::create_dir(&own).unwrap();
    let text = camt054("N1", &entry(&id, ("DBIT", "5000000", "2025-03-04"), "FT-1"));
    fs::write(own.join("notice.xml"), &text).unwrap();
    for passed_over in [".hidden.xml", "half.xml.part"] {
        fs::write(own.join(passed_over), "<Docu").unwrap();
    }
    fs::create_dir(folder.path().join("stranger")).unwrap();
    fs::write(folder.path().join("stranger/notice.xml"), &text).unwrap();
    assert!(test.app.take_files(folder.path(), Duration::from_hours(1)).await.unwrap().taken.is_empty(), "not at rest");
    let taken = look(&test, folder.path()).await;
    assert_eq!((taken.len(), taken[0].outcome.is_ok()), (1, true));
    assert_eq!(test.status_of(&payment).await, "settled");
    assert_eq!(
        (names(&folder.path().join(".done/vcb")), names(&own)),
        (vec!["notice.xml".to_owned()], vec![".hidden.xml".to_owned(), "half.xml.part".to_owned()])
    );
    let head = test.head().await;
    // A crash before the move leaves it where it was; and somebody drops the same file under another name.
    for name in ["notice.xml", "again.xml"] {
        fs::write(own.join(name), &text).unwrap();
    }
    let again = look(&test, folder.path()).await;
    assert!(again.iter().all(|file| file.outcome == taken[0].outcome), "{again:?}");
    assert_eq!((test.head().await, names(&folder.path().join(".done/vcb")).len()), (head, 3));
    // Over HTTP it is the same message too.
    let answer = test.bank_sends("vcb", text.as_bytes()).await.json(202);
    assert_eq!((json!(taken[0].outcome.clone().unwrap()), test.head().await), (answer["inbox_id"].clone(), head));
}

async fn a_file_that_is_no_message_goes_aside_with_its_reason(test: TestApp) {
    test.register_bank("vcb").await;
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("vcb");
    fs::create_dir(&own).unwrap();
    fs::write(own.join("a.txt"), "hello").unwrap();
    fs::write(own.join("b.json"), message("M1", &[]).to_string()).unwrap();
    fs::write(own.join("c.json"), message("M1", &[item("x", "settled")]).to_string()).unwrap();
    let large = fs::File::create(own.join("d.xml")).unwrap();
    large.set_len((2 << 30) + 1).unwrap();
    let outcomes: Vec<_> = look(&test, folder.path()).await.into_iter().map(|file| file.outcome.err()).collect();
    assert_eq!(outcomes, [Some("message-format-unknown"), None, Some("message-id-reused"), Some("message-too-large")]);
    let failed = folder.path().join(".failed/vcb");
    let expected = ["a.txt", "a.txt.reason.txt", "c.json", "c.json.reason.txt", "d.xml", "d.xml.reason.txt"];
    assert_eq!((names(&failed), names(&own)), (expected.map(str::to_owned).to_vec(), Vec::new()));
    let reason = fs::read_to_string(failed.join("a.txt.reason.txt")).unwrap();
    assert_eq!((reason.lines().next(), reason.lines().count()), (Some("message-format-unknown"), 3));
    fs::write(own.join("a.txt"), "hello again").unwrap();
    look(&test, folder.path()).await;
    assert_eq!(names(&failed).len(), 8, "neither takes the other's place");
}

/// Banks `vcb` and `bidv` with their folders, and a payment of vcb's with a notice that it is settled.
async fn two_banks(test: &TestApp) -> (tempfile::TempDir, String, String) {
    let folder = tempfile::tempdir().unwrap();
    for bank in ["vcb", "bidv"] {
        test.register_bank(bank).await;
        fs::create_dir(folder.path().join(bank)).unwrap();
    }
    let payment = test.pension_of("TK-1", WARD).await;
    let id = test.end_to_end_id(&payment).await;
    let notice = camt054("N1", &entry(&id, ("DBIT", "5000000", "2025-03-04"), "FT-1"));
    (folder, payment, notice)
}

async fn a_link_in_a_banks_folder_leads_nowhere(test: TestApp) {
    let (folder, payment, notice) = two_banks(&test).await;
    let (vcb, bidv) = (folder.path().join("vcb"), folder.path().join("bidv"));
    let precious = folder.path().join("precious");
    fs::write(&precious, "keep me").unwrap();
    // Where files used to go, bidv has links: to vcb's folder, and to what it would like to see overwritten.
    symlink("../vcb", bidv.join("done")).unwrap();
    symlink("../vcb", bidv.join("failed")).unwrap();
    symlink(&precious, bidv.join("x.xml.reason.txt")).unwrap();
    symlink(&precious, vcb.join("x.xml.reason.txt")).unwrap();
    fs::write(bidv.join("notice.xml"), &notice).unwrap();
    fs::write(bidv.join("x.xml"), "no message").unwrap();
    for _ in 0..3 {
        test.app.take_files(folder.path(), Duration::ZERO).await.unwrap();
    }
    assert_eq!(test.status_of(&payment).await, "instructed", "another bank's word");
    assert_eq!(fs::read_to_string(&precious).unwrap(), "keep me");
    assert_eq!(names(&folder.path().join(".done/bidv")), ["notice.xml"]);
    assert_eq!(names(&folder.path().join(".failed/bidv")), ["x.xml", "x.xml.reason.txt"]);
    // A link in place of a file is no file, whatever it leads to.
    symlink(&precious, bidv.join("a.xml")).unwrap();
    let look = test.app.take_files(folder.path(), Duration::ZERO).await.unwrap();
    assert!(look.taken.is_empty() && look.waiting.iter().any(|file| file.path.ends_with("a.xml")), "{look:?}");
    assert!(precious.exists() && fs::symlink_metadata(bidv.join("a.xml")).unwrap().is_symlink());
}

async fn a_link_in_place_of_a_folder_is_refused_and_the_other_banks_go_on(test: TestApp) {
    let (folder, payment, notice) = two_banks(&test).await;
    let at = |name: &str| folder.path().join(name);
    fs::write(at("bidv/notice.xml"), &notice).unwrap();
    fs::rename(at("bidv"), at("elsewhere")).unwrap();
    symlink("elsewhere", at("bidv")).unwrap();
    fs::write(at("vcb/notice.xml"), &notice).unwrap();
    let look = test.app.take_files(folder.path(), Duration::ZERO).await.unwrap();
    assert_eq!((look.taken.len(), look.waiting.len()), (1, 1), "{look:?}");
    assert!(look.waiting[0].reason.contains("a link or a file where a folder must be"), "{look:?}");
    assert_eq!(
        (test.status_of(&payment).await, names(&at("elsewhere"))),
        (json!("settled"), vec!["notice.xml".into()])
    );
    // And so it is with the places that files go to: nothing is taken that could not be moved.
    let head = test.head().await;
    fs::remove_file(at("bidv")).unwrap();
    fs::rename(at("elsewhere"), at("bidv")).unwrap();
    fs::remove_dir_all(at(".done/bidv")).ok();
    symlink("../vcb", at(".done/bidv")).unwrap();
    let look = test.app.take_files(folder.path(), Duration::ZERO).await.unwrap();
    assert_eq!((look.taken.len(), look.waiting.len(), test.head().await), (0, 1, head), "{look:?}");
    assert_eq!(names(&at("bidv")), ["notice.xml"]);
}

async fn a_file_that_cannot_be_dealt_with_keeps_no_other_waiting(test: TestApp) {
    let (folder, payment, notice) = two_banks(&test).await;
    let at = |name: &str| folder.path().join(name);
    // The bank before the other has a pipe that nobody writes to, a file where its finished files must go, and a message.
    assert!(std::process::Command::new("mkfifo").arg(at("vcb/a.xml")).status().unwrap().success());
    fs::write(at("vcb/b.xml"), &notice).unwrap();
    fs::create_dir(at(".done")).unwrap();
    fs::write(at(".done/bidv"), "in the way").unwrap();
    fs::write(at("bidv/c.xml"), "no message").unwrap();
    let look = test.app.take_files(folder.path(), Duration::ZERO).await.unwrap();
    let waiting: Vec<_> = look.waiting.iter().map(|file| file.path.clone()).collect();
    assert_eq!((look.taken.len(), look.taken[0].outcome.is_ok()), (1, true), "{look:?}");
    assert!(waiting.len() == 2 && waiting.contains(&at("vcb/a.xml")) && waiting.contains(&at("bidv")), "{look:?}");
    assert_eq!(test.status_of(&payment).await, "settled");
}
