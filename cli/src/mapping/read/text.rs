//! Texts of a mapping, and regular expressions.

use plans::read::report::Spot;
use plans::read::value::{self, TomlValue};
use regex::Regex;

use crate::mapping::refusal::{MappingRefusal, MappingReport, MappingValue};

/// A text of any kind.
pub fn text(value: &TomlValue<'_>, report: &mut MappingReport<'_>) -> Option<String> {
    value.get_ref().as_str().map(str::to_owned).or_else(|| value::not(value, MappingValue::Text, report))
}

/// A regular expression.
pub fn pattern(written: &TomlValue<'_>, report: &mut MappingReport<'_>) -> Option<Regex> {
    let text = text(written, report)?;
    match Regex::new(&text) {
        Ok(pattern) => Some(pattern),
        Err(error) => {
            let why = error.to_string();
            let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            report.wrong(Spot::from(written.span()), MappingRefusal::PatternWrong { pattern: text, why })
        }
    }
}
