//! A stream of elements with bounds: local names alone count, so that any prefix or version of a namespace is read alike. No document
//! types, no entities of a sender's own, nothing kept but the leaves that a format asks for.

use super::error::ReadError;
use super::limits::Limits;
use quick_xml::Reader;
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};
use std::io::{self, BufRead, Read};

/// The next thing in the stream. Its name and text are the stream's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Open,
    Text,
    Close,
    End,
}

/// Elements of a document.
pub(super) struct Elements<R: BufRead> {
    reader: Reader<Metered<R>>,
    buffer: Vec<u8>,
    pub limits: Limits,
    depth: usize,
    began: bool,
    tag: Tag,
    /// The text just read.
    text: String,
}

/// The element just opened.
#[derive(Default)]
struct Tag {
    /// Its local name.
    name: String,
    /// Its `Ccy`.
    currency: Option<String>,
    /// Namespaces that it binds.
    namespaces: Vec<String>,
}

/// One kept leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Leaf {
    pub path: &'static str,
    pub text: String,
    pub currency: Option<String>,
}

/// The kept leaves of one item, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Leaves {
    pub item: u64,
    pub list: Vec<Leaf>,
}

const LEAVES_MAX: usize = 256;
const NAME_BYTES_MAX: usize = 64;
const NAMESPACES_MAX: usize = 16;

impl<R: BufRead> Elements<R> {
    pub fn new(input: R, limits: Limits) -> Self {
        let mut reader = Reader::from_reader(Metered::new(input, limits));
        reader.config_mut().expand_empty_elements = true;
        reader.config_mut().check_comments = true;
        Self { reader, buffer: Vec::new(), limits, depth: 0, began: false, tag: Tag::default(), text: String::new() }
    }

    pub const fn depth(&self) -> usize {
        self.depth
    }

    /// Local name of the element just opened.
    pub fn name(&self) -> &str {
        &self.tag.name
    }

    /// Namespaces bound by the element just opened.
    pub fn namespaces(&self) -> &[String] {
        &self.tag.namespaces
    }

