//! Pieces of long records.

use super::{append, id};
use crate::support::engine::Home;
use chitra::store::pieces::VaultPiece;
use chitra::store::{StreamState, VaultRow};

fn piece(record: u128, number: u32, ciphertext: &[u8]) -> VaultPiece {
    let (subject, record_ref, ciphertext) = (id(record + 100), id(record), ciphertext.to_vec());
    VaultPiece { subject, record_ref, number, written_at_us: i64::from(number) + 10, ciphertext }
}

pub async fn pieces_are_read_by_their_place_and_stay_as_they_were_written(home: Home) {
    let store = home.open().await;
    let long = vec![7; 300_000];
    store.put_pieces(&[piece(1, 0, b"a"), piece(1, 1, &long), piece(2, 0, b"c")]).await.unwrap();
    // Whoever tries again after a lost answer writes nothing anew.
    store.put_pieces(&[piece(1, 0, b"other"), piece(1, 2, b"")]).await.unwrap();
    for (number, expected) in [(0, Some(b"a".to_vec())), (1, Some(long)), (2, Some(Vec::new())), (3, None)] {
        assert_eq!(store.vault_piece(id(101), id(1), number).await, Ok(expected), "{number}");
    }
    assert_eq!(store.vault_piece(id(102), id(1), 0).await, Ok(None), "another subject's");
}

pub async fn a_records_pieces_go_with_its_subject_or_by_themselves(home: Home) {
    let store = home.open().await;
    let others = VaultPiece { subject: id(101), ..piece(3, 0, b"c") };
    store.put_pieces(&[piece(1, 0, b"a"), piece(1, 1, b"b"), piece(2, 0, b"c"), others]).await.unwrap();
    store.drop_pieces(id(101), id(1)).await.unwrap();
    assert_eq!(store.vault_piece(id(101), id(1), 1).await, Ok(None));
    assert_eq!(store.vault_piece(id(101), id(3), 0).await, Ok(Some(b"c".to_vec())), "of another record");
    store.destroy_person(id(101)).await.unwrap();
    assert_eq!(store.vault_piece(id(101), id(3), 0).await, Ok(None));
    assert_eq!(store.vault_piece(id(102), id(2), 0).await, Ok(Some(b"c".to_vec())), "another subject's");
}

pub async fn pieces_that_no_record_tells_of_are_found_once_they_are_old(home: Home) {
    let store = home.open().await;
    store.put_pieces(&[piece(1, 0, b"a"), piece(1, 1, b"b"), piece(2, 0, b"c")]).await.unwrap();
    assert_eq!(store.stray_pieces(10).await, Ok(Vec::new()), "they may be written to");
    let mut told = append("message-1", StreamState::NoStream, [9]);
    let (record_ref, subject) = (id(1), id(101));
    told.vault = vec![VaultRow::Record { record_ref, subject, kind: "bank_message_long", ciphertext: vec![1] }];
    store.append_to_stream(told).await.unwrap();
    assert_eq!(store.stray_pieces(11).await, Ok(vec![(id(102), id(2))]));
}
