//! Facts of several rows: a row joins its group, and a group of which all rows were seen makes a fact.

use std::io;

use ledger::finding::FieldPath;
use replay::record::weight;
use replay::refusal::Refusal;
use replay::refusal::rows::RowRefusal;

use crate::failure::refused_reading;
use crate::mapping::evaluate::evaluator::Wrong;
use crate::mapping::refusal::{OverlapEffect, SourceRefusal};
use crate::mapping::rules::{Rule, Value};
use crate::mapping::source::kept_row::{kept, rows_of};
use crate::mapping::source::row::{Row, RowText};
use crate::mapping::transform::batch::Keep;
use crate::mapping::transform::group::{GroupRows, RowGroup, Rows};
use crate::mapping::transform::keys::Digest;
use crate::mapping::transform::row_values::{RowFinding, is_same_cell, path_of};
use crate::mapping::transform::set_aside::aside_full;
use crate::mapping::transform::transformer::{Conflict, CountedOnce, Transformer};
use crate::mapping::transform::write_fact::WholeGroup;
use crate::wording::mapping::source_refused;

impl Transformer<'_> {
    pub(in crate::mapping::transform) fn grouped(
        &mut self,
        index: usize,
        keys: &[usize],
        row: &Row<'_>,
        once: Option<CountedOnce>,
    ) -> io::Result<()> {
        let rule = self.states[index].rule;
        if let Err(problems) = self.values.read_key(rule, keys, row, &mut self.key) {
            self.states[index].lost(row.whole);
            return self.fail_row(row.whole, problems);
        }
        let digest = self.digests.of(self.key.as_str());
        let state = &self.states[index];
        let known = state.groups.get(&digest).copied();
        let (number, mut problems) = match known {
            Some(number) if state.group_list[number].rows.source == row.whole.source => (number, {
                let group = &state.group_list[number];
                self.values.differences(rule, keys, (&group.made, group.rows.line), row)
            }),
            Some(_) | None => self.open_group(index, digest, row)?,
        };
        self.add_to_sums(index, number, row, &mut problems);
        problems.extend(self.values.signs(rule, row));
        if rule.each().next().is_some() {
            let (share, wrong) = self.values.share(rule, row);
            problems.extend(wrong);
            self.states[index].group_list[number].shares.extend(share);
        }
        if let Some(CountedOnce { key, conflict }) = once {
            self.states[index].once.counts_in(key, number);
            if let Some(conflict) = conflict {
                self.fail_first_of_conflict(index, number, &conflict)?;
                problems.push(conflict.problem);
            }
        }
        self.add_to_group(index, number, row.whole, problems)
    }

    /// The first row of a conflict is in another group, which is not recorded either. Where nothing is recorded, the later row
    /// tells both.
    fn fail_first_of_conflict(&mut self, index: usize, number: usize, conflict: &Conflict) -> io::Result<()> {
        let Some(first) = conflict.group.filter(|first| *first != number && self.keep == Keep::All) else {
            return Ok(());
        };
        let state = &mut self.states[index];
        let (group, slot) = (&mut state.group_list[first], state.rule.once[0]);
        let pieces = self.batch.shelf.texts(group.rows.all)?.concat();
        if let Some(row) = rows_of(&pieces).into_iter().find(|row| row.line == conflict.line) {
            let wrong = Wrong { slot, refusal: conflict.of_first.clone() };
            group.problems.push(self.values.at_cell(FieldPath::root(), wrong, row, row.at()));
        }
        Ok(())
    }

    fn add_to_sums(&mut self, index: usize, number: usize, row: &Row<'_>, problems: &mut Vec<RowFinding>) {
        let rule = self.states[index].rule;
        for (leaf, summand) in rule.leaves.iter().enumerate().filter_map(|(at, leaf)| Some((at, leaf.summand()?))) {
            match self.values.evaluator.summand(summand, row) {
                // What the fact needs must not be less by what one of its rows lacks.
                Ok(None) if rule.leaves[leaf].is_needed => {
                    problems.push(self.values.without_summand(rule, &rule.leaves[leaf], row));
                }
                Ok(None) => {}
                Ok(Some(number_of_row)) => {
                    let sum = &mut self.states[index].group_list[number].sums[leaf];
                    *sum = Some(match sum.take() {
                        Some(sum) => &sum + &number_of_row,
                        None => number_of_row,
                    });
                }
                Err(wrong) => problems.push(self.values.placed(path_of(&rule.leaves[leaf]), wrong, row)),
            }
        }
    }

    /// The number of a group that begins with this row, and what is wrong with it.
    fn open_group(&mut self, index: usize, digest: Digest, row: &Row<'_>) -> io::Result<(usize, Vec<RowFinding>)> {
        let rule = self.states[index].rule;
        self.groups += 1;
        if self.groups > self.limits.groups {
            let refusal = SourceRefusal::TooManyGroups { most: self.limits.groups };
            return Err(refused_reading(source_refused(&refusal).into()));
        }
        let (made, problems) = self.values.values(rule, row);
        // Of bookings that are told twice the first row says the day, although the group goes in when it is whole.
        if problems.is_empty() {
            self.day(rule, &made)?;
        }
        let group = RowGroup::of(made, row.whole);
        let state = &mut self.states[index];
        let Some(number) = state.groups.get(&digest).copied() else {
            let number = state.group_list.len();
            state.groups.insert(digest, number);
            state.group_list.push(group);
            return Ok((number, problems));
        };
        // An earlier file has such a group, which is whole now: each file makes facts as if it had a call of its own.
        let earlier = std::mem::replace(&mut state.group_list[number], group);
        let strays = state.strays.clone();
        let earlier = self.after_earlier(rule, &strays, earlier)?;
        self.states[index].group_list[number].earlier = Some(Box::new(earlier));
        Ok((number, problems))
    }

    /// What remains to be made of a group that is whole, and of the group with its key in an earlier file: one of the two, if
    /// they say the same. Otherwise the fact of the earlier one is made.
    pub(in crate::mapping::transform) fn after_earlier(
        &mut self,
        rule: &Rule,
        strays: &[(u32, u32)],
        mut group: RowGroup,
    ) -> io::Result<RowGroup> {
        let Some(mut earlier) = group.earlier.take() else { return Ok(group) };
        self.groups -= 1;
        if earlier.has_problems() && self.keep == Keep::All {
            // What is mended and recorded after this call would take the place of the later file's sum.
            self.warn_of_overlap(rule, &earlier, &group);
            return Ok(group);
        }
        let is_plain = group.differs_in_sums_only(rule, &earlier) && !group.has_problems() && !earlier.has_problems();
        if is_plain && group.sums == earlier.sums {
            self.keep_rows(&group.rows);
            return Ok(*earlier);
        }
        if is_plain {
            let effect = self.warn_of_overlap(rule, &earlier, &group);
            let is_restated = effect == Some(OverlapEffect::Restated);
            (earlier.overlap.gives_way, group.overlap.is_later) = (is_restated, is_restated);
        }
        self.close_whole_group(rule, strays, *earlier)?;
        Ok(group)
    }

    fn add_to_group(
        &mut self,
        index: usize,
        number: usize,
        row: RowText<'_>,
        problems: Vec<RowFinding>,
    ) -> io::Result<()> {
        let group = &mut self.states[index].group_list[number];
        // Two fields may be made of one cell.
        let mut new: Vec<RowFinding> = Vec::new();
        for problem in problems {
            if !group.problems.iter().chain(&new).any(|known| is_same_cell(known, &problem)) {
                new.push(problem);
            }
        }
        let problems = new;
        group.rows.more += u64::from(row.line != group.rows.line || row.source != group.rows.source);
        let room = match self.keep {
            Keep::All => {
                group.rows.all = self.batch.shelf.push(group.rows.all, &kept(row))?;
                group.rows.lines.push(row.line);
                // The rows are set aside once, when the group is.
                if !self.kept.add(weight("", &problems)) {
                    return Err(refused_reading(aside_full()));
                }
                usize::MAX
            }
            Keep::First(most) => most.saturating_sub(self.told),
        };
        group.more += problems.len().saturating_sub(room) as u64;
        self.told += problems.len().min(room);
        group.problems.extend(problems.into_iter().take(room));
        Ok(())
    }

    /// Makes the fact of a group of which all rows were seen. `strays` are rows that may belong to it, by source and line.
    pub(in crate::mapping::transform) fn close_whole_group(
        &mut self,
        rule: &Rule,
        strays: &[(u32, u32)],
        mut group: RowGroup,
    ) -> io::Result<()> {
        let first = group.rows.first();
        // A sum without a row that may belong to it is not recorded: mending the row alone would make another sum of it.
        let stray = strays.iter().find(|(source, _)| *source == first.source && self.keep == Keep::All);
        let unsure = stray.map(|(_, line)| {
            let refusal = Refusal::NoFact(RowRefusal::GroupIncomplete { line: *line });
            self.values.found(FieldPath::root(), refusal, first, first.at())
        });
        group.problems.extend(unsure);
        self.close_group(rule, group)
    }

    /// Keeps the rows of a group, for whoever sets one of them aside.
    fn keep_rows(&mut self, rows: &Rows) {
        if self.keep == Keep::All {
            self.batch.groups.push(GroupRows { source: rows.source, lines: rows.lines.clone(), all: rows.all });
        }
    }

    fn close_group(&mut self, rule: &Rule, group: RowGroup) -> io::Result<()> {
        let RowGroup { mut made, sums, rows, shares, overlap, mut problems, more, earlier: _ } = group;
        self.keep_rows(&rows);
        self.batch.failed_more += more;
        if more > 0 && problems.is_empty() {
            return Ok(());
        }
        for (index, sum) in sums.into_iter().enumerate() {
            let leaf = &rule.leaves[index];
            let (Value::Worked(worked), Some(sum)) = (&leaf.value, sum) else { continue };
            match self.values.evaluator.sum(worked, leaf.shape, sum) {
                Ok(text) => made[index].text = Some(text),
                Err(wrong) => {
                    let at = made[index].cell.map_or(rows.first().at(), |(_, at)| at);
                    problems.push(self.values.at_cell(path_of(leaf), wrong, rows.first(), at));
                }
            }
        }
        let group = WholeGroup { rows: &rows, shares, overlap };
        self.take(rule, made, rows.first(), Some(group), problems)
    }
}

