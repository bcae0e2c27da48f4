//! A workbook to fill in: a sheet for each kind of import, and the code lists. All words come from the caller.

use super::error::FileError;
use rust_xlsxwriter::{ColNum, Format, RowNum, Workbook, Worksheet, XlsxError};

/// One column of a sheet to fill in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateColumn {
    /// The header, a name or alias that the import knows.
    pub header: String,
    /// What is to be written there; shown as a note on the header.
    pub note: String,
    /// The value of the example row.
    pub example: String,
}

/// One sheet to fill in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateSheet {
    /// The sheet's name.
    pub name: String,
    /// Its columns in order.
    pub columns: Vec<TemplateColumn>,
}

/// One list of codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeList {
    /// The sheet's name.
    pub name: String,
    /// Its headers.
    pub header: Vec<String>,
    /// Its rows, each as long as the header.
    pub rows: Vec<Vec<String>>,
}

/// Makes the workbook. Every cell has the text format, so that leading zeros and long numbers stay as they are typed.
pub fn template(sheets: &[TemplateSheet], lists: &[CodeList]) -> Result<Vec<u8>, FileError> {
    build(sheets, lists).map_err(|error| FileError::Io(std::io::Error::other(error)))
}

fn build(sheets: &[TemplateSheet], lists: &[CodeList]) -> Result<Vec<u8>, XlsxError> {
    let text = Format::new().set_num_format("@");
    let header = Format::new().set_num_format("@").set_bold();
    let mut workbook = Workbook::new();
    for sheet in sheets {
        let worksheet = begin(&mut workbook, &sheet.name)?;
        for (place, column) in sheet.columns.iter().enumerate() {
            let place = column_number(place)?;
            worksheet.set_column_format(place, &text)?;
            worksheet.set_column_width(place, 20)?;
            worksheet.write_string_with_format(0, place, column.header.as_str(), &header)?;
            worksheet.write_string_with_format(1, place, column.example.as_str(), &text)?;
            if !column.note.is_empty() {
                worksheet.insert_note(0, place, &rust_xlsxwriter::Note::new(column.note.as_str()))?;
            }
        }
    }
    for list in lists {
        let worksheet = begin(&mut workbook, &list.name)?;
        write_texts(worksheet, 0, &list.header, &header)?;
        for (place, row) in list.rows.iter().enumerate() {
            let number = RowNum::try_from(place + 1).map_err(|_| XlsxError::RowColumnLimitError)?;
            write_texts(worksheet, number, row, &text)?;
        }
    }
    workbook.save_to_buffer()
}

fn begin<'a>(workbook: &'a mut Workbook, name: &str) -> Result<&'a mut Worksheet, XlsxError> {
    let worksheet = workbook.add_worksheet();
    worksheet.set_name(name)?;
    worksheet.set_freeze_panes(1, 0)
}

fn write_texts(worksheet: &mut Worksheet, row: RowNum, texts: &[String], format: &Format) -> Result<(), XlsxError> {
    for (place, text) in texts.iter().enumerate() {
        let place = column_number(place)?;
        worksheet.set_column_width(place, 20)?;
        worksheet.write_string_with_format(row, place, text.as_str(), format)?;
    }
    Ok(())
}

fn column_number(place: usize) -> Result<ColNum, XlsxError> {
    ColNum::try_from(place).map_err(|_| XlsxError::RowColumnLimitError)
}
