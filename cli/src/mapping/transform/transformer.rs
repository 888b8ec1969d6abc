//! Rows to facts: which rows count, which of them make one fact, and what was left out and why.

use std::collections::HashMap;
use std::io;
use std::ops::ControlFlow;

use ledger::finding::FieldPath;
use replay::record::{COUNTED_MAX, KeptBytes};
use replay::refusal::Refusal;
use replay::refusal::rows::{ColumnDifference, RowRefusal};

use crate::failure::refused_reading;
use crate::input::limits::Limits;
use crate::mapping::evaluate::evaluator::{Evaluator, Wrong};
use crate::mapping::kinds::Shape;
use crate::mapping::passed_over::is_filler;
use crate::mapping::refusal::{RowWarning, SourceRefusal};
use crate::mapping::rules::{Leaf, Pick, Rule};
use crate::mapping::source::row::{BadRow, LastRows, Row, RowWidth, SourceName};
use crate::mapping::source::rows::SourceRows;
use crate::mapping::source::unseen::Unseen;
use crate::mapping::transform::batch::{Batch, Keep, LeftOut};
use crate::mapping::transform::doubts::{has_lost_digits, is_of_totals};
use crate::mapping::transform::group::RuleState;
use crate::mapping::transform::keys::{Digest, Digests};
use crate::mapping::transform::once::{FirstRows, OnceAnswer, lines_to_read, say_what_differs};
use crate::mapping::transform::row_values::{RowFinding, RowValues};
use crate::mapping::transform::sort::order::Order;
use crate::wording::mapping::source_refused;

/// A row where rows count once: its key, and what is wrong if another row has it.
pub(super) struct CountedOnce {
    pub(super) key: Digest,
    pub(super) conflict: Option<Conflict>,
}

/// A row with the key of an earlier one and other content.
pub(super) struct Conflict {
    pub(super) problem: RowFinding,
    /// What is wrong with the earlier row.
    pub(super) of_first: RowRefusal,
    /// The line of the earlier row, and the group in which it counts.
    pub(super) line: u32,
    pub(super) group: Option<usize>,
}

/// What is made of the rows, and for each source the columns that no row had.
pub fn make<'c>(
    evaluator: &Evaluator<'c>,
    sources: &[SourceRows<'_>],
    keep: Keep,
    limits: &Limits,
) -> io::Result<(Batch, Vec<Unseen<'c>>)> {
    let mapping = evaluator.mapping;
    let names: Vec<SourceName> = sources.iter().map(|source| source.name.clone()).collect();
    let mut maker = Transformer {
        values: RowValues { evaluator, names: &names },
        keep,
        limits: *limits,
        states: mapping.rules.iter().map(RuleState::of).collect(),
        batch: Batch::default(),
        key: String::new(),
        digests: Digests::default(),
        order: Order::default(),
        kept: KeptBytes::default(),
        told: 0,
        keys: 0,
        groups: 0,
        has_conflicts: false,
        fewest_filled: usize::MAX,
        failed: None,
    };
    let mut unseen = Vec::new();
    for (index, source) in sources.iter().enumerate() {
        maker.next_file();
        let mut each = |row: Result<&Row<'_>, BadRow<'_>>| {
            let made = match row {
                Ok(row) => maker.row(row),
                Err(bad) => maker.bad_row(bad),
            };
            maker.goes_on(made)
        };
        let end = source.each_row(index as u32, evaluator.columns, &mut each)?;
        if let Some(error) = maker.failed.take() {
            return Err(error);
        }
        maker.pass_over(index as u32, source, &end.last);
        unseen.push(end.unseen);
        maker.tell_conflicts(index as u32, source)?;
    }
    Ok((maker.end()?, unseen))
}