#[cfg(test)]
mod tests {
    use crate::mapping::example::{BOOKING, facts, failing, mapped, members};
    use crate::mapping::source::kept_row::rows_of;
    use crate::wording::replay::refusal_problem;

    const USAGE: &str = "[[fact]]\nfact = \"usage-snapshot\"\naccount = { column = \"c\" }\nfrom = { column = \"d\" }\nto = { same = \"from\" }\n";

    #[test]
    fn group_sums_over_all_rows_of_each() {
        let map = format!(
            "{USAGE}group = [\"account\", \"from\"]\ncurrency = \"GBP\"\namount = {{ sum = {{ product = [\"q\", \"p\"] }} }}\nquantity = {{ sum = \"q\", times = \"0.5\", negate = true }}\n"
        );
        let csv =
            "c,d,q,p\nx,2027-01-01,2,0.1\ny,2027-01-01,1,5\nx,2027-01-01,1,0.2\nx,2027-01-02,1,0\nx,2027-01-02,1,7\n";
        assert_eq!(members(&map, csv, "amount"), ["\"0.4\"", "\"5\"", "\"7\""]);
        assert_eq!(members(&map, csv, "quantity"), ["\"-1.5\"", "\"-0.5\"", "\"-1\""]);
        assert_eq!(members(&map, csv, "source"), ["\"rows.csv:2\"", "\"rows.csv:3\"", "\"rows.csv:5\""]);
        assert_eq!(
            failing(&map, "c,d,q,p\nx,2027-01-01,2,\n"),
            ["2:16 map-no-value a factor has no value, and the others have, in column `p`"]
        );
    }

