//! What a mapping of an output says.

use ledger::id::percent_encoded;

use crate::mapping::evaluate::date_pattern::DatePattern;
use crate::output_map::template::CellTemplate;

/// A mapping of an output.
#[derive(Clone, Debug)]
pub struct OutputMap {
    /// The mapping's file, as messages name it.
    pub file: String,
    pub shape: OutputShape,
    /// The accounts of the general ledger; the first rule that covers an account holds. None in a mapping of payments.
    pub accounts: Vec<AccountRule>,
    pub columns: Vec<OutputColumn>,
}

/// How rows are written.
#[derive(Clone, Debug)]
pub struct OutputShape {
    pub rows: OutputRows,
    pub delimiter: char,
    /// The sign before the decimals.
    pub decimal: char,
    /// `None`: like 2027-01-31.
    pub date: Option<DatePattern>,
}

/// What makes a row.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum OutputRows {
    /// Each account of each entry.
    Entries,
    /// All amounts of a month that have the same cells otherwise.
    Sums,
}

/// An account of the general ledger, and the accounts of the book that go into it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountRule {
    pub covers: CoveredAccounts,
    pub code: String,
    pub name: String,
}

/// Which accounts of the book a rule covers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CoveredAccounts {
    /// Those whose name is like this; `*` is any text.
    Named(String),
    /// Those of a kind, as their names begin; of commission, those of a plan, of a component, or of both.
    OfKind { begins: &'static str, plan: Option<String>, component: Option<String> },
}

/// The kinds of accounts in a mapping, and how the names of such accounts begin.
pub const ACCOUNT_KINDS: [(&str, &str); 9] = [
    ("commission", "expense:commission:"),
    ("guarantee", "expense:guarantee"),
    ("write-off", "expense:write-off"),
    ("settlement", "settlement:"),
    ("payable", "payable:"),
    ("owed", "owed:"),
    ("draw", "draw:"),
    ("opening", "clearing:opening"),
    ("payroll", "clearing:payroll"),
];

impl CoveredAccounts {
    /// Whether an account of the book is covered.
    pub fn covers(&self, account: &str) -> bool {
        match self {
            CoveredAccounts::Named(pattern) => is_like(pattern, account),
            CoveredAccounts::OfKind { begins, plan, component } => {
                let Some(rest) = account.strip_prefix(begins) else { return false };
                // Adjustments by hand have no plan.
                let (of_plan, of_component) = match rest.split_once(':') {
                    Some((plan, component)) => (Some(plan), component),
                    None => (None, rest),
                };
                let is = |wanted: &Option<String>, found: Option<&str>| {
                    wanted.as_ref().is_none_or(|wanted| found == Some(&percent_encoded(wanted)))
                };
                is(plan, of_plan) && is(component, Some(of_component))
            }
        }
    }
}

/// Whether a text is like a pattern, in which `*` is any text.
fn is_like(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut left) = text.strip_prefix(first) else { return false };
    let parts: Vec<&str> = rest.split('*').collect();
    let (last, middle) = parts.split_last().expect("splitting gives a part");
    for part in middle {
        let Some(at) = left.find(part) else { return false };
        left = &left[at + part.len()..];
    }
    left.len() >= last.len() && left.ends_with(last)
}

/// A column of an output.
#[derive(Clone, Debug)]
pub struct OutputColumn {
    pub name: String,
    pub value: CellTemplate,
    /// What is written where a field of the template has no value; `None`: that is refused.
    pub default: Option<String>,
    /// The codes of the accounts whose rows have a value in this column; empty: of all.
    pub only: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_are_any_text() {
        for (pattern, text, is) in [
            ("payable:*", "payable:ana", true),
            ("payable:*", "owed:ana", false),
            ("*", "", true),
            ("a*b*c", "a1b2c", true),
            ("a*b*c", "abc", true),
            ("a*b*c", "a1c2b", false),
            ("*:ana", "owed:ana", true),
            ("*a", "b", false),
            ("ab*ba", "aba", false),
            ("payable:ana", "payable:ana", true),
            ("payable:ana", "payable:anna", false),
        ] {
            assert_eq!(is_like(pattern, text), is, "{pattern} {text}");
        }
    }

    #[test]
    fn kinds_are_how_accounts_begin() {
        let commission = |plan: Option<&str>, component: Option<&str>| CoveredAccounts::OfKind {
            begins: "expense:commission:",
            plan: plan.map(str::to_owned),
            component: component.map(str::to_owned),
        };
        let account = "expense:commission:a%20b:new";
        assert!(commission(None, None).covers(account));
        assert!(commission(Some("a b"), None).covers(account));
        assert!(commission(Some("a b"), Some("new")).covers(account));
        assert!(!commission(Some("c"), None).covers(account));
        assert!(!commission(Some("a b"), Some("old")).covers(account));
        let adjusted = "expense:commission:adjustment";
        assert!(commission(None, Some("adjustment")).covers(adjusted));
        assert!(!commission(Some("adjustment"), None).covers(adjusted));
        assert!(!commission(None, None).covers("expense:guarantee"));
    }
}
