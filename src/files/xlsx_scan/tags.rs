//! A byte-by-byte reader of XML's outline: how long runs are, how deep tags nest, how many there are. Reads no meaning.

/// The longest text run, tag, comment or instruction.
const RUN_BYTES_MAX: usize = 64 * 1024;
/// The most bytes between two borders of cells or rows of a sheet.
const CELL_SPAN_BYTES_MAX: usize = 256 * 1024;
const DEPTH_MAX: u32 = 128;
/// Shared strings and style records that the library would hold in memory, over all parts.
const STRINGS_MAX: u64 = 2_000_000;
const STYLES_MAX: u64 = 100_000;
/// Tags of a part that is no sheet and no table of strings.
const PART_TAGS_MAX: u64 = 1_000_000;
/// A tag's name and the start of its attributes; enough to read a count.
const HEAD_BYTES: usize = 512;

/// Counts over all entries of one archive.
#[derive(Debug, Default)]
pub(super) struct TagCounts {
    strings: u64,
    styles: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Text,
    /// Inside a tag; the quotation mark that is open, if any.
    Tag(Option<u8>),
    /// Inside `<!--`, `<![CDATA[` or `<?`, until its end mark.
    Until(&'static [u8]),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Root {
    Sheet,
    SharedStrings,
    Other,
}

/// One entry's outline so far.
#[derive(Debug, Default)]
pub(super) struct TagScanner {
    state: State,
    run: usize,
    /// The start of the tag that is being read.
    head: Vec<u8>,
    /// The last bytes, to know an end mark by.
    tail: [u8; 3],
    /// The last byte of the tag that is being read.
    last: u8,
    root: Option<Root>,
    depth: u32,
    tags: u64,
    /// Bytes since the last border of a cell or row, while inside the sheet's data.
    span: Option<usize>,
}

impl TagScanner {
    pub(super) fn is_sheet(&self) -> bool {
        self.root == Some(Root::Sheet)
    }

    pub(super) fn is_shared_strings(&self) -> bool {
        self.root == Some(Root::SharedStrings)
    }

    /// Reads on; the error says why the entry is refused.
    pub(super) fn feed(&mut self, mut bytes: &[u8], counts: &mut TagCounts) -> Result<(), &'static str> {
        while let Some(first) = bytes.first() {
            // Text makes up most of a sheet: it is skipped in one step.
            let step = match self.state {
                State::Text => bytes.iter().position(|byte| *byte == b'<').unwrap_or(bytes.len()),
                State::Tag(_) | State::Until(_) => 0,
            };
            if step > 0 {
                self.grow(step)?;
                bytes = &bytes[step..];
                continue;
            }
            self.byte(*first, counts)?;
            bytes = &bytes[1..];
        }
        Ok(())
    }

