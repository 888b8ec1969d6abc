//! Rows that are sent more than once: of the rows with one key one counts, and another content under the key is a conflict.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use replay::refusal::Refusal;
use replay::refusal::rows::{ColumnDifference, RowRefusal};

use crate::mapping::rules::Column;
use crate::mapping::transform::keys::Digest;
use crate::mapping::transform::row_values::RowFinding;

/// The keys of the rows of one file.
#[derive(Default)]
pub struct OnceKeys {
    seen: HashMap<Digest, OnceRow>,
    /// Rows that say once more what an earlier one said.
    pub repeats: u64,
}

struct OnceRow {
    content: Digest,
    line: u32,
    group: Option<usize>,
}

/// What a row is under its key.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum OnceAnswer {
    First,
    Repeated,
    /// The first row with the key, which is on this line and counts in this group, says something else.
    Differs {
        line: u32,
        group: Option<usize>,
    },
}

impl OnceKeys {
    pub fn look(&mut self, key: Digest, content: Digest, line: u32) -> OnceAnswer {
        match self.seen.get(&key) {
            Some(first) if first.content == content => {
                self.repeats += 1;
                OnceAnswer::Repeated
            }
            Some(OnceRow { line, group, .. }) => OnceAnswer::Differs { line: *line, group: *group },
            None => {
                self.seen.insert(key, OnceRow { content, line, group: None });
                OnceAnswer::First
            }
        }
    }

    /// The group in which the row with this key counts.
    pub fn counts_in(&mut self, key: Digest, group: usize) {
        if let Some(row) = self.seen.get_mut(&key) {
            row.group.get_or_insert(group);
        }
    }

    /// Forgets the keys, for each file is taken by itself; says how many there were.
    pub fn forget(&mut self) -> usize {
        let count = self.seen.len();
        self.seen = HashMap::new();
        count
    }
}

/// The texts of rows, by line and slot: of those that later rows differ from.
pub type FirstRows = BTreeMap<u32, Vec<String>>;

/// The lines of first rows whose texts a finding does not say yet.
pub fn lines_to_read<'f>(findings: impl Iterator<Item = &'f mut RowFinding>) -> BTreeSet<u32> {
    findings.filter_map(conflict).filter(|(_, differs)| is_open(differs)).map(|(line, _)| line).collect()
}

/// Says in which columns rows differ from the first ones, and how.
pub fn say_what_differs<'f>(
    findings: impl Iterator<Item = &'f mut RowFinding>,
    first_rows: &FirstRows,
    columns: &[Column],
) {
    for (line, differs) in findings.filter_map(conflict).filter(|(_, differs)| is_open(differs)) {
        let texts = first_rows.get(&line);
        for one in differs.iter_mut() {
            let slot = columns.iter().position(|column| column.name == one.column);
            one.there = slot.zip(texts).map(|(slot, texts)| texts[slot].clone());
        }
        differs.retain(|one| one.there.as_ref().is_some_and(|there| *there != one.here));
    }
}

fn is_open(differs: &[ColumnDifference]) -> bool {
    differs.iter().any(|one| one.there.is_none())
}

/// The line of the first row of a conflict, and the columns that differ.
fn conflict(finding: &mut RowFinding) -> Option<(u32, &mut Vec<ColumnDifference>)> {
    let mut what = &mut finding.what;
    while let Refusal::OfRows { why, .. } = what {
        what = why;
    }
    let Refusal::NoFact(RowRefusal::OnceDiffers { line, differs, .. }) = what else { return None };
    Some((*line, differs))
}
