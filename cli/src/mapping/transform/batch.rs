//! Everything that came of the rows: the facts, what was left out and why, and what is wrong or doubtful.

use std::collections::BTreeMap;

use plans::read::report::Spot;
use replay::record::Rejected;
use replay::refusal::rows::RowRefusal;
use serde::Serialize;

use crate::mapping::passed_over::PassedOver;
use crate::mapping::refusal::MappingWarning;
use crate::mapping::transform::doubts::RowDoubts;
use crate::mapping::transform::fact::MappedFact;
use crate::mapping::transform::group::GroupRows;
use crate::mapping::transform::sort::external_sort::{Shelf, Spill};

/// Everything that came of the rows.
#[derive(Default)]
pub struct Batch {
    /// In the order in which they go in.
    pub facts: Spill,
    /// The rows of facts that several rows make.
    pub shelf: Shelf,
    /// Rows of which no fact could be made. A line is that of the row, or of all rows of a group; empty where rows are not
    /// set aside.
    pub failed: Vec<Rejected>,
    pub failed_more: u64,
    /// Rows that a condition kept out, by rule.
    pub left_out: Vec<LeftOut>,
    /// Rows of which no fact was made because an earlier one said the same, by rule.
    pub repeats: Vec<LeftOut>,
    /// What is passed over at the ends of each file.
    pub passed_over: Vec<PassedOver>,
    pub rows: u64,
    /// The rows of each group, where rows are set aside.
    pub groups: Vec<GroupRows>,
    /// What is doubtful, and at which place of the mapping.
    pub doubts: Vec<(Spot, MappingWarning)>,
    /// What is doubtful about rows.
    pub row_doubts: RowDoubts,
    /// Facts of one row, by kind, source and line, that are not recorded: a later row conflicts with theirs.
    pub(super) banned: BTreeMap<(&'static str, u32, u32), RowRefusal>,
}

/// Rows that one rule passed over for one reason.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct LeftOut {
    #[serde(rename = "fact")]
    pub kind: &'static str,
    /// The line of the mapping on which the rule begins.
    pub line: usize,
    pub why: String,
    pub rows: u64,
}

/// How many failing rows are kept at most.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Keep {
    /// Enough to tell: nothing will be recorded.
    First(usize),
    All,
}

impl Batch {
    /// Whether a later row conflicts with the row of a fact.
    pub fn is_banned(&self, fact: &MappedFact) -> bool {
        self.banned.contains_key(&fact.place())
    }
}
