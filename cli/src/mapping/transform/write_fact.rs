//! A fact of a row, or of the rows of a group, is written down with its place in the order.

use std::io;

use ledger::date::Day;

use crate::mapping::rules::{Rule, Value};
use crate::mapping::source::row::RowText;
use crate::mapping::transform::fact::{FieldValue, FileOverlap, MappedFact, ShareRow};
use crate::mapping::transform::group::Rows;
use crate::mapping::transform::json::json;
use crate::mapping::transform::row_values::RowFinding;
use crate::mapping::transform::sort::order::Standing;
use crate::mapping::transform::transformer::Transformer;

/// The rows of a group of which a fact is made, and their shares.
pub(super) struct WholeGroup<'g> {
    pub(super) rows: &'g Rows,
    pub(super) shares: Vec<ShareRow>,
    pub(super) overlap: FileOverlap,
}

impl Transformer<'_> {
    /// `group` is the group of which `first` is the first row.
    pub(super) fn take(
        &mut self,
        rule: &Rule,
        mut made: Vec<FieldValue>,
        first: RowText<'_>,
        group: Option<WholeGroup<'_>>,
        mut problems: Vec<RowFinding>,
    ) -> io::Result<()> {
        let (rows, shares, overlap) = match group {
            Some(WholeGroup { rows, shares, overlap }) => (Some(rows), shares, overlap),
            None => (None, Vec::new(), FileOverlap::default()),
        };
        for (index, leaf) in rule.leaves.iter().enumerate() {
            if let Value::Same(of) = leaf.value {
                made[index] = made[of].clone();
            }
        }
        if problems.is_empty() {
            problems.extend(self.values.missing(rule, &made, first));
        }
        if !problems.is_empty() {
            return match rows {
                Some(rows) => self.fail_group(rows, problems),
                None => self.fail_row(first, problems),
            };
        }
        let origin = format!("{}:{}", self.values.names[first.source as usize].short(), first.line);
        let (json, cells) = json(rule, &made, &shares, &origin);
        let day = self.day(rule, &made)?;
        let (source, line) = (first.source, first.line);
        let fact = MappedFact {
            kind: rule.kind,
            json: json.into(),
            when_known: rule.when_known,
            cells: cells.into(),
            share_rows: shares.into_iter().map(|share| share.row).collect(),
            source,
            line,
            text: first.text.into(),
            more: rows.map_or(0, |rows| rows.more),
            all: rows.and_then(|rows| rows.all),
            overlap,
        };
        let key = self.order.key(Standing { kind: rule.kind, day, source, line });
        self.batch.facts.push(key, |into| fact.put(into))
    }

    /// The day by which a fact is put in order.
    pub(super) fn day(&mut self, rule: &Rule, made: &[FieldValue]) -> io::Result<Option<Day>> {
        let of = |names: &[&str]| {
            let index = rule.leaves.iter().position(|leaf| names.contains(&leaf.name.as_str()))?;
            match rule.leaves[index].value {
                Value::Same(of) => made[of].text.as_deref(),
                Value::Constant(_) | Value::Worked(_) => made[index].text.as_deref(),
            }
        };
        let has = |name: &str| rule.leaves.iter().any(|leaf| leaf.name == name);
        let day = of(if has("at") { &["at"] } else { &["from"] }).and_then(Day::parse);
        // What has to stay in the rows' order although its date changes.
        let key = match rule.kind.word {
            "booking" | "cancellation" => "booking",
            "credit-note" => "credit_note",
            _ => return Ok(day),
        };
        let Some(id) = of(&[key]) else { return Ok(day) };
        let day = self.order.day_of(self.digests.of(&(rule.kind.word, id)), day);
        self.check_keys()?;
        Ok(day)
    }
}
