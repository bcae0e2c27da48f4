//! Bombs: whatever is sent, reading ends early, with little read and little kept.

use super::*;
use std::io::{self, BufRead, Read};

/// An endless or very long document, made as it is read, which counts what was taken of it.
struct Made<F> {
    head: Vec<u8>,
    piece: F,
    at: usize,
    now: Vec<u8>,
    taken: u64,
    number: u64,
}

impl<F: FnMut(u64) -> Option<Vec<u8>>> Made<F> {
    fn new(head: &str, piece: F) -> Self {
        Self { head: head.as_bytes().to_vec(), piece, at: 0, now: Vec::new(), taken: 0, number: 0 }
    }
}

impl<F: FnMut(u64) -> Option<Vec<u8>>> Read for Made<F> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let found = self.fill_buf()?;
        let length = found.len().min(into.len());
        into[..length].copy_from_slice(&found[..length]);
        self.consume(length);
        Ok(length)
    }
}

impl<F: FnMut(u64) -> Option<Vec<u8>>> BufRead for Made<F> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at >= self.now.len() {
            self.at = 0;
            self.now = if self.head.is_empty() {
                self.number += 1;
                (self.piece)(self.number).unwrap_or_default()
            } else {
                std::mem::take(&mut self.head)
            };
        }
        Ok(&self.now[self.at..])
    }

    fn consume(&mut self, amount: usize) {
        self.at += amount;
        self.taken += amount as u64;
    }
}

const HEAD: &str = "<Document><CstmrPmtStsRpt><GrpHdr><MsgId>1</MsgId></GrpHdr>";

/// What ends the reading, and how many bytes were taken until then.
fn outcome<F: FnMut(u64) -> Option<Vec<u8>>>(head: &str, piece: F, limits: Limits) -> (ReadError, u64) {
    let mut made = Made::new(head, piece);
    let error = match open(&mut made, &limits) {
        Err(error) => error,
        Ok(mut message) => loop {
            match message.next_item() {
                Ok(Some(_)) => {}
                Ok(None) => panic!("read to its end"),
                Err(error) => break error,
            }
        },
    };
    (error, made.taken)
}

#[test]
fn a_million_nested_elements_are_refused_at_the_sixty_fifth() {
    let (error, taken) = outcome(HEAD, |number| (number <= 1_000_000).then(|| b"<a>".to_vec()), Limits::default());
    assert_eq!(error, ReadError::TooDeep { max: 64 });
    assert!(taken < 1000, "{taken}");
}

#[test]
fn endless_tags_texts_comments_attributes_and_instructions_are_refused_after_one_token() {
    for head in [
        "<x",
        "<x a=\"",
        "<x>",
        "<!--",
        "<![CDATA[",
        "<?x ",
        "<!",
        "<!DOCTYPE ",
        "</",
        "&",
        "<OrgnlPmtInfAndSts><OrgnlPmtInfId>",
    ] {
        let (error, taken) = outcome(&format!("{HEAD}{head}"), |_| Some(vec![b'y'; 4096]), Limits::default());
        let expected = matches!(error.code(), "message-too-large" | "message-doctype" | "message-malformed");
        assert!(expected, "{head}: {error:?}");
        assert!(taken < 200_000, "{head}: {taken}");
    }
}

#[test]
fn an_endless_name_of_an_id_is_refused() {
    let (error, taken) =
        outcome("<Document><CstmrPmtStsRpt><GrpHdr><MsgId>", |_| Some(b"a<!-- -->".to_vec()), Limits::default());
    assert_eq!(error.code(), "message-too-large");
    assert!(taken < 200_000, "{taken}");
}

#[test]
fn an_item_of_endless_leaves_is_refused() {
    let head = format!("{HEAD}<TxInfAndSts>");
    let leaf = "<StsRsnInf><AddtlInf>x</AddtlInf></StsRsnInf>";
    let (error, taken) = outcome(&head, |_| Some(leaf.as_bytes().to_vec()), Limits::default());
    assert_eq!(error.code(), "message-too-large");
    assert!(taken < 100_000, "{taken}");
}

#[test]
fn white_space_without_end_is_refused() {
    let (error, _) = outcome("", |_| Some(vec![b' '; 4096]), Limits::default());
    assert_eq!(error, ReadError::NotAMessage);
}

#[test]
fn a_message_beyond_the_limit_is_refused_there() {
    let limits = Limits { bytes_max: 1 << 20, ..Limits::default() };
    let piece = status_report("").into_bytes();
    let (error, taken) = outcome(HEAD, |_| Some(piece.clone()), limits);
    assert!(matches!(error, ReadError::Malformed { .. }), "a declaration in the middle: {error:?}");
    assert!(taken < 10_000);
    let piece = transaction("ACSP", "").into_bytes();
    let (error, taken) = outcome(HEAD, |_| Some(piece.clone()), limits);
    assert_eq!(error, ReadError::TooLarge { max: 1 << 20 });
    assert_eq!(taken, 1 << 20);
}

#[test]
fn more_items_than_allowed_are_refused() {
    let limits = Limits { items_max: 3, ..Limits::default() };
    let piece = transaction("ACSP", "").into_bytes();
    let (error, _) = outcome(HEAD, |_| Some(piece.clone()), limits);
    assert_eq!(error, ReadError::TooManyItems { max: 3 });
    let limits = Limits { statements_max: 2, ..Limits::default() };
    let head = "<Document><BkToCstmrStmt><GrpHdr><MsgId>1</MsgId></GrpHdr>";
    let (error, _) = outcome(head, |_| Some(b"<Stmt/>".to_vec()), limits);
    assert_eq!(error.code(), "message-too-many-items");
}

#[test]
fn a_long_statement_is_read_as_a_stream() {
    let head = "<Document><BkToCstmrStmt><GrpHdr><MsgId>1</MsgId></GrpHdr><Stmt>";
    let entry = entry("DBIT", "5", &details(ID, "")).into_bytes();
    let piece = |number: u64| match number {
        1..=20_000 => Some(entry.clone()),
        20_001 => Some(b"</Stmt></BkToCstmrStmt></Document>".to_vec()),
        _ => None,
    };
    let mut made = Made::new(head, piece);
    let mut message = open(&mut made, &Limits::default()).unwrap();
    let mut read = 0_u64;
    while let Some(item) = message.next_item().unwrap() {
        read += 1;
        assert_eq!(item.number, read);
    }
    assert_eq!((read, message.summary().statements[0].entries), (20_000, 20_000));
}
