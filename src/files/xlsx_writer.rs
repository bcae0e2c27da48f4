//! A workbook written straight to a stream: no seeking, no temporary file (it would hold names and accounts in the clear),
//! no strings kept. Only what tables need: text, numbers, dates, a bold header.

use super::table::Cell;
use jiff::civil::{Date, date};
use std::fmt::Write as _;
use std::io::{self, Write};
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

/// Rows that a sheet may have; more go on in a second sheet.
const ROWS_MAX: u32 = 1_048_576;
/// Keeps a sheet well below the 4 GiB at which zip archives need extensions that not every reader knows.
const SHEET_BYTES_MAX: usize = 3 << 30;
/// Digits that a number cell holds exactly.
const DIGITS_MAX: usize = 15;
/// Characters that a cell of a sheet may have.
const CELL_CHARACTERS_MAX: usize = 32_767;

const STYLE_DATE: u32 = 1;
const STYLE_HEADER: u32 = 2;

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";

/// A workbook that grows row by row.
pub(super) struct XlsxWriter<W: Write> {
    archive: ZipWriter<StreamWriter<W>>,
    name: String,
    header: Vec<String>,
    sheets: u32,
    rows_max: u32,
    row: u32,
    sheet_bytes: usize,
    text: String,
}

impl<W: Write> XlsxWriter<W> {
    pub(super) fn new(out: W, name: &str, header: &[&str]) -> io::Result<Self> {
        let mut writer = Self {
            archive: ZipWriter::new_stream(out),
            name: sheet_name(name),
            header: header.iter().map(|text| (*text).to_owned()).collect(),
            sheets: 0,
            rows_max: ROWS_MAX,
            row: 0,
            sheet_bytes: 0,
            text: String::new(),
        };
        writer.begin_sheet()?;
        Ok(writer)
    }

    pub(super) fn row(&mut self, cells: &[Cell<'_>]) -> io::Result<()> {
        if self.row >= self.rows_max || self.sheet_bytes > SHEET_BYTES_MAX {
            self.end_sheet()?;
            self.begin_sheet()?;
        }
        self.put_row(cells, 0)
    }

    /// Writes the parts that name the sheets and ends the archive.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.end_sheet()?;
        let types = content_types(self.sheets);
        self.part("[Content_Types].xml", &types)?;
        let root = format!(
            "{DECLARATION}<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"rId1\" Type=\"{OFFICE}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
        );
        self.part("_rels/.rels", &root)?;
        let (workbook, relationships) = workbook(&self.name, self.sheets);
        self.part("xl/workbook.xml", &workbook)?;
        self.part("xl/_rels/workbook.xml.rels", &relationships)?;
        self.part("xl/styles.xml", &styles())?;
        Ok(self.archive.finish()?.into_inner())
    }

    fn part(&mut self, name: &str, text: &str) -> io::Result<()> {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        self.archive.start_file(name, options)?;
        self.archive.write_all(text.as_bytes())
    }

    fn begin_sheet(&mut self) -> io::Result<()> {
        self.sheets += 1;
        (self.row, self.sheet_bytes) = (0, 0);
        let start = format!(
            "{DECLARATION}<worksheet xmlns=\"{MAIN}\"><sheetViews><sheetView workbookViewId=\"0\"><pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews><sheetData>"
        );
        self.part(&format!("xl/worksheets/sheet{}.xml", self.sheets), &start)?;
        let header = std::mem::take(&mut self.header);
        let cells: Vec<Cell<'_>> = header.iter().map(|text| Cell::Text(text)).collect();
        let written = self.put_row(&cells, STYLE_HEADER);
        drop(cells);
        self.header = header;
        written
    }

    fn end_sheet(&mut self) -> io::Result<()> {
        self.archive.write_all(b"</sheetData></worksheet>")
    }

