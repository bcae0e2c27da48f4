//! Tables as Parquet, for DuckDB, pandas and Spark: one row group, plain pages without compression, every column nullable. The few parts of
//! the format that a table of figures needs, so that no large library is built in for them.

use super::table::Cell;
use std::io;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// UTF-8.
    Text,
    /// 64-bit whole numbers.
    Integer,
    /// Decimals of up to 18 digits with this many after the point.
    Decimal(u32),
}

/// Digits of a decimal that always fit into 64 bits.
const PRECISION: i32 = 18;
const MAGIC: &[u8; 4] = b"PAR1";

/// The table as a file. Each row has a cell for each column; a cell that does not fit its column's kind is an error.
pub fn parquet(columns: &[(&str, ColumnKind)], rows: &[Vec<Cell<'_>>]) -> io::Result<Vec<u8>> {
    let mut file = MAGIC.to_vec();
    let mut chunks = Vec::new();
    // A file without rows has no row group.
    let written = if rows.is_empty() { &[] } else { columns };
    for (place, (_, kind)) in written.iter().enumerate() {
        let cells: Vec<Cell<'_>> = rows.iter().map(|row| row.get(place).copied().unwrap_or(Cell::Empty)).collect();
        let page = page(*kind, &cells)?;
        let mut header = Compact::default();
        header.number(1, 0); // a data page
        header.number(2, size(page.len())?);
        header.number(3, size(page.len())?);
        header.begin(5);
        header.number(1, size(cells.len())?);
        header.number(2, 0); // plain values
        header.number(3, 3); // run-length encoded definition levels
        header.number(4, 3);
        header.end();
        header.end();
        let offset = file.len();
        file.extend_from_slice(&header.bytes);
        file.extend_from_slice(&page);
        chunks.push((offset, file.len() - offset));
    }
    let footer = footer(columns, (&chunks, rows.len()))?;
    let length = u32::try_from(footer.len()).map_err(io::Error::other)?;
    file.extend_from_slice(&footer);
    file.extend_from_slice(&length.to_le_bytes());
    file.extend_from_slice(MAGIC);
    Ok(file)
}

fn size(number: usize) -> io::Result<i64> {
    // Sizes are 32-bit signed in the format.
    i32::try_from(number).map(i64::from).map_err(io::Error::other)
}

/// Definition levels, then the values that are there.
fn page(kind: ColumnKind, cells: &[Cell<'_>]) -> io::Result<Vec<u8>> {
    let mut levels = Vec::new();
    let mut start = 0;
    while let Some(first) = cells.get(start) {
        let is_there = *first != Cell::Empty;
        let run = cells[start..].iter().take_while(|cell| (**cell != Cell::Empty) == is_there).count();
        varint(&mut levels, u64::try_from(run).map_err(io::Error::other)? << 1);
        levels.push(u8::from(is_there));
        start += run;
    }
    let length = u32::try_from(levels.len()).map_err(io::Error::other)?;
    let mut page = length.to_le_bytes().to_vec();
    page.append(&mut levels);
    for cell in cells.iter().filter(|cell| **cell != Cell::Empty) {
        value(&mut page, kind, cell)?;
    }
    Ok(page)
}

fn value(page: &mut Vec<u8>, kind: ColumnKind, cell: &Cell<'_>) -> io::Result<()> {
    let number = match (kind, cell) {
        (ColumnKind::Text, Cell::Text(text) | Cell::Decimal(text)) => return bytes(page, text.as_bytes()),
        (ColumnKind::Text, Cell::Integer(number)) => return bytes(page, number.to_string().as_bytes()),
        (ColumnKind::Text | ColumnKind::Integer | ColumnKind::Decimal(_), Cell::Date(day)) => {
            return bytes_of_date(page, kind, *day);
        }
        (ColumnKind::Integer, Cell::Integer(number)) => *number,
        (ColumnKind::Decimal(scale), Cell::Integer(number)) => scaled(&number.to_string(), scale)?,
        (ColumnKind::Decimal(scale), Cell::Decimal(text) | Cell::Text(text)) => scaled(text, scale)?,
        (_, Cell::Empty) | (ColumnKind::Integer, Cell::Text(_) | Cell::Decimal(_)) => return Err(unfit(cell)),
    };
    page.extend_from_slice(&number.to_le_bytes());
    Ok(())
}

fn bytes_of_date(page: &mut Vec<u8>, kind: ColumnKind, day: jiff::civil::Date) -> io::Result<()> {
    if kind == ColumnKind::Text { bytes(page, day.to_string().as_bytes()) } else { Err(unfit(&Cell::Date(day))) }
}

fn bytes(page: &mut Vec<u8>, text: &[u8]) -> io::Result<()> {
    let length = u32::try_from(text.len()).map_err(io::Error::other)?;
    page.extend_from_slice(&length.to_le_bytes());
    page.extend_from_slice(text);
    Ok(())
}

/// A decimal in plain digits as a whole number of its last place.
fn scaled(text: &str, scale: u32) -> io::Result<i64> {
    let decimal: rust_decimal::Decimal = text.parse().map_err(io::Error::other)?;
    let last_places = decimal.checked_mul(rust_decimal::Decimal::from(10_i64.pow(scale.min(18))));
    let whole = last_places.filter(rust_decimal::Decimal::is_integer).and_then(|whole| i64::try_from(whole).ok());
    whole.ok_or_else(|| {
        io::Error::other(format!("{text} has more than {scale} digits after the point, or too many before it"))
    })
}

fn unfit(cell: &Cell<'_>) -> io::Error {
    io::Error::other(format!("{cell:?} does not fit its column"))
}

/// What the file holds and where: schema, one row group, its column chunks.
fn footer(columns: &[(&str, ColumnKind)], (chunks, rows): (&[(usize, usize)], usize)) -> io::Result<Vec<u8>> {
    let rows = i64::try_from(rows).map_err(io::Error::other)?;
    let mut meta = Compact::default();
    meta.number(1, 1);
    meta.list(2, columns.len() + 1);
    meta.open();
    meta.text(4, "table");
    meta.number(5, size(columns.len())?);
    meta.end();
    for (name, kind) in columns {
        schema_element(&mut meta, name, *kind);
    }
    meta.long(3, rows);
    meta.list(4, usize::from(!chunks.is_empty()));
    if !chunks.is_empty() {
        row_group(&mut meta, columns, (chunks, rows))?;
    }
    meta.text(6, concat!("chitra ", env!("CARGO_PKG_VERSION")));
    meta.end();
    Ok(meta.bytes)
}

fn row_group(
    meta: &mut Compact,
    columns: &[(&str, ColumnKind)],
    (chunks, rows): (&[(usize, usize)], i64),
) -> io::Result<()> {
    meta.open();
    meta.list(1, columns.len());
    for ((name, kind), (offset, length)) in columns.iter().zip(chunks) {
        let (offset, length) = (size(*offset)?, size(*length)?);
        meta.open();
        meta.long(2, offset);
        meta.begin(3);
        meta.number(1, kind.physical());
        meta.list_of_numbers(2, &[0, 3]);
        meta.list_of_text(3, name);
        meta.number(4, 0);
        meta.long(5, rows);
        meta.long(6, length);
        meta.long(7, length);
        meta.long(9, offset);
        meta.end();
        meta.end();
    }
    let total = chunks.iter().map(|(_, length)| length).sum();
    meta.long(2, size(total)?);
    meta.long(3, rows);
    meta.end();
    Ok(())
}

fn schema_element(meta: &mut Compact, name: &str, kind: ColumnKind) {
    meta.open();
    meta.number(1, kind.physical());
    meta.number(3, 1); // optional
    meta.text(4, name);
    match kind {
        ColumnKind::Text => meta.number(6, 0),
        ColumnKind::Integer => {}
        ColumnKind::Decimal(scale) => {
            meta.number(6, 5);
            meta.number(7, i64::from(scale));
            meta.number(8, i64::from(PRECISION));
        }
    }
    meta.end();
}

impl ColumnKind {
    /// The format's number of the type that values are written as.
    const fn physical(self) -> i64 {
        match self {
            Self::Integer | Self::Decimal(_) => 2,
            Self::Text => 6,
        }
    }
}

fn varint(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(low_bits(number) | 0x80);
        number >>= 7;
    }
    bytes.push(low_bits(number));
}

const fn low_bits(number: u64) -> u8 {
    number.to_le_bytes()[0] & 0x7f
}

/// Thrift's compact protocol, in which the format writes what it says of itself.
#[derive(Debug, Default)]
struct Compact {
    bytes: Vec<u8>,
    /// The number of the last field, for each structure that is open; the outermost is always.
    last: Vec<i64>,
    outermost: i64,
}

impl Compact {
    fn field(&mut self, number: i64, kind: u8) {
        let last = self.last.last_mut().unwrap_or(&mut self.outermost);
        let step = u8::try_from(number - *last).unwrap_or(1);
        *last = number;
        self.bytes.push((step << 4) | kind);
    }

    fn zigzag(&mut self, number: i64) {
        varint(&mut self.bytes, ((number << 1) ^ (number >> 63)).cast_unsigned());
    }

    fn number(&mut self, field: i64, number: i64) {
        self.field(field, 5);
        self.zigzag(number);
    }

    fn long(&mut self, field: i64, number: i64) {
        self.field(field, 6);
        self.zigzag(number);
    }

    fn raw_text(&mut self, text: &str) {
        varint(&mut self.bytes, text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
    }

    fn text(&mut self, field: i64, text: &str) {
        self.field(field, 8);
        self.raw_text(text);
    }

    fn list_header(&mut self, kind: u8, count: usize) {
        match u8::try_from(count) {
            Ok(few) if few < 15 => self.bytes.push((few << 4) | kind),
            _ => {
                self.bytes.push(0xf0 | kind);
                varint(&mut self.bytes, count as u64);
            }
        }
    }

    /// A list of structures; each begins with `open`.
    fn list(&mut self, field: i64, count: usize) {
        self.field(field, 9);
        self.list_header(12, count);
    }

    fn list_of_numbers(&mut self, field: i64, numbers: &[i64]) {
        self.field(field, 9);
        self.list_header(5, numbers.len());
        for number in numbers {
            self.zigzag(*number);
        }
    }

    fn list_of_text(&mut self, field: i64, text: &str) {
        self.field(field, 9);
        self.list_header(8, 1);
        self.raw_text(text);
    }

    /// A structure in a field.
    fn begin(&mut self, field: i64) {
        self.field(field, 12);
        self.open();
    }

    fn open(&mut self) {
        self.last.push(0);
    }

    fn end(&mut self) {
        self.bytes.push(0);
        self.last.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Read back by DuckDB 1.x and pyarrow as three rows with their nulls, texts, numbers and decimals.
    const BYTES: [&str; 6] = [
        "504152311500153015302c1506150015061506000004000000040102000800000048e1bb996920416e000000001500153415",
        "342c15061500150615060000060000000201020002010500000000000000ffffffffffffffff1500153415342c1506150015",
        "06150600000600000002010200020120a1070000000000bfbdf0ffffffffff1502194c48057461626c65150600150c250218",
        "04756e697425000015042502180670656f706c6500150425021805726174696f250a150c1524001606191c193c26081c150c",
        "19250006191804756e6974150016061652165226080000265a1c15041925000619180670656f706c65150016061656165626",
        "5a000026b0011c150419250006191805726174696f150016061656165626b001000016fe01160600",
    ];

    const COLUMNS: [(&str, ColumnKind); 3] =
        [("unit", ColumnKind::Text), ("people", ColumnKind::Integer), ("ratio", ColumnKind::Decimal(6))];

    #[test]
    fn a_table_is_the_bytes_that_others_read() {
        let rows = [
            vec![Cell::Text("Hội An"), Cell::Integer(5), Cell::Decimal("0.5")],
            vec![Cell::Text(""), Cell::Empty, Cell::Empty],
            vec![Cell::Empty, Cell::Integer(-1), Cell::Decimal("-1.000001")],
        ];
        let file = parquet(&COLUMNS, &rows).unwrap();
        let hex: String = file.iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(hex.starts_with(&BYTES.concat()), "{hex}");
        let footer = u32::from_le_bytes(file[file.len() - 8..file.len() - 4].try_into().unwrap());
        assert_eq!((&file[file.len() - 4..], footer > 100), (&MAGIC[..], true));
    }

    #[test]
    fn a_value_that_does_not_fit_its_column_is_an_error() {
        for cell in [Cell::Decimal("0.1234567"), Cell::Decimal("99999999999999"), Cell::Decimal("x")] {
            assert!(parquet(&COLUMNS, &[vec![Cell::Empty, Cell::Empty, cell]]).is_err(), "{cell:?}");
        }
        assert!(parquet(&COLUMNS, &[vec![Cell::Empty, Cell::Text("five"), Cell::Empty]]).is_err());
    }

    #[test]
    fn a_table_without_rows_has_no_row_group() {
        let file = parquet(&COLUMNS, &[]).unwrap();
        assert!(file.starts_with(MAGIC) && file.ends_with(MAGIC) && file.len() < 200);
    }
}
