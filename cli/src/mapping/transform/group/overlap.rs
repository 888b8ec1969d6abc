//! Groups that have rows in several files of one call, with other sums: what comes of the two, and a warning.

use ledger::exact::Exact;

use crate::mapping::refusal::{GroupOverlap, MappingWarning, OverlapEffect};
use crate::mapping::rules::{Pick, Rule, Value};
use crate::mapping::transform::group::RowGroup;
use crate::mapping::transform::transformer::Transformer;

/// Groups with rows in several files that are named before the others are counted.
const OVERLAPS_NAMED: u64 = 3;

impl Transformer<'_> {
    /// Warns of a group that has rows in two files, and other sums in the later one; says what comes of the two sums. `None` where
    /// the book refuses two facts with one key, whatever they say.
    pub(super) fn warn_of_overlap(
        &mut self,
        rule: &Rule,
        earlier: &RowGroup,
        later: &RowGroup,
    ) -> Option<OverlapEffect> {
        let effect = overlap_effect(rule)?;
        let known =
            self.batch.doubts.iter().position(|(spot, warning)| {
                *spot == rule.spot && matches!(warning, MappingWarning::FilesOverlap { .. })
            });
        let at = known.unwrap_or_else(|| {
            let warning = MappingWarning::FilesOverlap { kind: rule.kind.word, groups: 0, effect, first: Vec::new() };
            self.batch.doubts.push((rule.spot, warning));
            self.batch.doubts.len() - 1
        });
        let told = self.group_overlap(rule, earlier, later);
        if let MappingWarning::FilesOverlap { groups, first, .. } = &mut self.batch.doubts[at].1 {
            *groups += 1;
            first.extend(Some(told).filter(|_| *groups <= OVERLAPS_NAMED));
        }
        Some(effect)
    }

    /// The key of a group that has rows in two files, and the first sum that differs, with both places.
    fn group_overlap(&self, rule: &Rule, earlier: &RowGroup, later: &RowGroup) -> GroupOverlap {
        let Pick::Group(keys) = &rule.pick else { unreachable!("BUG: only groups overlap") };
        let key = keys.iter().filter_map(|key| {
            let leaf = &rule.leaves[*key];
            let of = if let Value::Same(of) = leaf.value { of } else { *key };
            Some((leaf.name.clone(), later.made[of].text.clone()?))
        });
        let differs = earlier.sums.iter().zip(&later.sums).position(|(earlier, later)| earlier != later);
        let sum = |group: &RowGroup, index: usize| group.sums[index].as_ref().map(Exact::text);
        let place =
            |group: &RowGroup| format!("{}:{}", self.values.names[group.rows.source as usize].name, group.rows.line);
        GroupOverlap {
            key: key.collect(),
            field: differs.map(|index| rule.leaves[index].name.clone()),
            earlier: (differs.and_then(|index| sum(earlier, index)), place(earlier)),
            later: (differs.and_then(|index| sum(later, index)), place(later)),
        }
    }
}

/// What comes of two sums of one group, in two files, as if each file had a call of its own. `None` where the book refuses the
/// later one.
fn overlap_effect(rule: &Rule) -> Option<OverlapEffect> {
    match rule.kind.word {
        "usage-snapshot" | "quota" | "exchange-rate" => Some(OverlapEffect::Restated),
        _ if !rule.kind.is_keyed(rule.fields.iter().map(|(field, _)| field.as_str())) => Some(OverlapEffect::BothCount),
        _ => None,
    }
}