    fn put_row(&mut self, cells: &[Cell<'_>], style: u32) -> io::Result<()> {
        self.row += 1;
        let mut text = std::mem::take(&mut self.text);
        text.clear();
        let _ = write!(text, "<row r=\"{}\">", self.row);
        for (column, cell) in cells.iter().enumerate() {
            put_cell(&mut text, (column, self.row), cell, style);
        }
        text.push_str("</row>");
        self.sheet_bytes += text.len();
        let written = self.archive.write_all(text.as_bytes());
        self.text = text;
        written
    }
}

fn put_cell(out: &mut String, place: (usize, u32), cell: &Cell<'_>, style: u32) {
    match cell {
        Cell::Empty => {}
        Cell::Integer(number) => {
            let digits = number.to_string();
            put_number(out, place, &digits);
        }
        Cell::Decimal(digits) => put_number(out, place, digits),
        Cell::Date(day) => match serial(*day) {
            Some(serial) => {
                start_cell(out, place, STYLE_DATE);
                let _ = write!(out, "><v>{serial}</v></c>");
            }
            None => put_text(out, place, &day.to_string(), style),
        },
        Cell::Text(text) => put_text(out, place, text, style),
    }
}

/// A number cell if it can hold all digits, else text.
fn put_number(out: &mut String, place: (usize, u32), digits: &str) {
    let plain = digits.strip_prefix('-').unwrap_or(digits);
    let is_number = plain.bytes().all(|b| b.is_ascii_digit() || b == b'.') && plain.matches('.').count() <= 1;
    let fits = plain.bytes().filter(u8::is_ascii_digit).count() <= DIGITS_MAX;
    if !is_number || !fits || !plain.starts_with(|c: char| c.is_ascii_digit()) {
        put_text(out, place, digits, 0);
        return;
    }
    start_cell(out, place, 0);
    let _ = write!(out, "><v>{digits}</v></c>");
}

fn put_text(out: &mut String, place: (usize, u32), text: &str, style: u32) {
    if text.is_empty() {
        return;
    }
    start_cell(out, place, style);
    out.push_str(" t=\"inlineStr\"><is><t xml:space=\"preserve\">");
    push_escaped(out, text);
    out.push_str("</t></is></c>");
}

fn start_cell(out: &mut String, (column, row): (usize, u32), style: u32) {
    out.push_str("<c r=\"");
    push_column(out, column);
    let _ = write!(out, "{row}\"");
    if style > 0 {
        let _ = write!(out, " s=\"{style}\"");
    }
}

/// A column's letters: 0 is A, 26 is AA.
fn push_column(out: &mut String, column: usize) {
    if column >= 26 {
        push_column(out, column / 26 - 1);
    }
    let letter = u8::try_from(column % 26).map_or('?', |place| char::from(b'A' + place));
    out.push(letter);
}

/// XML's special characters; and `_x0041_`, which spreadsheet programs take for an escape of their own.
fn push_escaped(out: &mut String, text: &str) {
    for (place, c) in text.char_indices().take(CELL_CHARACTERS_MAX) {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '_' if looks_like_escape(&text.as_bytes()[place..]) => out.push_str("_x005F_"),
            '\t' | '\n' => out.push(c),
            '\r' => out.push_str("&#13;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
}

fn looks_like_escape(bytes: &[u8]) -> bool {
    matches!(bytes, [b'_', b'x', a, b, c, d, b'_', ..] if [a, b, c, d].iter().all(|digit| digit.is_ascii_hexdigit()))
}

/// Days since 1899-12-30. Before 1900-03-01 the spreadsheets' calendar has a day that never was.
fn serial(day: Date) -> Option<i32> {
    if day < date(1900, 3, 1) {
        return None;
    }
    date(1899, 12, 30).until(day).ok().map(|span| span.get_days())
}

/// Names of sheets are at most 31 characters and without some signs.
fn sheet_name(name: &str) -> String {
    let allowed = |c: &char| !c.is_control() && !matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\' | '\'');
    let name: String = name.chars().filter(allowed).take(25).collect();
    if name.trim().is_empty() { "Sheet".to_owned() } else { name }
}

fn content_types(sheets: u32) -> String {
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml";
    let mut text = format!(
        "{DECLARATION}<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/><Override PartName=\"/xl/workbook.xml\" ContentType=\"{kind}.sheet.main+xml\"/><Override PartName=\"/xl/styles.xml\" ContentType=\"{kind}.styles+xml\"/>"
    );
    for sheet in 1..=sheets {
        let _ = write!(
            text,
            "<Override PartName=\"/xl/worksheets/sheet{sheet}.xml\" ContentType=\"{kind}.worksheet+xml\"/>"
        );
    }
    text.push_str("</Types>");
    text
}

fn workbook(name: &str, sheets: u32) -> (String, String) {
    let mut book = format!("{DECLARATION}<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets>");
    let mut links = format!("{DECLARATION}<Relationships xmlns=\"{PACKAGE}/relationships\">");
    for sheet in 1..=sheets {
        book.push_str("<sheet name=\"");
        push_escaped(&mut book, name);
        if sheet > 1 {
            let _ = write!(book, " {sheet}");
        }
        let _ = write!(book, "\" sheetId=\"{sheet}\" r:id=\"rId{sheet}\"/>");
        let _ = write!(
            links,
            "<Relationship Id=\"rId{sheet}\" Type=\"{OFFICE}/worksheet\" Target=\"worksheets/sheet{sheet}.xml\"/>"
        );
    }
    let styles = sheets + 1;
    let _ = write!(
        links,
        "<Relationship Id=\"rId{styles}\" Type=\"{OFFICE}/styles\" Target=\"styles.xml\"/></Relationships>"
    );
    book.push_str("</sheets></workbook>");
    (book, links)
}

fn styles() -> String {
    format!(
        "{DECLARATION}<styleSheet xmlns=\"{MAIN}\"><numFmts count=\"1\"><numFmt numFmtId=\"164\" formatCode=\"dd/mm/yyyy\"/></numFmts><fonts count=\"2\"><font><sz val=\"11\"/><name val=\"Calibri\"/></font><font><b/><sz val=\"11\"/><name val=\"Calibri\"/></font></fonts><fills count=\"2\"><fill><patternFill patternType=\"none\"/></fill><fill><patternFill patternType=\"gray125\"/></fill></fills><borders count=\"1\"><border/></borders><cellStyleXfs count=\"1\"><xf/></cellStyleXfs><cellXfs count=\"3\"><xf xfId=\"0\"/><xf numFmtId=\"164\" xfId=\"0\" applyNumberFormat=\"1\"/><xf fontId=\"1\" xfId=\"0\" applyFont=\"1\"/></cellXfs></styleSheet>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::{Data, Reader, Xlsx};

    #[test]
    fn a_table_longer_than_a_sheet_goes_on_in_a_second_one_under_the_same_header() {
        let mut writer = XlsxWriter::new(Vec::new(), "Chi trả", &["number"]).unwrap();
        writer.rows_max = 4;
        for number in 1..=5 {
            writer.row(&[Cell::Integer(number)]).unwrap();
        }
        let bytes = writer.finish().unwrap();
        let mut book: Xlsx<_> = calamine::open_workbook_from_rs(io::Cursor::new(bytes)).unwrap();
        assert_eq!(book.sheet_names(), ["Chi trả", "Chi trả 2"]);
        let mut column = |name: &str| -> Vec<Data> {
            book.worksheet_range(name).unwrap().rows().map(|row| row[0].clone()).collect()
        };
        let header = Data::String("number".to_owned());
        assert_eq!(column("Chi trả"), [header.clone(), Data::Float(1.0), Data::Float(2.0), Data::Float(3.0)]);
        assert_eq!(column("Chi trả 2"), [header, Data::Float(4.0), Data::Float(5.0)]);
    }

    #[test]
    fn columns_are_lettered_as_in_a_sheet() {
        let letters = |column| {
            let mut text = String::new();
            push_column(&mut text, column);
            text
        };
        assert_eq!([0, 25, 26, 51, 52, 701, 702].map(letters), ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
    }

    #[test]
    fn dates_have_the_serial_numbers_of_spreadsheets() {
        assert_eq!(serial(date(2025, 3, 1)), Some(45_717));
        assert_eq!(serial(date(1900, 3, 1)), Some(61));
        assert_eq!(serial(date(1900, 2, 28)), None);
    }
}
