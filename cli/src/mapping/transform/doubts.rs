//! What is doubtful about rows: each kind of doubt is told once for a rule, at the first row, with how many there are.

use ledger::finding::TextLocation;

use crate::mapping::refusal::RowWarning;
use crate::mapping::source::row::{CellKind, SourceCell};

/// Doubts about the rows of a call.
#[derive(Default)]
pub struct RowDoubts {
    doubts: Vec<RowDoubt>,
}

/// What is doubtful about a row, and how many rows are so.
pub struct RowDoubt {
    rule: usize,
    pub warning: RowWarning,
    pub location: TextLocation,
    pub rows: u64,
}

impl RowDoubts {
    /// Notes a doubt of a rule. Where it is, is asked for the first of its kind only.
    pub fn add(&mut self, rule: usize, warning: RowWarning, location: impl FnOnce() -> TextLocation) {
        let is_such = |doubt: &&mut RowDoubt| {
            doubt.rule == rule && std::mem::discriminant(&doubt.warning) == std::mem::discriminant(&warning)
        };
        match self.doubts.iter_mut().find(is_such) {
            Some(doubt) => doubt.rows += 1,
            None => self.doubts.push(RowDoubt { rule, warning, location: location(), rows: 1 }),
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = &RowDoubt> {
        self.doubts.iter()
    }
}

/// Words with which rows of totals begin, in small letters.
const TOTALS: [&str; 16] = [
    "total",
    "totals",
    "grand total",
    "subtotal",
    "sub-total",
    "sub total",
    "sum",
    "sums",
    "overall",
    "summe",
    "gesamt",
    "gesamtsumme",
    "zwischensumme",
    "total général",
    "totale",
    "suma",
];

/// Whether a text is one that rows of totals have.
pub fn is_of_totals(text: &str) -> bool {
    // Most names are told apart by their first letter, which costs less.
    let may_be = |c: char| "tgsoz".contains(c.to_ascii_lowercase());
    if !text.starts_with(may_be) {
        return false;
    }
    let text = text.trim_end_matches(':').trim().to_lowercase();
    TOTALS.contains(&text.as_str()) || text.starts_with("grand total") || text.starts_with("total (")
}

/// Numbers with more digits are rounded by what exports them: spreadsheets, and programs that take numbers for floating-point ones.
const DIGITS_KEPT: u32 = 15;
/// No number with an exponent is longer.
const NUMBER_BYTES_MAX: usize = 40;

/// Whether a cell has a number without its last digits: one of a spreadsheet that is longer than spreadsheets keep them, or one that
/// is written like `4.68769E+17`. Without `+` and a point, a text like `4E17` may be a code.
pub fn has_lost_digits(cell: &SourceCell<'_>) -> bool {
    let is_number = match cell.kind {
        CellKind::RoundedNumber => return true,
        CellKind::Number => true,
        CellKind::Text => false,
    };
    // Most texts are told apart by their first letter, which costs less.
    if !cell.text.starts_with(|c: char| c.is_ascii_digit()) || cell.text.len() > NUMBER_BYTES_MAX {
        return false;
    }
    let Some((mantissa, exponent)) = cell.text.split_once(['E', 'e']) else { return false };
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = mantissa.splitn(2, ['.', ',']);
    let is_mantissa =
        parts.next().is_some_and(|whole| whole.len() == 1 && is_digits(whole)) && parts.next().is_none_or(is_digits);
    let digits = exponent.strip_prefix('+').unwrap_or(exponent);
    if !is_mantissa || digits.len() > 3 || !is_digits(digits) {
        return false;
    }
    let is_long = digits.parse().is_ok_and(|exponent: u32| exponent >= DIGITS_KEPT);
    exponent.starts_with('+') || is_long && (is_number || mantissa.len() > 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::source::row::CellRange;

    #[test]
    fn totals_and_lost_digits_are_seen() {
        for text in ["Total", "GRAND TOTAL", "Totals:", "Grand total (12 records)", "Summe"] {
            assert!(is_of_totals(text), "{text}");
        }
        for text in ["Total Wine Inc", "B1", "", "Sumatra"] {
            assert!(!is_of_totals(text), "{text}");
        }
        let lost = |text: &'static str, kind: CellKind| {
            let at = CellRange { start: 0, end: 0, line: 1 };
            has_lost_digits(&SourceCell { text: text.into(), is_null: false, is_nested: false, kind, at })
        };
        for text in ["4.68769E+17", "4,68769E+17", "5E+15", "1.2e+08", "4.68769E17", "4.6e17", "1.5E15"] {
            assert!(lost(text, CellKind::Text), "{text}");
        }
        for text in ["0068d00000AbC1", "E+17", "46.8E+17", "4.E+17", "acme", "1E+x", "4E17", "1.5E14", "1.5E-17"] {
            assert!(!lost(text, CellKind::Text), "{text}");
        }
        assert!(lost("4e17", CellKind::Number) && !lost("4e14", CellKind::Number));
        assert!(!lost("468769123456789012", CellKind::Number));
        assert!(lost("468769123456789000", CellKind::RoundedNumber));
    }
}