    /// A row that could not be read may be missing in any group of its rule.
    #[test]
    fn a_stray_row_sets_all_groups_aside() {
        let map = format!("{USAGE}group = [\"account\", \"from\"]\ncurrency = \"GBP\"\namount = {{ sum = \"q\" }}\n");
        let csv = "c,d,q\nx,bad,2\ny,2027-01-01,1\n";
        let made = mapped(&map, "rows.csv", csv).unwrap_or_else(|problems| panic!("{problems:?}"));
        assert_eq!(made.facts().len(), 0);
        assert_eq!(refusal_problem(&made.batch.failed[1].refusals[0]).code, "map-group-unsure");
    }

    #[test]
    fn what_differs_in_a_group_is_told_and_not_guessed() {
        let map = format!(
            "{USAGE}group = [\"account\", \"from\"]\ncurrency = {{ column = \"m\" }}\namount = {{ sum = \"q\" }}\n"
        );
        assert_eq!(
            failing(&map, "c,d,q,m\nx,2027-01-01,2,EUR\nx,2027-01-01,2,USD\n"),
            ["3:16 map-differs `currency` is `USD` here and `EUR` on line 2, in one group, in column `m`"]
        );
        let with_currency = map.replace("\"from\"]", "\"from\", \"currency\"]");
        assert_eq!(facts(&with_currency, "c,d,q,m\nx,2027-01-01,2,EUR\nx,2027-01-01,2,USD\n").len(), 2);
    }

