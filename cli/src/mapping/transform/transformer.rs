//! Rows to facts: which rows count, which of them make one fact, and what was left out and why.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::ops::ControlFlow;

use ledger::date::Day;
use ledger::exact::Exact;
use ledger::finding::FieldPath;
use plans::read::report::Spot;
use replay::record::{ASIDE_BYTES_MAX, COUNTED_MAX, KeptBytes, Rejected, weight};
use replay::refusal::rows::{ColumnDifference, RowRefusal};
use replay::refusal::{LimitRefusal, Refusal};
use serde::Serialize;

use crate::failure::refused_reading;
use crate::input::limits::Limits;
use crate::mapping::evaluate::evaluator::{Evaluator, Wrong};
use crate::mapping::kinds::Shape;
use crate::mapping::refusal::{GroupOverlap, MappingWarning, OverlapEffect, RowWarning, SourceRefusal};
use crate::mapping::rules::{Pick, Rule, Value};
use crate::mapping::source::kept_row::{kept, rows_of};
use crate::mapping::source::rows::{BadRow, Row, RowText, RowWidth, SourceName, SourceRows, Unseen};
use crate::mapping::transform::doubts::{RowDoubts, has_lost_digits, is_of_totals};
use crate::mapping::transform::external_sort::{Shelf, Spill};
use crate::mapping::transform::fact::{FieldValue, FileOverlap, MappedFact, ShareRow};
use crate::mapping::transform::group::{GroupRows, RowGroup, Rows, RuleState};
use crate::mapping::transform::json::json;
use crate::mapping::transform::keys::{Digest, Digests};
use crate::mapping::transform::once::{FirstRows, OnceAnswer, lines_to_read, say_what_differs};
use crate::mapping::transform::order::{Order, Standing};
use crate::mapping::transform::row_values::{RowFinding, RowValues, path_of};
use crate::wording::mapping::source_refused;
use crate::wording::problem::Problem;
use crate::wording::replay::refused;

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
    pub rows: u64,
    /// The rows of each group, where rows are set aside.
    pub groups: Vec<GroupRows>,
    /// What is doubtful, and at which place of the mapping.
    pub doubts: Vec<(Spot, MappingWarning)>,
    /// What is doubtful about rows.
    pub row_doubts: RowDoubts,
    /// Facts of one row, by kind, source and line, that are not recorded: a later row conflicts with theirs.
    banned: BTreeMap<(&'static str, u32, u32), RowRefusal>,
}

/// A row where rows count once: its key, and what is wrong if another row has it.
struct CountedOnce {
    key: Digest,
    conflict: Option<Conflict>,
}

/// The rows of a group of which a fact is made, and their shares.
struct WholeGroup<'g> {
    rows: &'g Rows,
    shares: Vec<ShareRow>,
    overlap: FileOverlap,
}

/// A row with the key of an earlier one and other content.
struct Conflict {
    problem: RowFinding,
    /// What is wrong with the earlier row.
    of_first: RowRefusal,
    /// The line of the earlier row, and the group in which it counts.
    line: u32,
    group: Option<usize>,
}

/// Groups with rows in several files that are named before the others are counted.
const OVERLAPS_NAMED: u64 = 3;

fn aside_full() -> Problem {
    refused(&LimitRefusal::TooMuchSetAside { most: ASIDE_BYTES_MAX }.into()).into()
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
        unseen.push(source.each_row(index as u32, evaluator.columns, &mut each)?);
        if let Some(error) = maker.failed.take() {
            return Err(error);
        }
        maker.tell_conflicts(index as u32, source)?;
    }
    Ok((maker.end()?, unseen))
}

struct Transformer<'m> {
    values: RowValues<'m>,
    keep: Keep,
    limits: Limits,
    states: Vec<RuleState<'m>>,
    batch: Batch,
    /// Used again for each row.
    key: String,
    digests: Digests,
    order: Order,
    /// What is kept of rows that failed.
    kept: KeptBytes,
    /// Problems of groups that are kept.
    told: usize,
    /// Keys of `distinct`, of all rules.
    keys: usize,
    /// Groups that are kept, of all rules.
    groups: usize,
    /// Rows of this file differ from the first ones with their keys.
    has_conflicts: bool,
    /// Why no more rows are read.
    failed: Option<io::Error>,
}

impl Batch {
    /// Whether a later row conflicts with the row of a fact.
    pub fn is_banned(&self, fact: &MappedFact) -> bool {
        self.banned.contains_key(&fact.place())
    }
}