pub(super) struct Transformer<'m> {
    pub(super) values: RowValues<'m>,
    pub(super) keep: Keep,
    pub(super) limits: Limits,
    pub(super) states: Vec<RuleState<'m>>,
    pub(super) batch: Batch,
    /// Used again for each row.
    pub(super) key: String,
    pub(super) digests: Digests,
    pub(super) order: Order,
    /// What is kept of rows that failed.
    pub(super) kept: KeptBytes,
    /// Problems of groups that are kept.
    pub(super) told: usize,
    /// Keys of `distinct`, of all rules.
    pub(super) keys: usize,
    /// Groups that are kept, of all rules.
    pub(super) groups: usize,
    /// Rows of this file differ from the first ones with their keys.
    pub(super) has_conflicts: bool,
    /// The fewest cells that have a value in a row of this file.
    pub(super) fewest_filled: usize,
    /// Why no more rows are read.
    pub(super) failed: Option<io::Error>,
}

impl Transformer<'_> {
    /// Each file is taken as if it came in a call of its own: what is once, or distinct, is so in its file.
    fn next_file(&mut self) {
        for state in &mut self.states {
            self.keys -= state.seen.len() + state.once.forget();
            state.seen = HashMap::new();
        }
        self.fewest_filled = usize::MAX;
    }

    /// Counts what is passed over of a file. A last row that has all that a fact needs, and as many values as other rows, or a
    /// date or a number, may be no footer.
    fn pass_over(&mut self, index: u32, source: &SourceRows<'_>, last: &LastRows) {
        self.batch.passed_over.extend(source.passed_over(last));
        let (skip_last, columns) = (self.values.evaluator.mapping.source.skip_last, self.values.evaluator.columns);
        source.each_last_row((index, columns), last, &mut |row| {
            let Some(row) = row.ok().filter(|row| is_like_data(row)) else { return ControlFlow::Continue(()) };
            let is_filled = filled(row) >= self.fewest_filled;
            let values = self.values;
            let makes = |rule: &Rule| values.has_fact(rule, row) && (is_filled || has_measure(rule, row));
            if let Some(rule) = self.states.iter().position(|state| makes(state.rule)) {
                let warning = RowWarning::LastRowIsData { skip_last, kind: self.states[rule].rule.kind.word };
                let place = || values.names[index as usize].location(row.whole.text, row.whole.at());
                self.batch.row_doubts.add(rule, warning, place);
            }
            ControlFlow::Continue(())
        });
    }

    /// Rows of a file that differ from the first one with their key say how: those that are told are few, and the first ones are
    /// read once more.
    fn tell_conflicts(&mut self, index: u32, source: &SourceRows<'_>) -> io::Result<()> {
        if !std::mem::take(&mut self.has_conflicts) {
            return Ok(());
        }
        let columns = self.values.evaluator.columns;
        let lines = lines_to_read(self.findings());
        let mut texts = FirstRows::new();
        source.each_row(index, columns, &mut |row| {
            if let Some(row) = row.ok().filter(|row| lines.contains(&row.whole.line)) {
                texts.insert(row.whole.line, row.cells.iter().map(|cell| cell.text.clone().into_owned()).collect());
            }
            if texts.len() == lines.len() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        say_what_differs(self.findings(), &texts, columns);
        Ok(())
    }

    /// What is wrong with rows and groups so far.
    fn findings(&mut self) -> impl Iterator<Item = &mut RowFinding> {
        let failed = self.batch.failed.iter_mut().flat_map(|failed| &mut failed.refusals);
        let groups = self.states.iter_mut().flat_map(|state| &mut state.group_list);
        failed.chain(groups.flat_map(|group| &mut group.problems))
    }

    fn goes_on(&mut self, made: io::Result<()>) -> ControlFlow<()> {
        self.failed = made.err();
        let is_enough = self.failed.is_some() || self.batch.failed_more >= COUNTED_MAX;
        if is_enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        self.batch.rows += 1;
        if self.values.evaluator.mapping.source.skip_last > 0 && row.width != RowWidth::Header {
            self.fewest_filled = self.fewest_filled.min(filled(row));
        }
        for index in 0..self.states.len() {
            let rule = self.states[index].rule;
            if row.width == RowWidth::Header {
                self.states[index].headers += 1;
                continue;
            }
            match self.values.first_that_fails(rule, row) {
                Err(wrong) => {
                    self.states[index].lost(row.whole);
                    self.fail_row(row.whole, vec![self.values.placed(FieldPath::root(), wrong, row)])?;
                }
                Ok(Some(condition)) => self.states[index].left_out[condition] += 1,
                Ok(None) if rule.once.is_empty() => self.counted(index, row, None)?,
                Ok(None) => self.counted_once(index, row)?,
            }
        }
        Ok(())
    }

    /// What is doubtful about a row that counts.
    fn doubt(&mut self, index: usize, row: &Row<'_>) {
        let rule = self.states[index].rule;
        let place = |at| self.values.names[row.whole.source as usize].location(row.whole.text, at);
        if let RowWidth::Short { cells, expected } = row.width {
            self.batch.row_doubts.add(index, RowWarning::ShortRow { cells, expected }, || place(row.whole.at()));
        }
        let mut texts = self.states[index].texts.iter().copied();
        if let Some(slot) = texts.find(|slot| has_lost_digits(&row.cells[*slot])) {
            let written = row.cells[slot].text.clone().into_owned();
            let column = self.values.evaluator.columns[slot].name.clone();
            let warning = RowWarning::DigitsLost { written, column };
            self.batch.row_doubts.add(index, warning, || place(row.cells[slot].at));
        }
        for leaf in rule.leaves.iter().filter(|leaf| leaf.shape == Shape::Name) {
            let Some(cell) = leaf.slot().map(|slot| &row.cells[slot]) else { continue };
            if is_of_totals(&cell.text) {
                let (written, kind) = (cell.text.clone().into_owned(), rule.kind.word);
                self.batch.row_doubts.add(index, RowWarning::TotalsRow { written, kind }, || place(cell.at));
            }
        }
    }

    /// A row that counts. `once` is what is known of it where rows count once.
    fn counted(&mut self, index: usize, row: &Row<'_>, once: Option<CountedOnce>) -> io::Result<()> {
        let rule = self.states[index].rule;
        self.doubt(index, row);
        match (&rule.pick, once) {
            (Pick::Group(keys), once) => self.grouped(index, keys, row, once),
            (Pick::Each | Pick::Distinct(_), Some(CountedOnce { conflict: Some(conflict), .. })) => {
                // The first row made a fact already, which is not recorded either: which of the two holds is not guessed.
                self.batch.banned.insert((rule.kind.word, row.whole.source, conflict.line), conflict.of_first);
                self.fail_row(row.whole, vec![conflict.problem])
            }
            (Pick::Each, _) => self.single(rule, row),
            (Pick::Distinct(keys), _) => self.distinct(index, keys, row),
        }
    }

    /// A row that is there already does not count, and one with other content is a conflict.
    fn counted_once(&mut self, index: usize, row: &Row<'_>) -> io::Result<()> {
        let rule = self.states[index].rule;
        let columns: Vec<String> =
            rule.once.iter().map(|slot| self.values.evaluator.columns[*slot].name.clone()).collect();
        let (texts, has_value) = self.values.texts(&rule.once, row);
        let wrong =
            |refusal: RowRefusal| self.values.placed(FieldPath::root(), Wrong { slot: rule.once[0], refusal }, row);
        if !has_value {
            let problem = wrong(RowRefusal::KeyMissing { columns });
            self.states[index].lost(row.whole);
            return self.fail_row(row.whole, vec![problem]);
        }
        let key = self.digests.of(&texts);
        let content = self.digests.of(&self.values.texts(&self.states[index].content, row).0);
        match self.states[index].once.look(key, content, row.whole.line) {
            OnceAnswer::Repeated => Ok(()),
            OnceAnswer::First => {
                self.keys += 1;
                self.check_keys()?;
                self.counted(index, row, Some(CountedOnce { key, conflict: None }))
            }
            OnceAnswer::Differs { line, group } => {
                let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
                let refusal = |line: u32, differs: Vec<ColumnDifference>| RowRefusal::OnceDiffers {
                    columns: columns.clone(),
                    key: texts.clone(),
                    line,
                    differs,
                };
                let content = &self.states[index].content;
                let here = content.iter().map(|slot| ColumnDifference {
                    column: self.values.evaluator.columns[*slot].name.clone(),
                    here: row.cells[*slot].text.clone().into_owned(),
                    there: None,
                });
                let (problem, of_first) = (wrong(refusal(line, here.collect())), refusal(row.whole.line, Vec::new()));
                self.has_conflicts = true;
                let conflict = Conflict { problem, of_first, line, group };
                self.counted(index, row, Some(CountedOnce { key, conflict: Some(conflict) }))
            }
        }
    }

    fn bad_row(&mut self, bad: BadRow<'_>) -> io::Result<()> {
        let BadRow { whole, at, refusal } = bad;
        let problem = self.values.found(FieldPath::root(), Refusal::NoFact(refusal), whole, at);
        self.batch.rows += 1;
        self.states.iter_mut().for_each(|state| state.lost(whole));
        self.fail_row(whole, vec![problem])
    }

    // Facts of one row ---------------------------------------------------------------------------------------------

    fn single(&mut self, rule: &Rule, row: &Row<'_>) -> io::Result<()> {
        let (made, mut problems) = self.values.values(rule, row);
        problems.extend(self.values.signs(rule, row));
        self.take(rule, made, row.whole, None, problems)
    }

    fn distinct(&mut self, index: usize, keys: &[usize], row: &Row<'_>) -> io::Result<()> {
        let rule = self.states[index].rule;
        if let Err(problems) = self.values.read_key(rule, keys, row, &mut self.key) {
            return self.fail_row(row.whole, problems);
        }
        let key = self.digests.of(self.key.as_str());
        let state = &mut self.states[index];
        let content = self.digests.of(&self.values.texts(&state.content, row).0);
        if let Some((first, line)) = state.seen.get(&key) {
            state.repeats += 1;
            if *first != content {
                let warning = RowWarning::DistinctDiffers { kind: rule.kind.word, line: *line };
                let place = || self.values.names[row.whole.source as usize].location(row.whole.text, row.whole.at());
                self.batch.row_doubts.add(index, warning, place);
            }
            return Ok(());
        }
        state.seen.insert(key, (content, row.whole.line));
        self.keys += 1;
        self.check_keys()?;
        self.single(rule, row)
    }

    /// Keys are kept until the last row.
    pub(super) fn check_keys(&self) -> io::Result<()> {
        let most = self.limits.keys;
        if self.keys + self.order.known() <= most {
            return Ok(());
        }
        Err(refused_reading(source_refused(&SourceRefusal::TooManyKeys { most }).into()))
    }

    /// What is known only when all rows were seen.
    fn end(mut self) -> io::Result<Batch> {
        for state in std::mem::take(&mut self.states) {
            let rule = state.rule;
            let left_out = |why: String, rows: u64| LeftOut { kind: rule.kind.word, line: rule.line, why, rows };
            let (strays, once, headers) = (state.strays, state.once.repeats, state.headers);
            for group in state.group_list {
                let group = self.after_earlier(rule, &strays, group)?;
                self.close_whole_group(rule, &strays, group)?;
            }
            let by_condition = rule.when.iter().zip(state.left_out).filter(|(_, rows)| *rows > 0);
            self.batch
                .left_out
                .extend(by_condition.map(|(condition, rows)| left_out(format!("not so: `{}`", condition.text), rows)));
            if headers > 0 {
                self.batch.left_out.push(left_out("the header once more".to_owned(), headers));
            }
            if once > 0 {
                let columns = rule.once.iter().map(|slot| format!("`{}`", self.values.evaluator.columns[*slot].name));
                let why = format!("the same {} once more", columns.collect::<Vec<_>>().join(" and "));
                self.batch.left_out.push(left_out(why, once));
            }
            if let (Pick::Distinct(keys), 1..) = (&rule.pick, state.repeats) {
                let names: Vec<String> = keys.iter().map(|key| format!("`{}`", rule.leaves[*key].name)).collect();
                self.batch.repeats.push(left_out(format!("the same {} once more", names.join(" and ")), state.repeats));
            }
        }
        self.batch.facts.finish()?;
        self.fail_banned()?;
        Ok(self.batch)
    }
}

/// How many cells of a row have a value, of the columns that the mapping names.
fn filled(row: &Row<'_>) -> usize {
    row.cells.iter().filter(|cell| !cell.is_null).count()
}

/// Whether a row is neither the header, nor what rejects have for a footer, nor one of totals.
fn is_like_data(row: &Row<'_>) -> bool {
    let is_of_table = row.width != RowWidth::Header && !is_filler(row.whole.text);
    is_of_table && !row.cells.iter().any(|cell| is_of_totals(&cell.text))
}

/// Whether the rule takes a date or a number from a cell that has a value.
fn has_measure(rule: &Rule, row: &Row<'_>) -> bool {
    let is_measure = |leaf: &&Leaf| matches!(leaf.shape, Shape::Day | Shape::Amount | Shape::Percent | Shape::Whole);
    rule.leaves.iter().filter(is_measure).flat_map(Leaf::slots).any(|slot| !row.cells[slot].is_null)
}

#[cfg(test)]
mod tests {
    use crate::input::limits::Limits;
    use crate::mapping::example::{BOOKING, SIGNAL, facts, failing, mapped, mapped_within, members};
    use crate::mapping::source::kept_row::rows_of;

    const USAGE: &str = "[[fact]]\nfact = \"usage-snapshot\"\naccount = { column = \"c\" }\nfrom = { column = \"d\" }\nto = { same = \"from\" }\n";

    #[test]
    fn one_row_makes_facts_of_several_kinds() {
        let map = format!("{BOOKING}arr = 1\n{SIGNAL}signal = \"s\"");
        assert_eq!(facts(&map, "id\n7\n").len(), 2);
    }

    #[test]
    fn facts_say_the_file_and_line_they_come_from_unless_the_mapping_says_otherwise() {
        let map = format!("{BOOKING}arr = 1\n");
        let source = |map: &str, file: &str| {
            let made = mapped(map, file, "id\n7\n\n8\n").unwrap_or_else(|problems| panic!("{problems:?}"));
            made.facts().iter().map(|fact| fact.json.split("\"source\":").nth(1).map(str::to_owned)).collect::<Vec<_>>()
        };
        let lines = ["\"b.csv:2\"}", "\"b.csv:4\"}"].map(|text| Some(text.to_owned()));
        assert_eq!(source(&map, "a/b.csv"), lines);
        assert_eq!(source(&map, "elsewhere/b.csv.gz"), lines);
        let own = format!("{map}source = {{ column = \"id\", prefix = \"sf:\" }}");
        assert_eq!(source(&own, "b.csv")[0].as_deref(), Some("\"sf:7\"}"));
    }

    #[test]
    fn distinct_takes_the_first_row_of_each() {
        let map = "[[fact]]\nfact = \"account\"\nat = 2027-01-01\ndistinct = [\"account\"]\naccount = { column = \"a\" }\nregion = { column = \"r\" }\n";
        let made =
            mapped(map, "rows.csv", "a,r\nx,EU\nx,US\ny,US\nx,EU\n").unwrap_or_else(|problems| panic!("{problems:?}"));
        let made_facts = made.facts();
        let json: Vec<&str> = made_facts.iter().map(|fact| &*fact.json).collect();
        assert!(json[0].contains("\"x\",\"region\":\"EU\",\"source\":\"rows.csv:2\""), "{json:?}");
        assert!(json[1].contains("\"y\"") && json.len() == 2, "{json:?}");
        assert_eq!(made.batch.repeats[0].rows, 2);
        // Keys of several fields are told apart although their texts together are the same.
        let two = map.replace("[\"account\"]", "[\"account\", \"region\"]");
        assert_eq!(facts(&two, "a,r\nab,c\na,bc\nab,c\n").len(), 2);
    }

    #[test]
    fn groups_and_keys_are_as_many_as_may_be_and_no_more() {
        let limits = Limits { groups: 2, keys: 3, ..Limits::default() };
        let rows = |count: u32| (1..=count).map(|number| format!("{number},2027-01-01,1\n")).collect::<String>();
        let refused = |map: &str, count: u32| {
            // Every row twice: only what is new counts.
            let csv = format!("c,d,q\n{}", rows(count).repeat(2));
            mapped_within(map, "rows.csv", &csv, &limits).err().map(|problems| problems[0].code)
        };
        let group = format!("{USAGE}group = [\"account\"]\ncurrency = \"GBP\"\namount = {{ sum = \"q\" }}\n");
        let distinct = format!("{USAGE}distinct = [\"account\"]\ncurrency = \"GBP\"\namount = 1\n");
        let booking = BOOKING.replace("\"id\"", "\"c\"") + "arr = 1\n";
        for (map, most) in [(&group, 2), (&distinct, 3), (&booking, 3)] {
            assert_eq!(refused(map, most), None, "{map}");
            assert_eq!(refused(map, most + 1), Some("map-limit"), "{map}");
        }
    }

    #[test]
    fn rows_with_one_key_count_once_and_others_are_a_conflict() {
        let map = format!(
            "{USAGE}once = [\"e\", \"c\"]\ngroup = [\"account\", \"from\"]\ncurrency = \"GBP\"\namount = {{ sum = \"q\" }}\n"
        );
        let csv = "e,c,d,q\n1,x,2027-01-01,2\n1,y,2027-01-01,2\n1,x,2027-01-01,2\n2,x,2027-01-01,5\n";
        assert_eq!(members(&map, csv, "amount"), ["\"7\"", "\"2\""]);
        let made = mapped(&map, "rows.csv", csv).unwrap_or_else(|problems| panic!("{problems:?}"));
        assert_eq!(
            (made.batch.left_out[0].rows, made.batch.left_out[0].why.as_str()),
            (1, "the same `e` and `c` once more")
        );
        // Both rows are of no use, in whatever group they are.
        let failed = failing(&map, "e,c,d,q\n1,x,2027-01-01,2\n1,x,2027-01-02,2\n2,y,2027-01-01,1\n");
        let told = |line: u32, other: u32, what: &str| {
            format!("{line}:1 map-once `1`, `x` in `e` and `c` is on line {other} already, {what}, in column `e`")
        };
        let differs = "`d` is `2027-01-01` there and `2027-01-02` here";
        assert_eq!(failed, [told(2, 3, "with other content"), told(3, 2, differs)]);
        let failed = failing(&map, "e,c,d,q\n,,2027-01-01,1\n");
        assert_eq!(failed, ["2:1 map-no-value `e` and `c` have no value, by which rows count once, in column `e`"]);
        let map = format!("{BOOKING}once = \"id\"\narr = {{ column = \"a\" }}\n");
        let made = mapped(&map, "rows.csv", "id,a\n1,5\n2,5\n1,6\n1,5\n");
        let made = made.unwrap_or_else(|problems| panic!("{problems:?}"));
        let failed: Vec<(u32, &str)> =
            made.batch.failed.iter().flat_map(|failed| rows_of(&failed.line)).map(|row| (row.line, row.text)).collect();
        assert_eq!(failed, [(4, "1,6"), (2, "1,5")]);
        let mut kept = Vec::new();
        let each = made.each_fact(&mut |fact| {
            kept.push(fact.line);
            std::ops::ControlFlow::Continue(())
        });
        each.expect("the temporary file of mapped facts");
        assert_eq!(kept, [3]);
    }

    #[test]
    fn what_several_rules_find_in_a_row_is_told_once() {
        let rule = "[[fact]]\nfact = \"account\"\naccount = { column = \"a\" }\nat = { column = \"d\" }\n";
        assert_eq!(failing(&rule.repeat(3), "a,d\nx,1.1.\ny,2.1.\n").len(), 2);
    }
}
