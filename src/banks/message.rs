//! A message, opened: its head first, then item after item, then what its end told. Memory does not grow with the number of items.

use super::camt::Camt;
use super::error::ReadError;
use super::item::{Head, Item, MessageKind, Summary, When, checked_id};
use super::json::{self, JsonMessage};
use super::limits::Limits;
use super::order::Orders;
use super::pacs004::Pacs004;
use super::pain002::Pain002;
use super::xml::{Elements, Leaves, Step};
use std::io::BufRead;

/// A message being read. Once [`Self::next_item`] answered an error, the message counts as unread as a whole.
pub struct Message<R: BufRead> {
    head: Head,
    body: Body<R>,
    summary: Summary,
    items_max: u64,
}

enum Body<R: BufRead> {
    Json(JsonMessage),
    Pain002(Box<Elements<R>>, Box<Pain002>),
    Camt(Box<Elements<R>>, Box<Camt>),
    Pacs004(Box<Elements<R>>, Pacs004),
}

/// What a document holds.
pub enum Document<R: BufRead> {
    /// What a bank reports.
    Report(Message<R>),
    /// What is ordered of a bank.
    Orders(Orders<R>),
}

/// Opens a bank's message of any kind that is read; which one it is tells its content.
pub fn open<R: BufRead>(input: R, limits: &Limits) -> Result<Message<R>, ReadError> {
    match open_any(input, limits)? {
        Document::Report(message) => Ok(message),
        Document::Orders(_) => Err(ReadError::UnknownMessage),
    }
}

/// Opens a bank's message, or an order to a bank.
pub fn open_any<R: BufRead>(mut input: R, limits: &Limits) -> Result<Document<R>, ReadError> {
    match first_byte(&mut input)? {
        b'{' => {
            let (head, message) = json::read(input, limits)?;
            Ok(report(Body::Json(message), head, limits))
        }
        b'<' => open_xml(input, limits),
        0xfe | 0xff | 0 => Err(ReadError::Encoding),
        _ => Err(ReadError::NotAMessage),
    }
}

fn report<R: BufRead>(body: Body<R>, head: Head, limits: &Limits) -> Document<R> {
    Document::Report(Message { head, body, summary: Summary::default(), items_max: limits.items_max })
}

impl<R: BufRead> Message<R> {
    /// The head, known before any item.
    pub const fn head(&self) -> &Head {
        &self.head
    }

    /// The next item; `None` at the message's proper end.
    pub fn next_item(&mut self) -> Result<Option<Item>, ReadError> {
        let created = self.head.created;
        let item = match &mut self.body {
            Body::Json(message) => Ok(message.next()),
            Body::Pain002(elements, state) => state.next(elements),
            Body::Camt(elements, state) => state.next(elements, &mut self.summary.statements),
            Body::Pacs004(elements, state) => state.next(elements),
        }?;
        let Some(mut item) = item else { return Ok(None) };
        self.summary.items += 1;
        if self.summary.items > self.items_max {
            return Err(ReadError::TooManyItems { max: self.items_max });
        }
        item.number = self.summary.items;
        item.when = item.when.or(created);
        Ok(Some(item))
    }

    /// What is known beside the items; whole after the last one.
    pub const fn summary(&self) -> &Summary {
        &self.summary
    }
}

/// Reads a message to its end, to know that it is whole before anything of it is used.
pub fn check<R: BufRead>(input: R, limits: &Limits) -> Result<(Head, Summary), ReadError> {
    let mut message = open(input, limits)?;
    while message.next_item()?.is_some() {}
    Ok((message.head, message.summary))
}

const LEADING_SPACE_MAX: usize = 4096;

/// The first byte that is neither white space nor a byte order mark of UTF-8. It is left in the input.
fn first_byte<R: BufRead>(input: &mut R) -> Result<u8, ReadError> {
    for _ in 0..LEADING_SPACE_MAX {
        let byte = *input.fill_buf().map_err(|_| ReadError::Io)?.first().ok_or(ReadError::Empty)?;
        if !matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0xef | 0xbb | 0xbf) {
            return Ok(byte);
        }
        input.consume(1);
    }
    Err(ReadError::NotAMessage)
}

