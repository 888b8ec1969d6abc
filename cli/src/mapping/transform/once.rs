//! Rows that are sent more than once: of the rows with one key one counts, and another content under the key is a conflict.

use std::collections::HashMap;

use crate::mapping::transform::keys::Digest;

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
