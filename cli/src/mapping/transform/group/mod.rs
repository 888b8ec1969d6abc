//! What a rule remembers from row to row: what it left out, and the rows that make one fact together.

mod grouping;
mod overlap;

use std::collections::HashMap;

use ledger::exact::Exact;

use crate::mapping::rules::{Pick, Rule};
use crate::mapping::source::row::RowText;
use crate::mapping::transform::fact::{FieldValue, FileOverlap, ShareRow};
use crate::mapping::transform::keys::Digest;
use crate::mapping::transform::once::OnceKeys;
use crate::mapping::transform::row_values::RowFinding;
use crate::mapping::transform::sort::external_sort::ShelfPlace;

/// What a rule remembers from row to row.
pub struct RuleState<'m> {
    pub rule: &'m Rule,
    /// How many rows each condition left out.
    pub left_out: Vec<u64>,
    /// Rows that say once more what a first row said.
    pub repeats: u64,
    /// Rows that are the header once more.
    pub headers: u64,
    /// Keys of `distinct` in this file, with what their first row says, and its line.
    pub seen: HashMap<Digest, (Digest, u32)>,
    pub once: OnceKeys,
    /// Slots of the columns that say what a row is.
    pub content: Vec<usize>,
    /// Slots of the columns that are read as texts.
    pub texts: Vec<usize>,
    pub groups: HashMap<Digest, usize>,
    pub group_list: Vec<RowGroup>,
    /// Rows that failed before their group could be told, the first of each file: it may be missing in any of its groups.
    pub strays: Vec<(u32, u32)>,
}

/// Rows that make one fact.
pub struct RowGroup {
    pub made: Vec<FieldValue>,
    /// Of each leaf that is a sum; nothing, as long as no row had a value.
    pub sums: Vec<Option<Exact>>,
    pub rows: Rows,
    /// Where each row has a share.
    pub shares: Vec<ShareRow>,
    /// The group with the same key in an earlier file.
    pub earlier: Option<Box<RowGroup>>,
    pub overlap: FileOverlap,
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
    /// All of them, and the lines on which they are, where they are to be set aside when the fact is.
    pub all: ShelfPlace,
    pub lines: Vec<u32>,
}

/// The rows of a group, for whoever sets one of them aside: the group is whole only with the others.
pub struct GroupRows {
    pub source: u32,
    pub lines: Vec<u32>,
    pub all: ShelfPlace,
}

impl RowGroup {
    /// A group that begins with a row.
    pub fn of(made: Vec<FieldValue>, row: RowText<'_>) -> RowGroup {
        RowGroup {
            sums: vec![None; made.len()],
            made,
            rows: Rows::of(row),
            shares: Vec::new(),
            earlier: None,
            overlap: FileOverlap::default(),
            problems: Vec::new(),
            more: 0,
        }
    }

    pub fn has_problems(&self) -> bool {
        !self.problems.is_empty() || self.more > 0
    }

    /// Whether another group differs in nothing but its sums. What says where a fact comes from does not count.
    pub fn differs_in_sums_only(&self, rule: &Rule, other: &RowGroup) -> bool {
        let is_where = |name: &str| matches!(name, "source" | "note");
        let texts = |group: &RowGroup| {
            let counts = rule.leaves.iter().zip(&group.made).filter(|(leaf, _)| !is_where(&leaf.name));
            counts.map(|(_, made)| made.text.clone()).collect::<Vec<_>>()
        };
        let shares = |group: &RowGroup| {
            let values = group.shares.iter().map(|share| share.values.iter().map(|value| value.text.clone()).collect());
            values.collect::<Vec<Vec<Option<String>>>>()
        };
        texts(self) == texts(other) && shares(self) == shares(other)
    }
}

impl Rows {
    pub fn of(row: RowText<'_>) -> Rows {
        Rows { source: row.source, line: row.line, text: row.text.into(), more: 0, all: None, lines: Vec::new() }
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
            headers: 0,
            seen: HashMap::new(),
            once: OnceKeys::default(),
            content: rule.content_slots(),
            texts: rule.text_slots(),
            groups: HashMap::new(),
            group_list: Vec::new(),
            strays: Vec::new(),
        }
    }

    pub fn lost(&mut self, row: RowText<'_>) {
        let is_first = self.strays.last().is_none_or(|(source, _)| *source != row.source);
        if is_first && matches!(self.rule.pick, Pick::Group(_)) {
            self.strays.push((row.source, row.line));
        }
    }
}
