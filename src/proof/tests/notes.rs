//! Signed notes, checkpoints and cosignatures: published ones are read and written to the byte, changed ones are refused.

use super::super::checkpoint::Checkpoint;
use super::super::note::{Kind, Note, NoteError, Signer, Verifier};
use super::super::{decimal, from_base64};

/// Key, text and note of the test of Go's sumdb/note, the first implementation.
const VKEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const SEED: &str = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const TEXT: &str =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const LINE: &str = "\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

/// The example of C2SP tlog-cosignature.
const COSIGNED: &str = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
    \u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
    \u{2014} witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";

fn peter() -> Signer {
    let seed: [u8; 32] = from_base64(SEED).unwrap()[1..].try_into().unwrap();
    Signer::new("PeterNeumann", Kind::Text, &seed).unwrap()
}

fn signer(name: &str, kind: Kind, seed: u8) -> Signer {
    Signer::new(name, kind, &[seed; 32]).unwrap()
}

#[test]
fn the_published_note_is_written_and_read_to_the_byte() {
    let (signer, expected) = (peter(), format!("{TEXT}\n{LINE}"));
    assert_eq!(signer.verifier().to_text(), VKEY);
    let mut note = Note::new(TEXT.to_owned());
    note.add(signer.sign(TEXT, 0));
    assert_eq!(note.to_text(), expected);
    let read = Note::parse(&expected).unwrap();
    assert_eq!(read, note);
    assert!(read.is_signed_by(&Verifier::parse(VKEY).unwrap()));
}

#[test]
fn a_note_that_was_changed_or_that_another_key_signed_is_not_signed() {
    let verifier = Verifier::parse(VKEY).unwrap();
    let changed = Note::parse(&format!("{}\n{LINE}", TEXT.replace("answer", "Answer"))).unwrap();
    assert!(!changed.is_signed_by(&verifier));
    let note = Note::parse(&format!("{TEXT}\n{LINE}")).unwrap();
    assert!(!note.is_signed_by(signer("PeterNeumann", Kind::Text, 1).verifier()));
    let renamed = Note::parse(&format!("{TEXT}\n{}", LINE.replace("Peter", "Paul"))).unwrap();
    assert!(!renamed.is_signed_by(&verifier));
    // One signature of the key that holds does not make good another one that does not.
    let spoilt = LINE.replace("x08go/ZJkuBS", "x08go/ZJkuBT");
    let both = Note::parse(&format!("{TEXT}\n{LINE}{spoilt}")).unwrap();
    assert!(!both.is_signed_by(&verifier));
}

#[test]
fn signatures_of_unknown_keys_are_passed_over() {
    let stranger = "\u{2014} stranger/1 AAAAAAA=\n";
    let note = Note::parse(&format!("{TEXT}\n{stranger}{LINE}")).unwrap();
    assert!(note.is_signed_by(&Verifier::parse(VKEY).unwrap()));
    assert_eq!(note.to_text(), format!("{TEXT}\n{stranger}{LINE}"));
}

#[test]
fn what_is_no_note_is_refused() {
    let refused = [
        String::new(),
        TEXT.to_owned(),
        format!("{TEXT}\n"),
        format!("{TEXT}{LINE}"),
        format!("{TEXT}\n{}", LINE.trim_end()),
        format!("{TEXT}\n{LINE}\n"),
        format!("{TEXT}\n{}", LINE.replace("\u{2014}", "-")),
        format!("{TEXT}\n{}", LINE.replace("PeterNeumann", "Peter Neumann")),
        format!("{TEXT}\n{}", LINE.replace("PeterNeumann", "Peter+Neumann")),
        format!("{TEXT}\n{}", LINE.replace("nAM=", "nAM")),
        format!("{TEXT}\n\u{2014} a AAAAAA==\n"),
        format!("a\tb\n\n{LINE}"),
        format!("{TEXT}\n{}", LINE.repeat(65)),
        format!("{}\n{LINE}", "a\n".repeat(40_000)),
    ];
    for text in refused {
        assert_eq!(Note::parse(&text), Err(NoteError::Note), "{text}");
    }
}

