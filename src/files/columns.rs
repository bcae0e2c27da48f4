//! The columns that a kind of file may have, and how a header row is matched to them. Names come from the caller.

use super::error::FileError;
use super::fields::fold;
use super::problem::Problem;

/// More columns than any office file of ours has: a bound for every list of cells.
pub const COLUMNS_MAX: usize = 256;

/// The column in which a file comes back with its errors. It may stay when the mended file is sent again: it is not read.
pub const ERROR_COLUMN: &str = "_errors";

/// The canonical columns of one kind of file, with other names they go by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    names: Vec<String>,
    /// Folded name or alias, with the column's place in `names`; sorted by name.
    known: Vec<(String, usize)>,
    /// Of each group at least one column must be there.
    required: Vec<Vec<usize>>,
}

/// Which cell of a file's row belongs to which column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// For each cell of a row, its column; `None` under a blank header.
    pub(super) columns: Vec<Option<usize>>,
    /// The cell of the [`ERROR_COLUMN`], which is passed over.
    pub(super) error_column: Option<usize>,
}

impl Columns {
    /// Canonical names with their aliases, in the order wanted, and groups of which at least one column must be there:
    /// `[["amount"], ["personal_id", "si_number"]]`. Names in `required` that are not columns are ignored.
    #[must_use]
    pub fn new(aliases: &[(&str, &[&str])], required: &[&[&str]]) -> Self {
        let names: Vec<String> = aliases.iter().map(|(name, _)| (*name).to_owned()).collect();
        let mut known: Vec<(String, usize)> = aliases
            .iter()
            .enumerate()
            .flat_map(|(index, (name, others))| {
                std::iter::once(name).chain(*others).map(move |alias| (fold(alias), index))
            })
            .collect();
        known.sort();
        known.dedup();
        let place = |name: &&str| names.iter().position(|known| known == name);
        let required = required.iter().map(|group| group.iter().filter_map(place).collect()).collect();
        Self { names, known, required }
    }

    /// The canonical names in order.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The place of a canonical name.
    #[must_use]
    pub fn index(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known == name)
    }

    /// The column that a header's text means. `None` for a text that means none, or that is an alias of two.
    #[must_use]
    pub fn find(&self, header: &str) -> Option<usize> {
        let folded = fold(header);
        let start = self.known.partition_point(|(name, _)| *name < folded);
        let mut hits = self.known[start..].iter().take_while(|(name, _)| *name == folded);
        let first = hits.next()?;
        hits.next().is_none().then_some(first.1)
    }

    /// Matches a header row. Refuses unknown, repeated and missing columns: a column that is ignored by mistake is
    /// money paid by mistake.
    pub fn resolve(&self, header: &[String]) -> Result<Layout, FileError> {
        if header.len() > COLUMNS_MAX {
            return Err(FileError::refused(Problem::new(
                "too-many-columns",
                format!("at most {COLUMNS_MAX} columns"),
                "The file has too many columns.",
                "Tệp có quá nhiều cột.",
            )));
        }
        let is_blank = |text: &String| text.trim().is_empty() || text.trim() == ERROR_COLUMN;
        let unknown: Vec<&str> =
            header.iter().filter(|text| !is_blank(text) && self.find(text).is_none()).map(String::as_str).collect();
        if !unknown.is_empty() {
            let is_header = header.iter().any(|text| self.find(text).is_some());
            return Err(FileError::refused(if is_header { self.unknown_columns(&unknown) } else { self.no_header() }));
        }
        let columns: Vec<Option<usize>> = header.iter().map(|text| self.find(text)).collect();
        for (place, column) in columns.iter().enumerate() {
            let Some(column) = column else { continue };
            if columns[..place].contains(&Some(*column)) {
                return Err(FileError::refused(self.repeated_column(*column, &header[place])));
            }
        }
        if let Some(group) = self.missing_group(|index| columns.contains(&Some(index))) {
            return Err(FileError::refused(self.missing_column(group)));
        }
        let error_column = header.iter().position(|text| text.trim() == ERROR_COLUMN);
        Ok(Layout { columns, error_column })
    }

    /// The first group of required columns of which none is there.
    pub(super) fn missing_group(&self, is_there: impl Fn(usize) -> bool) -> Option<&[usize]> {
        let missing = |group: &&Vec<usize>| !group.is_empty() && !group.iter().any(|index| is_there(*index));
        self.required.iter().find(missing).map(Vec::as_slice)
    }

    /// How well a header fits: 0 not at all, 1 some names are known, 2 it resolves.
    pub(super) fn fit(&self, header: &[String]) -> u8 {
        if self.resolve(header).is_ok() {
            return 2;
        }
        u8::from(header.iter().any(|text| self.find(text).is_some()))
    }

    fn list(&self) -> String {
        self.names.join(", ")
    }

    /// Not one known name in the first row. It may be a row about a person: nothing of it is repeated.
    fn no_header(&self) -> Problem {
        let list = self.list();
        Problem::new(
            "unknown-column",
            list.clone(),
            format!(
                "Row 1 names no column that can be read. Is the header row missing, or is it another kind of file? The columns are: {list}."
            ),
            format!(
                "Dòng 1 không có tên cột nào nhận ra được. Có thiếu dòng tiêu đề, hay là loại tệp khác? Các cột: {list}."
            ),
        )
    }

    pub(super) fn unknown_columns(&self, unknown: &[&str]) -> Problem {
        let shown: Vec<String> = unknown.iter().take(10).map(|name| format!("\"{}\"", excerpt(name))).collect();
        let (shown, list) = (shown.join(", "), self.list());
        Problem::new(
            "unknown-column",
            list.clone(),
            format!("Unknown column: {shown}. Remove it or name it as one of: {list}."),
            format!("Không nhận ra cột: {shown}. Hãy xóa cột hoặc đặt lại tên thành một trong: {list}."),
        )
    }

    pub(super) fn repeated_column(&self, column: usize, header: &str) -> Problem {
        let (name, header) = (&self.names[column], excerpt(header));
        Problem::new(
            "repeated-column",
            "each column once",
            format!("The column {name} stands there twice (\"{header}\"). Remove one."),
            format!("Cột {name} xuất hiện hai lần (\"{header}\"). Hãy xóa bớt một cột."),
        )
    }

    pub(super) fn missing_column(&self, group: &[usize]) -> Problem {
        let names: Vec<&str> = group.iter().map(|index| self.names[*index].as_str()).collect();
        let (names, list) = (names.join(" | "), self.list());
        Problem::new(
            "missing-column",
            names.clone(),
            format!("A column is missing: {names}. The columns that can be read are: {list}."),
            format!("Thiếu cột: {names}. Các cột có thể đọc được: {list}."),
        )
    }
}

