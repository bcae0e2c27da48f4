//! The made-up office files that are imported, and the months, people and communes in them.

use std::fmt::Write as _;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Communes of one province, all from 2025-07-01 on.
const UNITS: [&str; 5] =
    ["C20194@20250701", "C20197@20250701", "C20200@20250701", "C20209@20250701", "C20242@20250701"];
/// The province.
pub const PROVINCE: &str = "P48@20250701";

const PAYMENTS: &str = "payment_reference,beneficiary_ref,benefit_type,benefit_months,cycle,amount,unit,channel";

/// `2025-08` and the months after it: the first that those communes see whole.
#[must_use]
pub fn month(number: u64) -> String {
    let months = 7 + number;
    format!("{}-{:02}", 2025 + months / 12, months % 12 + 1)
}

fn write(path: PathBuf, header: &str, lines: impl Iterator<Item = String>) -> io::Result<PathBuf> {
    let mut file = BufWriter::new(std::fs::File::create(&path)?);
    writeln!(file, "{header}")?;
    for line in lines {
        writeln!(file, "{line}")?;
    }
    file.flush()?;
    Ok(path)
}

fn unit_of(person: u64) -> &'static str {
    UNITS[usize::try_from(person).unwrap_or(0) % UNITS.len()]
}

/// Beneficiaries `B-0` to `B-<count - 1>`. Every second one has an account, so that the figures are not all zero.
pub fn people(folder: &Path, count: u64) -> io::Result<PathBuf> {
    let line = |person: u64| {
        let (sex, year) = if person.is_multiple_of(2) { ("female", 1940) } else { ("male", 1945) };
        let mut line = format!("B-{person},Nguyen Thi So {person},{sex},{year},{},", unit_of(person));
        let method = if has_account(person) {
            write!(line, "account,vcb,{:010},2025-07", 1_000_000_000 + person)
        } else {
            write!(line, "cash_desk,,,2025-07")
        };
        assert!(!cfg!(unoptimized) || method.is_ok(), "a string takes what is written");
        line
    };
    let header = "beneficiary_ref,name,sex,birth_year,unit,channel,bank,account,effective_month";
    write(folder.join("people.csv"), header, (0..count).map(line))
}

const fn has_account(person: u64) -> bool {
    person.is_multiple_of(2)
}

/// Payments to as many people, one row for each and month, from a month on.
pub fn payments(folder: &Path, name: &str, (rows, people, from): (u64, u64, u64)) -> io::Result<PathBuf> {
    let line = |row: u64| {
        let (person, month) = (row % people, month(from + row / people));
        let channel = if has_account(person) { "account" } else { "cash_desk" };
        let amount = 2_000_000 + row % 1000;
        format!("{name}-{row:08},B-{person},pension,{month},{month},{amount},{},{channel}", unit_of(person))
    };
    write(folder.join(format!("{name}.csv")), PAYMENTS, (0..rows).map(line))
}

/// Payments to those of so many people who have accounts, from the first month on.
pub fn to_accounts(folder: &Path, name: &str, (rows, people): (u64, u64)) -> io::Result<PathBuf> {
    let line = |row: u64| {
        let accounts = people.div_ceil(2);
        let (person, month) = (row % accounts * 2, month(row / accounts));
        format!("{name}-{row:08},B-{person},pension,{month},{month},2500000,{},account", unit_of(person))
    };
    write(folder.join(format!("{name}.csv")), PAYMENTS, (0..rows).map(line))
}

/// That the first rows of a file of payments were settled.
pub fn settled(folder: &Path, name: &str, rows: u64) -> io::Result<PathBuf> {
    let line = |row: u64| format!("{name}-{row:08},settled,2025-08-05");
    write(folder.join(format!("{name}-settled.csv")), "payment_reference,status,date", (0..rows).map(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_go_on_over_the_new_year() {
        assert_eq!((month(0), month(4), month(5)), ("2025-08".to_owned(), "2025-12".to_owned(), "2026-01".to_owned()));
    }
}