impl Transformer<'_> {
    /// Each file is taken as if it came in a call of its own: what is once, or distinct, is so in its file.
    fn next_file(&mut self) {
        for state in &mut self.states {
            self.keys -= state.seen.len() + state.once.forget();
            state.seen = HashMap::new();
        }
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
        for leaf in rule.leaves.iter().filter(|leaf| leaf.shape == Shape::Name) {
            let Some(cell) = leaf.slot().map(|slot| &row.cells[slot]) else { continue };
            if has_lost_digits(&cell.text) {
                let written = cell.text.clone().into_owned();
                self.batch.row_doubts.add(index, RowWarning::DigitsLost { written }, || place(cell.at));
            }
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
    fn check_keys(&self) -> io::Result<()> {
        let most = self.limits.keys;
        if self.keys + self.order.known() <= most {
            return Ok(());
        }
        Err(refused_reading(source_refused(&SourceRefusal::TooManyKeys { most }).into()))
    }

    // Facts of several rows ----------------------------------------------------------------------------------------

    fn grouped(&mut self, index: usize, keys: &[usize], row: &Row<'_>, once: Option<CountedOnce>) -> io::Result<()> {
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
    fn after_earlier(&mut self, rule: &Rule, strays: &[(u32, u32)], mut group: RowGroup) -> io::Result<RowGroup> {
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

    // What comes of it ---------------------------------------------------------------------------------------------

    /// `group` is the group of which `first` is the first row.
    fn take(
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
    fn day(&mut self, rule: &Rule, made: &[FieldValue]) -> io::Result<Option<Day>> {
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

    fn fail_row(&mut self, row: RowText<'_>, problems: Vec<RowFinding>) -> io::Result<()> {
        // What several fields or rules find in one row is told once. The rows of a group are set aside in any case.
        let recent = self.batch.failed.iter().rev().take(self.states.len());
        let recent: Vec<&RowFinding> = recent.flat_map(|failed| &failed.refusals).collect();
        let mut new: Vec<RowFinding> = Vec::new();
        for problem in problems {
            if !recent.iter().copied().chain(&new).any(|known| is_same_cell(known, &problem)) {
                new.push(problem);
            }
        }
        let problems = new;
        if problems.is_empty() {
            return Ok(());
        }
        let line = if matches!(self.keep, Keep::All) { kept(row) } else { String::new() };
        self.fail(line, problems)
    }

    fn fail_group(&mut self, rows: &Rows, problems: Vec<RowFinding>) -> io::Result<()> {
        // They are put by only where they are to be set aside.
        let line = self.batch.shelf.texts(rows.all)?.concat();
        self.fail(line, problems)
    }

    fn fail(&mut self, line: String, problems: Vec<RowFinding>) -> io::Result<()> {
        let is_kept = match self.keep {
            Keep::All => true,
            Keep::First(most) => self.batch.failed.len() < most,
        };
        if !is_kept {
            self.batch.failed_more += problems.len() as u64;
            return Ok(());
        }
        if !self.kept.add(weight(&line, &problems)) {
            return Err(refused_reading(aside_full()));
        }
        self.batch.failed.push(Rejected { line, refusals: problems });
        Ok(())
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

    /// Sets the rows aside of whose facts a later row says something else.
    fn fail_banned(&mut self) -> io::Result<()> {
        if self.batch.banned.is_empty() || self.keep != Keep::All {
            return Ok(());
        }
        let (banned, mut failed) = (&self.batch.banned, Vec::new());
        self.batch.facts.each(&mut |bytes| {
            let conflict = |fact: MappedFact| Some((banned.get(&fact.place())?.clone(), fact));
            failed.extend(MappedFact::read(bytes).and_then(conflict));
            ControlFlow::Continue(())
        })?;
        for (refusal, fact) in failed {
            let problem = self.values.found(FieldPath::root(), Refusal::NoFact(refusal), fact.row(), fact.row().at());
            self.fail_row(fact.row(), vec![problem])?;
        }
        Ok(())
    }

    /// Makes the fact of a group of which all rows were seen. `strays` are rows that may belong to it, by source and line.
    fn close_whole_group(&mut self, rule: &Rule, strays: &[(u32, u32)], mut group: RowGroup) -> io::Result<()> {
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

    /// Warns of a group that has rows in two files, and other sums in the later one; says what comes of the two sums. `None` where
    /// the book refuses two facts with one key, whatever they say.
    fn warn_of_overlap(&mut self, rule: &Rule, earlier: &RowGroup, later: &RowGroup) -> Option<OverlapEffect> {
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

/// Whether two findings say the same about the same cell, be it of two fields.
pub fn is_same_cell(one: &RowFinding, other: &RowFinding) -> bool {
    one.what == other.what && one.location == other.location
}

#[cfg(test)]
mod tests {
    use crate::input::limits::Limits;
    use crate::mapping::example::{BOOKING, SIGNAL, facts, failing, mapped, mapped_within, members};
    use crate::mapping::source::kept_row::rows_of;
    use crate::wording::replay::refusal_problem;

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