    /// The next step; comments and processing instructions are passed over.
    pub fn step(&mut self) -> Result<Step, ReadError> {
        loop {
            self.buffer.clear();
            self.reader.get_mut().begin_token();
            let event = match self.reader.read_event_into(&mut self.buffer) {
                Ok(event) => event,
                Err(error) => return Err(fault(&error, &self.reader)),
            };
            let first = !std::mem::replace(&mut self.began, true);
            self.text.clear();
            match event {
                Event::Start(start) => {
                    self.depth += 1;
                    if self.depth > self.limits.depth_max {
                        return Err(ReadError::TooDeep { max: self.limits.depth_max });
                    }
                    self.tag.read(&start).map_err(|problem| malformed(&self.reader, problem))?;
                    return Ok(Step::Open);
                }
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(Step::Close);
                }
                Event::Text(text) => self.text.push_str(&text.xml10_content()),
                Event::CData(text) => self.text.push_str(&text.xml10_content()),
                Event::GeneralRef(reference) => self.text.push(character(&reference)?),
                Event::Decl(declaration) => check_declaration(&declaration, first)
                    .map_err(|error| error.unwrap_or_else(|| malformed(&self.reader, "the declaration")))?,
                Event::DocType(_) => return Err(ReadError::Doctype),
                Event::Comment(_) | Event::PI(_) => {}
                Event::Empty(_) => return Err(malformed(&self.reader, "an empty element")),
                Event::Eof if self.depth > 0 => return Err(ReadError::Truncated),
                Event::Eof => return Ok(Step::End),
            }
            if self.depth > 0 && !self.text.is_empty() {
                return Ok(Step::Text);
            }
            if !trimmed(&self.text).is_empty() {
                return Err(malformed(&self.reader, "text outside of the document"));
            }
        }
    }

    /// Passes over the element just opened.
    pub fn skip(&mut self) -> Result<(), ReadError> {
        let outside = self.depth - 1;
        while self.depth > outside {
            self.step()?;
        }
        Ok(())
    }

    /// The text of the element just opened, which has no elements inside.
    pub fn leaf_text(&mut self, item: u64, path: &'static str) -> Result<String, ReadError> {
        let mut text = String::new();
        loop {
            match self.step()? {
                Step::Text => text.push_str(&self.text),
                Step::Close => return Ok(trimmed(&text).to_owned()),
                Step::Open | Step::End => {
                    return Err(ReadError::BadValue { item, path, expected: "a text without elements" });
                }
            }
            if text.len() > self.limits.item_bytes_max {
                return Err(ReadError::ItemTooLarge { item, max: self.limits.item_bytes_max });
            }
        }
    }

    /// Reads the element just opened to its end and keeps the leaves whose paths are asked for; `.` is the element's own text.
    pub fn leaves(&mut self, keep: &[&'static str], item: u64) -> Result<Leaves, ReadError> {
        let mut found = Leaves { item, list: Vec::new() };
        let mut path = String::new();
        let mut wanted = keep.iter().copied().find(|kept| *kept == ".");
        let (mut text, mut currency, mut bytes) = (String::new(), self.tag.currency.take(), 0);
        let outside = self.depth - 1;
        while self.depth > outside {
            match self.step()? {
                Step::Open => {
                    if !path.is_empty() {
                        path.push('/');
                    }
                    path.push_str(&self.tag.name);
                    wanted = keep.iter().copied().find(|kept| *kept == path);
                    text.clear();
                    currency = self.tag.currency.take();
                }
                Step::Text if wanted.is_some() => text.push_str(&self.text),
                Step::Text => {}
                Step::Close => {
                    if let Some(kept) = wanted.take() {
                        bytes += text.len();
                        found.list.push(Leaf {
                            path: kept,
                            text: trimmed(&text).to_owned(),
                            currency: currency.take(),
                        });
                    }
                    path.truncate(path.rfind('/').unwrap_or(0));
                }
                Step::End => return Err(ReadError::Truncated),
            }
            if bytes + text.len() > self.limits.item_bytes_max || found.list.len() > LEAVES_MAX {
                return Err(ReadError::ItemTooLarge { item, max: self.limits.item_bytes_max });
            }
        }
        Ok(found)
    }
}

impl Leaves {
    /// The leaf of a path that may stand at most once.
    pub fn one(&self, path: &'static str) -> Result<Option<&Leaf>, ReadError> {
        let mut found = self.list.iter().filter(|leaf| leaf.path == path && !leaf.text.is_empty());
        let first = found.next();
        if found.next().is_some() {
            return Err(ReadError::Twice { item: self.item, path });
        }
        Ok(first)
    }

    /// Its text.
    pub fn text(&self, path: &'static str) -> Result<Option<&str>, ReadError> {
        Ok(self.one(path)?.map(|leaf| leaf.text.as_str()))
    }

    /// The first of several paths that is there.
    pub fn first_of(&self, paths: &[&'static str]) -> Result<Option<&Leaf>, ReadError> {
        for path in paths {
            if let Some(leaf) = self.one(path)? {
                return Ok(Some(leaf));
            }
        }
        Ok(None)
    }
}

impl Tag {
    /// Keeps the local name, the currency and the namespaces of an opening tag.
    fn read(&mut self, start: &BytesStart<'_>) -> Result<(), &'static str> {
        self.name.clear();
        let local = start.local_name();
        self.name.push_str(local.as_ref().get(..NAME_BYTES_MAX).unwrap_or(local.as_ref()));
        self.namespaces.clear();
        self.currency = None;
        if start.attributes_raw().trim().is_empty() {
            return Ok(());
        }
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|_| "an attribute")?;
            let key = attribute.key.as_ref();
            if key == "Ccy" {
                self.currency = Some(attribute.value.into_owned());
            } else if key.starts_with("xmlns") && self.namespaces.len() < NAMESPACES_MAX {
                self.namespaces.push(attribute.value.into_owned());
            }
        }
        Ok(())
    }
}

