//! What a rule remembers from row to row: what it left out, and the rows that make one fact together.

use std::collections::{HashMap, HashSet};

use ledger::exact::Exact;

use crate::mapping::rules::{Pick, Rule};
use crate::mapping::source::rows::RowText;
use crate::mapping::transform::external_sort::ShelfPlace;
use crate::mapping::transform::fact::FieldValue;
use crate::mapping::transform::keys::Digest;
use crate::mapping::transform::row_values::RowFinding;

/// What a rule remembers from row to row.
pub struct RuleState<'m> {
    pub rule: &'m Rule,
    /// How many rows each condition left out.
    pub left_out: Vec<u64>,
    /// Rows that say once more what a first row said.
    pub repeats: u64,
    pub seen: HashSet<Digest>,
    pub groups: HashMap<Digest, usize>,
    pub group_list: Vec<RowGroup>,
    /// The line of a row that failed before its group could be told: it may be missing in any of them.
    pub stray: Option<u32>,
}

/// Rows that make one fact.
pub struct RowGroup {
    pub made: Vec<FieldValue>,
    /// Of each leaf that is a sum; nothing, as long as no row had a value.
    pub sums: Vec<Option<Exact>>,
    pub rows: Rows,
    pub problems: Vec<RowFinding>,
    /// Problems that were not kept.
    pub more: u64,
}

/// Rows of one fact: the first one, and how to find the others.
pub struct Rows {
    pub source: u32,
    pub line: u32,
    pub text: Box<str>,
    /// Behind the first one.
    pub more: u64,
    /// All of them, where they are to be set aside when the fact is.
    pub all: ShelfPlace,
}

impl Rows {
    pub fn of(row: RowText<'_>) -> Rows {
        Rows { source: row.source, line: row.line, text: row.text.into(), more: 0, all: None }
    }

    pub fn first(&self) -> RowText<'_> {
        RowText { source: self.source, text: &self.text, line: self.line }
    }
}

impl RuleState<'_> {
    pub fn of(rule: &Rule) -> RuleState<'_> {
        RuleState {
            rule,
            left_out: vec![0; rule.when.len()],
            repeats: 0,
            seen: HashSet::new(),
            groups: HashMap::new(),
            group_list: Vec::new(),
            stray: None,
        }
    }

    pub fn lost(&mut self, row: RowText<'_>) {
        if matches!(self.rule.pick, Pick::Group(_)) {
            self.stray.get_or_insert(row.line);
        }
    }
}