fn open_xml<R: BufRead>(input: R, limits: &Limits) -> Result<Document<R>, ReadError> {
    let mut elements = Box::new(Elements::new(input, *limits));
    let mut namespaces = Vec::new();
    let kind = match find_message(&mut elements, &mut namespaces)? {
        Kind::Report(kind) => kind,
        Kind::Orders => {
            let expected = "that of a pain.001 from 001.03 to 001.15";
            let unknown = ReadError::BadValue { item: 0, path: "Document/@xmlns", expected };
            return Ok(Document::Orders(Orders::begin(elements, version("pain.001", &namespaces, unknown)?)?));
        }
    };
    let version = version(kind.as_str(), &namespaces, ReadError::UnknownVersion { kind })?;
    let inside = elements.depth();
    loop {
        match elements.step()? {
            Step::Open if elements.name() == "GrpHdr" => break,
            Step::Open => elements.skip()?,
            Step::Text => {}
            Step::Close | Step::End => return Err(ReadError::Missing { item: 0, path: "GrpHdr" }),
        }
    }
    let header = elements.leaves(HEADER, 0)?;
    let head = head(kind, version, &header)?;
    let body = match kind {
        MessageKind::Pain002 => Body::Pain002(elements, Box::new(Pain002::new(inside))),
        MessageKind::Pacs004 => {
            let settled = date_of(&header, &["IntrBkSttlmDt"])?;
            Body::Pacs004(elements, Pacs004::new(inside, settled))
        }
        MessageKind::Camt053 | MessageKind::Camt054 | MessageKind::Json => {
            Body::Camt(elements, Box::new(Camt::new(inside)))
        }
    };
    Ok(report(body, head, limits))
}

/// Which message an element is.
enum Kind {
    Report(MessageKind),
    Orders,
}

impl Kind {
    fn of_element(name: &str) -> Option<Self> {
        if name == "CstmrCdtTrfInitn" { Some(Self::Orders) } else { MessageKind::of_element(name).map(Self::Report) }
    }
}

const HEADER: &[&str] = &["MsgId", "CreDtTm", "IntrBkSttlmDt"];

fn head(kind: MessageKind, version: Option<String>, header: &Leaves) -> Result<Head, ReadError> {
    let id = header.text("MsgId")?.ok_or(ReadError::Missing { item: 0, path: "GrpHdr/MsgId" })?;
    let message_id = checked_id(id, 0, "GrpHdr/MsgId")?;
    Ok(Head { kind, version, message_id, created: date_of(header, &["CreDtTm"])? })
}

/// Goes to the message's element: inside `Document`, however deep an envelope has put that.
fn find_message<R: BufRead>(elements: &mut Elements<R>, namespaces: &mut Vec<String>) -> Result<Kind, ReadError> {
    let mut in_document = false;
    loop {
        match elements.step()? {
            Step::Open => {
                namespaces.extend(elements.namespaces().iter().cloned());
                if in_document {
                    return Kind::of_element(elements.name()).ok_or(ReadError::UnknownMessage);
                }
                match elements.name() {
                    "Document" => in_document = true,
                    "AppHdr" => elements.skip()?,
                    _ if elements.depth() > ENVELOPE_DEPTH_MAX => return Err(ReadError::UnknownMessage),
                    _ => {}
                }
            }
            Step::Close => in_document = false,
            Step::Text => {}
            Step::End => return Err(ReadError::UnknownMessage),
        }
    }
}

const ENVELOPE_DEPTH_MAX: usize = 8;
const VERSIONS: std::ops::RangeInclusive<u8> = 3..=15;

/// The version in the namespace; other namespaces (of an envelope, of schema instances) don't matter. A document without any is taken
/// by its element alone.
fn version(kind: &str, namespaces: &[String], unknown: ReadError) -> Result<Option<String>, ReadError> {
    let mut named = false;
    for namespace in namespaces {
        let Some((_, name)) = namespace.rsplit_once(':') else { continue };
        named |= namespace.starts_with("urn:iso:std:iso:20022:") && !name.starts_with("head.");
        let Some(version) = name.strip_prefix(kind).and_then(|rest| rest.strip_prefix('.')) else { continue };
        let number = version.strip_prefix("001.").filter(|number| number.len() == 2);
        let known = number.and_then(|number| number.parse().ok()).is_some_and(|number| VERSIONS.contains(&number));
        return if known { Ok(Some(version.to_owned())) } else { Err(unknown) };
    }
    if named { Err(unknown) } else { Ok(None) }
}

/// The first date among some paths.
pub(super) fn date_of(leaves: &Leaves, paths: &[&'static str]) -> Result<Option<When>, ReadError> {
    let Some(leaf) = leaves.first_of(paths)? else { return Ok(None) };
    let invalid = ReadError::BadValue { item: leaves.item, path: leaf.path, expected: "a date, or date and time" };
    When::parse(&leaf.text).map(Some).ok_or(invalid)
}

/// After the message only the ends of its envelope may come.
pub(super) fn end_of_document<R: BufRead>(elements: &mut Elements<R>) -> Result<(), ReadError> {
    loop {
        match elements.step()? {
            Step::Open if matches!(elements.name(), "Document" | "AppHdr") => return Err(ReadError::SecondMessage),
            Step::Open if Kind::of_element(elements.name()).is_some() => return Err(ReadError::SecondMessage),
            Step::Open => elements.skip()?,
            Step::Text | Step::Close => {}
            Step::End => return Ok(()),
        }
    }
}
