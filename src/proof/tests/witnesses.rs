//! What a witness cosigns and what it refuses.

use super::super::checkpoint::Checkpoint;
use super::super::note::{Kind, Signer, Verifier};
use super::super::tile::Tiles;
use super::super::witness::{AddCheckpoint, Refusal, judge};
use super::{consistency, grown, leaf, leaves, root};

const ORIGIN: &str = "log.example/1";

fn log() -> Signer {
    Signer::new(ORIGIN, Kind::Text, &[1; 32]).unwrap()
}

fn at(size: u64, tiles: &Tiles) -> Checkpoint {
    Checkpoint { origin: ORIGIN.to_owned(), size, root: root(size, tiles) }
}

fn ask(old_size: u64, size: u64, tiles: &Tiles) -> AddCheckpoint {
    let checkpoint = at(size, tiles);
    let proof = if old_size <= size { consistency(old_size, size, tiles) } else { Vec::new() };
    AddCheckpoint { old_size, proof, note: checkpoint.sign(&log()), checkpoint }
}

fn judged(request: &AddCheckpoint, seen: Option<&Checkpoint>) -> Result<(), Refusal> {
    judge(request, &[log().verifier().clone()], seen)
}

#[test]
fn a_request_comes_back_from_its_text() {
    let tiles = grown(&leaves(300), 300);
    for old in [0, 7, 256, 300] {
        let request = ask(old, 300, &tiles);
        assert_eq!(AddCheckpoint::parse(&request.to_text()), Some(request));
    }
}

#[test]
fn a_body_that_the_protocol_does_not_know_is_refused() {
    let tiles = grown(&leaves(30), 30);
    let good = ask(7, 30, &tiles).to_text();
    let refused = [
        String::new(),
        good.replacen("old 7", "old 07", 1),
        good.replacen("old 7", "new 7", 1),
        good.replacen("old 7\n", "old 7\nnot base64\n", 1),
        good.replacen("old 7\n", "old 7\nAAAA\n", 1),
        good.replacen("old 7\n", &format!("old 7\n{}", "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n".repeat(64)), 1),
        good.replacen("\n\n", "\n", 1),
        good.replace('\u{2014}', "-"),
    ];
    for body in refused {
        assert_eq!(AddCheckpoint::parse(&body), None, "{body}");
    }
}

#[test]
fn the_first_checkpoint_and_each_extension_are_cosigned() {
    let tiles = grown(&leaves(300), 300);
    assert_eq!(judged(&ask(0, 7, &tiles), None), Ok(()));
    assert_eq!(judged(&ask(7, 300, &tiles), Some(&at(7, &tiles))), Ok(()));
    assert_eq!(judged(&ask(300, 300, &tiles), Some(&at(300, &tiles))), Ok(()), "the same one again");
}

#[test]
fn another_size_than_the_one_seen_is_answered_with_the_one_seen() {
    let tiles = grown(&leaves(300), 300);
    let seen = at(100, &tiles);
    for old in [0, 99, 101] {
        assert_eq!(judged(&ask(old, 300, &tiles), Some(&seen)), Err(Refusal::OtherSize(100)));
    }
    assert_eq!(judged(&ask(50, 60, &tiles), Some(&seen)), Err(Refusal::OtherSize(100)), "a log that was cut");
    assert_eq!(judged(&ask(100, 60, &tiles), Some(&seen)), Err(Refusal::Malformed));
}

#[test]
fn a_second_history_is_refused_though_the_logs_key_signed_it() {
    let mut forged = leaves(300);
    let honest = grown(&forged, 300);
    forged[20] = leaf(b"forged");
    let forged = grown(&forged, 300);
    let seen = at(100, &honest);
    assert_eq!(judged(&ask(100, 300, &forged), Some(&seen)), Err(Refusal::NotAnExtension));
    assert_eq!(judged(&ask(100, 100, &forged), Some(&seen)), Err(Refusal::OtherRoot(100)));
    let mut without_proof = ask(100, 300, &honest);
    without_proof.proof.clear();
    assert_eq!(judged(&without_proof, Some(&seen)), Err(Refusal::NotAnExtension));
}

#[test]
fn other_logs_and_other_keys_are_refused() {
    let tiles = grown(&leaves(30), 30);
    let request = ask(0, 30, &tiles);
    let stranger = Signer::new("other.example", Kind::Text, &[1; 32]).unwrap();
    assert_eq!(judge(&request, &[stranger.verifier().clone()], None), Err(Refusal::UnknownLog));
    let same_name = Signer::new(ORIGIN, Kind::Text, &[2; 32]).unwrap();
    assert_eq!(judge(&request, &[same_name.verifier().clone()], None), Err(Refusal::NotSigned));
    // A log may have two keys while one takes the other's place.
    let both: [Verifier; 2] = [same_name.verifier().clone(), log().verifier().clone()];
    assert_eq!(judge(&request, &both, None), Ok(()));
}
