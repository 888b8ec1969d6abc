//! What is doubtful about rows: each kind of doubt is told once for a rule, at the first row, with how many there are.

use ledger::finding::TextLocation;

use crate::mapping::refusal::RowWarning;

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

/// Whether a text is a number as spreadsheets write those with more digits than they keep: `4.68769E+17`.
pub fn has_lost_digits(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return false };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = mantissa.splitn(2, ['.', ',']);
    let is_mantissa =
        parts.next().is_some_and(|whole| whole.len() == 1 && is_number(whole)) && parts.next().is_none_or(is_number);
    is_mantissa && exponent.strip_prefix('+').is_some_and(|digits| digits.len() <= 3 && is_number(digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_and_lost_digits_are_seen() {
        for text in ["Total", "GRAND TOTAL", "Totals:", "Grand total (12 records)", "Summe"] {
            assert!(is_of_totals(text), "{text}");
        }
        for text in ["Total Wine Inc", "B1", "", "Sumatra"] {
            assert!(!is_of_totals(text), "{text}");
        }
        for text in ["4.68769E+17", "4,68769E+17", "5E+15", "1.2e+08"] {
            assert!(has_lost_digits(text), "{text}");
        }
        for text in ["0068d00000AbC1", "E+17", "4.68769E17", "46.8E+17", "4.E+17", "acme", "1E+x"] {
            assert!(!has_lost_digits(text), "{text}");
        }
    }
}
