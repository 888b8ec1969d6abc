//! The header of CSV: which row it is, and whether it has the columns that a mapping names.

use std::io;
use std::ops::ControlFlow;

use regex::Regex;

use crate::failure::refused_reading;
use crate::mapping::refusal::{MappingRefusal, MappingReport};
use crate::mapping::rules::{Column, Header, SourceFormat};
use crate::mapping::source::csv_rows::bad_csv;
use crate::mapping::source::row::BadRow;
use crate::mapping::source::rows::SourceRows;
use crate::mapping::source::unseen::column_names;
use crate::wording::mapping::row_refused;
use crate::wording::problem::Problem;

/// As many rows are looked at for a header that is not the first row.
const TITLES_MAX: usize = 50;
/// The header is in one of so many first rows.
const LINES_MAX: usize = 1_000;

impl SourceRows<'_> {
    /// Whether the columns that the mapping names are there. The error is that of reading, or why the file is refused.
    pub fn check_columns(&mut self, columns: &[Column], report: &mut MappingReport<'_>) -> io::Result<()> {
        match self.format {
            SourceFormat::Csv => {
                self.header_line = match &self.shape.header {
                    Header::FirstRow | Header::Numbered => None,
                    Header::Line(line) => Some(*line),
                    Header::Matches(pattern) => match self.line_that_matches(pattern)? {
                        Some(line) => Some(line),
                        None => {
                            let source = self.name.name.clone();
                            report.refuse(self.shape.header_at, MappingRefusal::HeaderMissing { source });
                            return Ok(());
                        }
                    },
                };
                self.names = self.header()?;
                let missing = columns.iter().find(|column| !self.names.contains(&column.name));
                if let (Some(missing), Some(line)) = (missing, self.better_header(columns)?) {
                    let (column, source) = (missing.name.clone(), self.name.name.clone());
                    report.refuse(missing.spot, MappingRefusal::HeaderElsewhere { column, source, line });
                    return Ok(());
                }
                self.check_header(&self.names, columns, report);
            }
            // Rows tell.
            SourceFormat::JsonLines => {}
        }
        Ok(())
    }

    fn check_header(&self, names: &[String], columns: &[Column], report: &mut MappingReport<'_>) {
        if let (Some(other), Some(column)) = (self.other_delimiter(names), columns.first()) {
            let (column_name, source) = (column.name.clone(), self.name.name.clone());
            report.refuse(
                column.spot,
                MappingRefusal::ColumnInSingleCell { column: column_name, source, delimiter: other },
            );
            return;
        }
        for column in columns {
            let (name, source) = (column.name.clone(), self.name.name.clone());
            let refusal = match names.iter().filter(|name| **name == column.name).count() {
                1 => continue,
                0 => MappingRefusal::ColumnUnknown { column: name, source, columns: column_names(column, names) },
                _ => MappingRefusal::ColumnTwice { column: name, source },
            };
            report.refuse(column.spot, refusal);
        }
    }

    /// What seems to part the cells of a header that is a single one as it was read.
    fn other_delimiter(&self, names: &[String]) -> Option<char> {
        let [all] = names else { return None };
        let of = |sign: &char| all.matches(*sign).count();
        [',', ';', '\t', '|'].into_iter().filter(|sign| of(sign) > 0).max_by_key(of)
    }

    /// The names of the columns; none where the file is empty.
    fn header(&self) -> io::Result<Vec<String>> {
        let mut names = Ok(Vec::new());
        self.each_csv_row(&mut |csv, read| {
            let has_names = !matches!(self.shape.header, Header::Numbered);
            names = match (read, has_names) {
                (Err(fault), _) => {
                    let BadRow { whole, at, refusal } = bad_csv(csv, fault, 0);
                    let place = Some(Box::new(self.name.location(whole.text, at)));
                    Err(refused_reading(Problem { place, ..Problem::from(row_refused(&refusal)) }))
                }
                (Ok(()), true) => Ok(csv.cells().iter().map(|cell| csv.text(*cell).into_owned()).collect()),
                (Ok(()), false) => Ok((1..=csv.cells().len()).map(|number| number.to_string()).collect()),
            };
            ControlFlow::Break(())
        })?;
        names
    }

    /// The line of the first row of several cells of which one matches.
    fn line_that_matches(&self, pattern: &Regex) -> io::Result<Option<usize>> {
        let (mut line, mut rows) = (None, 0);
        self.each_csv_row(&mut |csv, read| {
            rows += 1;
            let is_header = read.is_ok()
                && csv.cells().len() > 1
                && csv.cells().iter().any(|cell| pattern.is_match(&csv.text(*cell)));
            line = is_header.then(|| csv.line());
            if is_header || rows >= LINES_MAX { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        Ok(line)
    }

    /// The line of a row that has all columns, where the header lacks one: what is above it may be titles.
    fn better_header(&self, columns: &[Column]) -> io::Result<Option<usize>> {
        let has_all = |names: &[String]| columns.iter().all(|column| names.contains(&column.name));
        if has_all(&self.names) || matches!(self.shape.header, Header::Numbered) {
            return Ok(None);
        }
        let (mut line, mut rows) = (None, 0);
        self.each_csv_row(&mut |csv, read| {
            rows += 1;
            let names: Vec<String> = csv.cells().iter().map(|cell| csv.text(*cell).into_owned()).collect();
            line = (read.is_ok() && has_all(&names)).then(|| csv.line());
            if line.is_some() || rows >= TITLES_MAX { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        Ok(line)
    }
}