    #[test]
    fn a_group_with_a_bad_row_makes_no_fact() {
        let map = format!("{USAGE}group = [\"account\", \"from\"]\ncurrency = \"GBP\"\namount = {{ sum = \"q\" }}\n");
        let csv = "c,d,q\nx,2027-01-01,2\ny,2027-01-01,1\nx,2027-01-01,two\n";
        let made = mapped(&map, "rows.csv", csv).unwrap_or_else(|problems| panic!("{problems:?}"));
        assert_eq!(made.facts().len(), 1);
        let rows: Vec<(u32, &str)> =
            rows_of(&made.batch.failed[0].line).iter().map(|row| (row.line, row.text)).collect();
        assert_eq!(rows, [(2, "x,2027-01-01,2"), (4, "x,2027-01-01,two")]);
        assert_eq!(failing(&map, csv), ["4:14 map-number `two` is not a number, in column `q`"]);
    }

    #[test]
    fn the_rows_of_a_group_are_the_shares_of_one_booking() {
        let map = format!(
            "{BOOKING}group = [\"booking\"]\narr = {{ column = \"a\" }}\ncredit = {{ each = {{ payee = {{ column = \"p\" }}, percent = {{ column = \"s\" }} }} }}\n"
        );
        let csv = "id,a,p,s\n1,5,ana,60%\n2,7,,\n1,5,bea,40%\n";
        let share = |payee: &str, percent: &str| format!("{{\"payee\":\"{payee}\",\"percent\":\"{percent}\"}}");
        let both = format!("[{},{}]", share("ana", "60%"), share("bea", "40%"));
        assert_eq!(members(&map, csv, "credit"), [both, "-".to_owned()]);
        // A share that nobody has, or that is of no size, would pay nobody.
        assert_eq!(
            failing(&map, "id,a,p,s\n1,5,ana,\n2,7,,40%\n"),
            [
                "2:9 map-no-value `s` has no value, and a booking needs `credit.percent`",
                "3:5 map-no-value `p` has no value, and a booking needs `credit.payee`"
            ]
        );
        // What is wrong with the second share is shown in its row.
        let failed = failing(&map, "id,a,p,s\n1,5,ana,60%\n1,5,b\u{202e}a,40%\n");
        assert!(failed.len() == 1 && failed[0].starts_with("3:5 id-invisible"), "{failed:?}");
    }
}