/// A declaration stands first and names no other encoding than UTF-8. `None`: it is malformed.
fn check_declaration(declaration: &BytesDecl<'_>, first: bool) -> Result<(), Option<ReadError>> {
    let encoding = declaration.encoding().transpose().map_err(|_| None)?;
    if encoding.is_some_and(|name| !is_utf8(&name)) {
        return Err(Some(ReadError::Encoding));
    }
    if first { Ok(()) } else { Err(None) }
}

/// Without the white space of XML at both ends.
fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\r', '\n'])
}

fn is_utf8(name: &str) -> bool {
    name.eq_ignore_ascii_case("utf-8") || name.eq_ignore_ascii_case("utf8") || name.eq_ignore_ascii_case("us-ascii")
}

fn character(reference: &BytesRef<'_>) -> Result<char, ReadError> {
    if reference.is_char_ref() {
        let found = reference.resolve_char_ref().ok().flatten();
        let legal = |c: &char| !c.is_control() || matches!(c, '\t' | '\n' | '\r');
        return found.filter(legal).ok_or(ReadError::Entity);
    }
    match &**reference {
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "amp" => Ok('&'),
        "apos" => Ok('\''),
        "quot" => Ok('"'),
        _ => Err(ReadError::Entity),
    }
}

fn malformed<R: BufRead>(reader: &Reader<Metered<R>>, problem: &'static str) -> ReadError {
    ReadError::Malformed { place: format!("near byte {}", reader.buffer_position()), problem }
}

fn fault<R: BufRead>(error: &quick_xml::Error, reader: &Reader<Metered<R>>) -> ReadError {
    if let Some(exceeded) = &reader.get_ref().exceeded {
        return exceeded.clone();
    }
    match error {
        quick_xml::Error::Io(_) => ReadError::Io,
        quick_xml::Error::Encoding(_) => ReadError::Encoding,
        quick_xml::Error::Syntax(error) => match error {
            quick_xml::errors::SyntaxError::InvalidBangMarkup => malformed(reader, "a markup declaration"),
            _ => ReadError::Truncated,
        },
        quick_xml::Error::IllFormed(_) => malformed(reader, "elements that do not match"),
        _ => malformed(reader, "the markup"),
    }
}

/// Counts the bytes of the whole and of the token being read, and ends the reading when either is too long.
struct Metered<R> {
    input: R,
    left: u64,
    token_left: u64,
    limits: Limits,
    exceeded: Option<ReadError>,
}

impl<R> Metered<R> {
    const fn new(input: R, limits: Limits) -> Self {
        Self { input, left: limits.bytes_max, token_left: limits.token_bytes_max, limits, exceeded: None }
    }

    const fn begin_token(&mut self) {
        self.token_left = self.limits.token_bytes_max;
    }
}

impl<R: BufRead> Read for Metered<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let found = self.fill_buf()?;
        let length = found.len().min(into.len());
        into[..length].copy_from_slice(&found[..length]);
        self.consume(length);
        Ok(length)
    }
}

impl<R: BufRead> BufRead for Metered<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let found = self.input.fill_buf()?;
        let exceeded = if found.is_empty() {
            None
        } else if self.left == 0 {
            Some(ReadError::TooLarge { max: self.limits.bytes_max })
        } else if self.token_left == 0 {
            Some(ReadError::TokenTooLong { max: self.limits.token_bytes_max })
        } else {
            None
        };
        if exceeded.is_some() {
            self.exceeded = exceeded;
            return Err(io::Error::other("the message is too long"));
        }
        let room = usize::try_from(self.left.min(self.token_left)).unwrap_or(usize::MAX);
        Ok(&found[..found.len().min(room)])
    }

    fn consume(&mut self, amount: usize) {
        self.input.consume(amount);
        let amount = u64::try_from(amount).unwrap_or(u64::MAX);
        self.left = self.left.saturating_sub(amount);
        self.token_left = self.token_left.saturating_sub(amount);
    }
}