    fn grow(&mut self, bytes: usize) -> Result<(), &'static str> {
        self.run += bytes;
        if self.run > RUN_BYTES_MAX {
            return Err("it has a text or tag of more than 64 KiB");
        }
        if let Some(span) = &mut self.span {
            *span += bytes;
            if *span > CELL_SPAN_BYTES_MAX {
                return Err("it has a cell of more than 256 KiB");
            }
        }
        Ok(())
    }

    fn byte(&mut self, byte: u8, counts: &mut TagCounts) -> Result<(), &'static str> {
        self.grow(1)?;
        match self.state {
            State::Text => {
                self.state = State::Tag(None);
                self.run = 0;
                self.head.clear();
            }
            State::Tag(Some(quote)) => {
                self.remember(byte);
                if byte == quote {
                    self.state = State::Tag(None);
                }
            }
            State::Tag(None) => match byte {
                b'>' => {
                    self.state = State::Text;
                    self.run = 0;
                    self.tag(counts)?;
                }
                // A quotation mark means nothing in an end tag, to the library as to us.
                b'"' | b'\'' if self.head.first() != Some(&b'/') => {
                    self.remember(byte);
                    self.state = State::Tag(Some(byte));
                }
                _ => {
                    self.remember(byte);
                    self.begin_other()?;
                }
            },
            State::Until(mark) => {
                self.tail = [self.tail[1], self.tail[2], byte];
                if self.tail.ends_with(mark) {
                    self.state = State::Text;
                    self.run = 0;
                }
            }
        }
        Ok(())
    }

    fn remember(&mut self, byte: u8) {
        self.last = byte;
        if self.head.len() < HEAD_BYTES {
            self.head.push(byte);
        }
    }

    /// Comments, character data and instructions end at marks of their own. Declarations are refused: an entity may be a bomb
    /// of its own, and no workbook needs one.
    fn begin_other(&mut self) -> Result<(), &'static str> {
        let mark: &'static [u8] = match self.head.as_slice() {
            b"?" => b"?>",
            b"!--" => b"-->",
            b"![CDATA[" => b"]]>",
            head if head.starts_with(b"!") && !b"!--".starts_with(head) && !b"![CDATA[".starts_with(head) => {
                return Err("it declares a document type or entities");
            }
            _ => return Ok(()),
        };
        self.state = State::Until(mark);
        self.tail = [0; 3];
        Ok(())
    }

    fn tag(&mut self, counts: &mut TagCounts) -> Result<(), &'static str> {
        if self.head.first() == Some(&b'/') {
            self.depth = self.depth.saturating_sub(1);
            self.after_end_tag();
            return Ok(());
        }
        let ends_itself = self.last == b'/';
        self.depth += u32::from(!ends_itself);
        self.tags += 1;
        let head = std::mem::take(&mut self.head);
        let checked = self.start_tag(&head, counts);
        self.head = head;
        if self.depth > DEPTH_MAX {
            return Err("its tags nest too deeply");
        }
        checked
    }

    fn start_tag(&mut self, head: &[u8], counts: &mut TagCounts) -> Result<(), &'static str> {
        let name = local_name(head);
        self.root.get_or_insert(match name {
            b"worksheet" => Root::Sheet,
            b"sst" => Root::SharedStrings,
            _ => Root::Other,
        });
        match name {
            b"sheetData" => self.span = Some(0),
            b"row" | b"c" => self.span = self.span.map(|_| 0),
            b"si" => counts.strings += 1,
            b"xf" | b"font" | b"fill" | b"border" | b"numFmt" | b"sheet" | b"Relationship" => counts.styles += 1,
            // The library makes room for as many strings as the table says it has, before it has read one.
            b"sst" if unique_count(head).is_none_or(|count| count > STRINGS_MAX) => {
                return Err("it announces too many strings");
            }
            _ => {}
        }
        if counts.strings > STRINGS_MAX || counts.styles > STYLES_MAX {
            return Err("it has too many strings or styles");
        }
        if self.root == Some(Root::Other) && self.tags > PART_TAGS_MAX {
            return Err("it has too many tags");
        }
        Ok(())
    }

    fn after_end_tag(&mut self) {
        match local_name(&self.head[1..]) {
            b"row" | b"c" => self.span = self.span.map(|_| 0),
            b"sheetData" => self.span = None,
            _ => {}
        }
    }
}

/// A tag's name without its prefix.
fn local_name(head: &[u8]) -> &[u8] {
    let end = head.iter().position(|b| b.is_ascii_whitespace() || *b == b'/').unwrap_or(head.len());
    let name = &head[..end];
    name.iter().rposition(|b| *b == b':').map_or(name, |colon| &name[colon + 1..])
}

/// The `uniqueCount` of a table of strings: 0 when it has none, `None` when it cannot be read for certain.
fn unique_count(head: &[u8]) -> Option<u64> {
    const NAME: &[u8] = b"uniqueCount";
    if head.len() >= HEAD_BYTES {
        return None;
    }
    let mut places = head.windows(NAME.len()).enumerate().filter(|(_, window)| *window == NAME).map(|(at, _)| at);
    let Some(at) = places.next() else { return Some(0) };
    if places.next().is_some() {
        return None;
    }
    let rest = head[at + NAME.len()..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let quote = *rest.first()?;
    let digits = rest[1..].split(|byte| *byte == quote).next()?;
    std::str::from_utf8(digits).ok()?.trim().parse().ok()
}