/// The start of a text from a file, fit to stand in a message.
pub(super) fn excerpt(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Columns {
        Columns::new(
            &[
                ("amount", &["Số tiền", "so tien huong"]),
                ("personal_id", &["CCCD"]),
                ("si_number", &["Số sổ BHXH"]),
                ("unit", &["Đơn vị", "Xã"]),
                ("channel", &["Đơn vị chi"]),
            ],
            &[&["amount"], &["personal_id", "si_number"]],
        )
    }

    fn resolve(header: &[&str]) -> Result<Layout, FileError> {
        columns().resolve(&header.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn headers_are_known_by_name_or_alias_in_any_spelling() {
        let decomposed = "So\u{302}\u{301} tie\u{302}\u{300}n";
        for header in ["amount", " AMOUNT ", "Số tiền", "SO TIEN", "so_tien", decomposed] {
            assert_eq!(columns().find(header), Some(0), "{header}");
        }
        assert_eq!(columns().find("xa"), Some(3));
    }

    #[test]
    fn a_blank_header_is_a_column_without_meaning() {
        assert_eq!(resolve(&["amount", "", "CCCD", " "]).unwrap().columns, [Some(0), None, Some(1), None]);
    }

    #[test]
    fn the_column_of_errors_is_passed_over() {
        let layout = resolve(&["amount", ERROR_COLUMN, "CCCD"]).unwrap();
        assert_eq!((layout.columns, layout.error_column), (vec![Some(0), None, Some(1)], Some(1)));
    }

    #[test]
    fn an_unknown_column_is_named_and_refused() {
        let error = resolve(&["amount", "CCCD", "Ghi chú"]).unwrap_err();
        assert_eq!(error.code(), "unknown-column");
        assert!(error.message_in(Language::English).contains("\"Ghi chú\""), "{error}");
        assert!(error.message_in(Language::Vietnamese).contains("\"Ghi chú\""));
    }

    #[test]
    fn a_column_that_stands_twice_is_refused() {
        assert_eq!(resolve(&["amount", "CCCD", "so tien"]).unwrap_err().code(), "repeated-column");
    }

    #[test]
    fn of_each_required_group_one_column_must_be_there() {
        assert!(resolve(&["amount", "si_number"]).is_ok());
        let error = resolve(&["amount", "unit"]).unwrap_err();
        assert_eq!(error.code(), "missing-column");
        assert!(error.to_string().contains("personal_id | si_number"), "{error}");
    }

    #[test]
    fn an_alias_of_two_columns_means_neither() {
        let columns = Columns::new(&[("a", &["x"]), ("b", &["X"])], &[]);
        assert_eq!(columns.find("x"), None);
        assert_eq!(columns.find("b"), Some(1));
    }

    #[test]
    fn more_columns_than_bearable_are_refused() {
        let header = vec![String::new(); COLUMNS_MAX + 1];
        assert_eq!(columns().resolve(&header).unwrap_err().code(), "too-many-columns");
    }

    use super::super::problem::Language;
}