#[test]
fn what_is_no_verifier_key_is_refused() {
    assert_eq!(Verifier::parse(&format!(" {VKEY}\n")).unwrap().to_text(), VKEY);
    let refused = [
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PaulNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TX",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10Q=",
        "PeterNeumann+c74f20a3+ARpc",
    ];
    for text in refused {
        assert_eq!(Verifier::parse(text), Err(NoteError::VerifierKey), "{text}");
    }
    assert!(Signer::new("with space", Kind::Text, &[1; 32]).is_none());
    assert!(!format!("{:?}", signer("w", Kind::Text, 7)).contains("07"));
}

#[test]
fn the_published_checkpoint_is_read_and_written_to_the_byte() {
    let (checkpoint, note) = Checkpoint::parse(COSIGNED).unwrap();
    assert_eq!((checkpoint.origin.as_str(), checkpoint.size), ("example.com/behind-the-sofa", 20_852_163));
    assert_eq!(note.text(), checkpoint.to_text());
    assert_eq!(note.to_text(), COSIGNED);
    assert_eq!(note.signatures.len(), 2);
}

#[test]
fn what_is_no_checkpoint_is_refused() {
    let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
    assert!(Checkpoint::parse_text(&format!("o\n0\n{root}\nmore\n")).is_some());
    let refused = [
        format!("o\n1\n{root}"),
        format!("\n1\n{root}\n"),
        format!("o\n01\n{root}\n"),
        format!("o\n+1\n{root}\n"),
        format!("o\n-1\n{root}\n"),
        format!("o\n18446744073709551616\n{root}\n"),
        format!("o\n1\n{}\n", &root[1..]),
        format!("o\n1\n{root}\n\nmore\n"),
        "o\n1\n".to_owned(),
    ];
    for text in refused {
        assert_eq!(Checkpoint::parse_text(&text), None, "{text}");
    }
    assert_eq!([decimal("0"), decimal("10"), decimal(""), decimal("00")], [Some(0), Some(10), None, None]);
}

#[test]
fn a_log_signs_under_its_own_name_alone() {
    let (log, other) = (signer("log.example/1", Kind::Text, 1), signer("log.example/2", Kind::Text, 1));
    let checkpoint = Checkpoint { origin: "log.example/1".to_owned(), size: 5, root: [3; 32] };
    let note = checkpoint.sign(&log).to_text();
    assert_eq!(Checkpoint::open(&note, log.verifier()).unwrap().0, checkpoint);
    assert!(Checkpoint::open(&note, other.verifier()).is_err());
    let of_other = checkpoint.sign(&other).to_text();
    assert!(Checkpoint::open(&of_other, other.verifier()).is_err(), "signed, but under another name");
}

#[test]
fn a_cosignature_is_over_its_time_and_the_whole_text() {
    let witness = signer("witness.example/w", Kind::Cosignature, 9);
    let text = "example.com/log\n5\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    let mut note = Note::new(text.to_owned());
    note.add(witness.sign(text, 1_679_315_147));
    let read = Note::parse(&note.to_text()).unwrap();
    assert_eq!(read.cosigned_at(witness.verifier()), Some(1_679_315_147));
    // The same key as a log's signs another message, and under another id.
    let as_log = signer("witness.example/w", Kind::Text, 9);
    assert!(!read.is_signed_by(as_log.verifier()));
    assert_ne!(witness.verifier().to_text(), as_log.verifier().to_text());
    let line = note.signatures[0].to_line();
    let at_another_time = witness.sign(text, 1_679_315_148).to_line();
    let (kept, swapped) = (from_base64(field(&line)).unwrap(), from_base64(field(&at_another_time)).unwrap());
    let forged = [&kept[..4], &swapped[4..12], &kept[12..]].concat();
    let forged = line.replace(field(&line), &super::super::to_base64(&forged));
    assert_eq!(Note::parse(&format!("{text}\n{forged}")).unwrap().cosigned_at(witness.verifier()), None);
}

fn field(line: &str) -> &str {
    line.trim_end().rsplit(' ').next().unwrap()
}

#[test]
fn a_new_signature_of_the_same_key_takes_the_old_ones_place() {
    let witness = signer("w", Kind::Cosignature, 9);
    let mut note = Note::new(TEXT.to_owned());
    note.add(peter().sign(TEXT, 0));
    note.add(witness.sign(TEXT, 1));
    note.add(witness.sign(TEXT, 2));
    assert_eq!((note.signatures.len(), note.cosigned_at(witness.verifier())), (2, Some(2)));
}
