//! Rows to facts: which rows count, which of them make one fact, and what was left out and why.

use std::collections::{HashMap, HashSet};

use ledger::date::Day;
use ledger::exact::Exact;
use ledger::problem::Problem;
use replay::record::{Rejected, WhenKnown};

use crate::mapping::evaluate::{Evaluator, Wrong};
use crate::mapping::kinds::Kind;
use crate::mapping::mapping::{Leaf, Pick, Rule, Value};
use crate::mapping::order::in_order;
use crate::mapping::rows::{At, BadRow, Row, SourceText};
use crate::mapping::shape::json;

/// A fact, with where each of its values comes from.
#[derive(Debug)]
pub struct Fact {
    pub kind: &'static Kind,
    pub json: String,
    pub when_known: Option<WhenKnown>,
    pub cells: Box<[CellOf]>,
    /// The first of them is where it comes from.
    pub rows: Vec<At>,
    pub day: Option<Day>,
    /// What has to stay in the rows' order although its date changes: the id of a booking.
    pub id: Option<String>,
}

/// A value in a fact's JSON, and the cell that it comes from.
#[derive(Copy, Clone, Debug)]
pub struct CellOf {
    pub start: u32,
    pub end: u32,
    pub slot: u32,
    pub at: At,
}

/// Everything that came of the rows.
#[derive(Debug)]
pub struct Batch {
    /// In the order in which they go in.
    pub facts: Vec<Fact>,
    pub failed: Vec<Rejected>,
    pub failed_more: u64,
    /// Rows of which no fact was made, by rule.
    pub left_out: Vec<LeftOut>,
    pub rows: u64,
}

/// Rows that one rule passed over for one reason.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LeftOut {
    pub kind: &'static str,
    /// The line of the mapping on which the rule begins.
    pub line: usize,
    pub why: String,
    pub rows: u64,
}

/// A value as it was worked out for a row.
#[derive(Clone, Debug, Default)]
pub struct Made {
    pub text: Option<String>,
    pub cell: Option<(usize, At)>,
}

/// How many failing rows are kept at most.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Keep {
    /// Enough to tell: nothing will be recorded.
    First(usize),
    All,
}

pub fn make(evaluator: &Evaluator<'_>, sources: &[SourceText], keep: Keep) -> Batch {
    let mapping = evaluator.mapping;
    let mut maker = Maker {
        evaluator,
        sources,
        keep,
        states: mapping.rules.iter().map(State::of).collect(),
        batch: Batch { facts: Vec::new(), failed: Vec::new(), failed_more: 0, left_out: Vec::new(), rows: 0 },
        key: String::new(),
    };
    for (index, source) in sources.iter().enumerate() {
        source.each_row(index as u32, evaluator.columns, &mapping.source, &mut |row| match row {
            Ok(row) => maker.row(row),
            Err(bad) => maker.bad_row(bad),
        });
    }
    maker.end()
}

/// What a rule remembers from row to row.
struct State<'m> {
    rule: &'m Rule,
    /// How many rows each condition left out.
    left_out: Vec<u64>,
    /// Rows that say once more what a first row said.
    repeats: u64,
    seen: HashSet<String>,
    groups: HashMap<String, usize>,
    group_list: Vec<Group>,
}

/// Rows that make one fact.
struct Group {
    made: Vec<Made>,
    /// Of each leaf that is a sum; nothing, as long as no row had a value.
    sums: Vec<Option<Exact>>,
    rows: Vec<At>,
    problems: Vec<Problem>,
}

impl State<'_> {
    fn of(rule: &Rule) -> State<'_> {
        State {
            rule,
            left_out: vec![0; rule.when.len()],
            repeats: 0,
            seen: HashSet::new(),
            groups: HashMap::new(),
            group_list: Vec::new(),
        }
    }
}

struct Maker<'m> {
    evaluator: &'m Evaluator<'m>,
    sources: &'m [SourceText],
    keep: Keep,
    states: Vec<State<'m>>,
    batch: Batch,
    /// Used again for each row.
    key: String,
}

impl Maker<'_> {
    fn row(&mut self, row: &Row<'_>) {
        self.batch.rows += 1;
        for index in 0..self.states.len() {
            let rule = self.states[index].rule;
            match self.first_that_fails(rule, row) {
                Err(wrong) => self.fail(vec![row.at], vec![self.placed(wrong, row)]),
                Ok(Some(condition)) => self.states[index].left_out[condition] += 1,
                Ok(None) => match &rule.pick {
                    Pick::Each => self.single(rule, row),
                    Pick::Distinct(keys) => self.distinct(index, keys, row),
                    Pick::Group(keys) => self.grouped(index, keys, row),
                },
            }
        }
    }

    fn first_that_fails(&self, rule: &Rule, row: &Row<'_>) -> Result<Option<usize>, Wrong> {
        for (index, condition) in rule.when.iter().enumerate() {
            if !self.evaluator.holds(condition, row)? {
                return Ok(Some(index));
            }
        }
        Ok(None)
    }

    fn bad_row(&mut self, bad: BadRow) {
        let problem = self.sources[bad.at.source as usize].place(bad.problem, bad.at);
        self.batch.rows += 1;
        self.fail(vec![bad.row], vec![problem]);
    }

    // Facts of one row ---------------------------------------------------------------------------------------------

    fn single(&mut self, rule: &Rule, row: &Row<'_>) {
        let (made, problems) = self.values(rule, row);
        self.take(rule, made, vec![row.at], problems);
    }

    fn distinct(&mut self, index: usize, keys: &[usize], row: &Row<'_>) {
        let rule = self.states[index].rule;
        if let Err(problems) = self.read_key(rule, keys, row) {
            return self.fail(vec![row.at], problems);
        }
        let state = &mut self.states[index];
        if state.seen.contains(self.key.as_str()) {
            state.repeats += 1;
            return;
        }
        state.seen.insert(self.key.clone());
        self.single(rule, row);
    }

    /// Every value but sums and copies, and what is wrong with them.
    fn values(&self, rule: &Rule, row: &Row<'_>) -> (Vec<Made>, Vec<Problem>) {
        let mut problems = Vec::new();
        let made = rule.leaves.iter().map(|leaf| {
            let cell = leaf.slot().map(|slot| (slot, row.cells[slot].at));
            if leaf.summand().is_some() || matches!(leaf.value, Value::Same(_)) {
                return Made { text: None, cell };
            }
            match self.evaluator.leaf(leaf, row) {
                Ok(text) => Made { text: text.map(|text| text.into_owned()), cell },
                Err(wrong) => {
                    problems.push(self.placed(wrong, row));
                    Made { text: None, cell }
                }
            }
        });
        (made.collect(), problems)
    }

    /// Puts the values that tell facts apart into the key.
    fn read_key(&mut self, rule: &Rule, keys: &[usize], row: &Row<'_>) -> Result<(), Vec<Problem>> {
        let mut problems = Vec::new();
        let mut key = std::mem::take(&mut self.key);
        key.clear();
        for index in keys {
            let leaf = match &rule.leaves[*index].value {
                Value::Same(of) => &rule.leaves[*of],
                Value::Constant(_) | Value::Worked(_) => &rule.leaves[*index],
            };
            match self.evaluator.leaf(leaf, row) {
                // The length keeps `a` and `bc` from `ab` and `c`.
                Ok(Some(text)) => key.extend([&text.len().to_string(), ":", text.as_ref()]),
                Ok(None) => key.push('-'),
                Err(wrong) => problems.push(self.placed(wrong, row)),
            }
        }
        self.key = key;
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    // Facts of several rows ----------------------------------------------------------------------------------------

    fn grouped(&mut self, index: usize, keys: &[usize], row: &Row<'_>) {
        let rule = self.states[index].rule;
        if let Err(problems) = self.read_key(rule, keys, row) {
            return self.fail(vec![row.at], problems);
        }
        let known = self.states[index].groups.get(self.key.as_str()).copied();
        let number = match known {
            Some(number) => number,
            None => self.open_group(index, row),
        };
        let mut problems = if known.is_some() { self.differences(index, number, keys, row) } else { Vec::new() };
        for (leaf, summand) in rule.leaves.iter().enumerate().filter_map(|(at, leaf)| Some((at, leaf.summand()?))) {
            match self.evaluator.summand(summand, row) {
                Ok(None) => {}
                Ok(Some(number_of_row)) => {
                    let sum = &mut self.states[index].group_list[number].sums[leaf];
                    *sum = Some(match sum.take() {
                        Some(sum) => &sum + &number_of_row,
                        None => number_of_row,
                    });
                }
                Err(wrong) => problems.push(self.placed(wrong, row)),
            }
        }
        let group = &mut self.states[index].group_list[number];
        group.rows.push(row.at);
        group.problems.extend(problems);
    }

    fn open_group(&mut self, index: usize, row: &Row<'_>) -> usize {
        let rule = self.states[index].rule;
        let (made, problems) = self.values(rule, row);
        let state = &mut self.states[index];
        let number = state.group_list.len();
        state.groups.insert(self.key.clone(), number);
        state.group_list.push(Group { made, sums: vec![None; rule.leaves.len()], rows: Vec::new(), problems });
        number
    }

    /// What is neither summed nor a key is the same in all rows of a group, for it is never guessed which one holds.
    fn differences(&self, index: usize, number: usize, keys: &[usize], row: &Row<'_>) -> Vec<Problem> {
        let state = &self.states[index];
        let group = &state.group_list[number];
        let mut problems = Vec::new();
        for (at, leaf) in state.rule.leaves.iter().enumerate() {
            let is_fixed = matches!(leaf.value, Value::Constant(_) | Value::Same(_)) || leaf.summand().is_some();
            if is_fixed || keys.contains(&at) || matches!(leaf.name.as_str(), "source" | "note") {
                continue;
            }
            match self.evaluator.leaf(leaf, row) {
                Ok(text) if text.as_deref() == group.made[at].text.as_deref() => {}
                Ok(text) => problems.push(self.placed(differs(leaf, text.as_deref(), group, at), row)),
                Err(wrong) => problems.push(self.placed(wrong, row)),
            }
        }
        problems
    }

    // What comes of it ---------------------------------------------------------------------------------------------

    fn take(&mut self, rule: &Rule, mut made: Vec<Made>, rows: Vec<At>, mut problems: Vec<Problem>) {
        for (index, leaf) in rule.leaves.iter().enumerate() {
            if let Value::Same(of) = leaf.value {
                made[index] = made[of].clone();
            }
        }
        if problems.is_empty() {
            problems.extend(self.missing(rule, &made, rows[0]));
        }
        if !problems.is_empty() {
            return self.fail(rows, problems);
        }
        let source = &self.sources[rows[0].source as usize];
        let origin = format!("{}:{}", source.short_name(), rows[0].line);
        let (json, cells) = json(rule, &made, &origin);
        let of = |names: &[&str]| rule.leaves.iter().position(|leaf| names.contains(&leaf.name.as_str()));
        let text = |index: Option<usize>| index.and_then(|index| made[index].text.clone());
        let is_about_booking = matches!(rule.kind.word, "booking" | "cancellation");
        self.batch.facts.push(Fact {
            kind: rule.kind,
            json,
            when_known: rule.when_known,
            cells: cells.into(),
            rows,
            day: text(of(&["at"]).or(of(&["from"]))).as_deref().and_then(Day::parse),
            id: if is_about_booking { text(of(&["booking"])) } else { None },
        });
    }

    fn missing(&self, rule: &Rule, made: &[Made], row: At) -> Vec<Problem> {
        let empty = rule.leaves.iter().zip(made).filter(|(leaf, made)| leaf.is_needed && made.text.is_none());
        let problem = |(leaf, made): (&Leaf, &Made)| {
            let help = "leave such rows out with `when`, or say what holds `otherwise`";
            let message = match made.cell {
                Some((slot, _)) => {
                    let column = &self.evaluator.columns[slot].name;
                    format!("`{column}` has no value, and {} needs `{}`", rule.kind.called, leaf.name)
                }
                None => format!("{} needs `{}`", rule.kind.called, leaf.name),
            };
            let at = made.cell.map_or(row, |(_, at)| at);
            self.sources[at.source as usize].place(Problem::new("map-no-value", message, help), at)
        };
        empty.map(problem).collect()
    }

    fn placed(&self, wrong: Wrong, row: &Row<'_>) -> Problem {
        let Wrong { slot, mut problem } = wrong;
        problem.message = format!("{}, in column `{}`", problem.message, self.evaluator.columns[slot].name);
        let at = row.cells[slot].at;
        self.sources[at.source as usize].place(problem, at)
    }

    fn fail(&mut self, rows: Vec<At>, problems: Vec<Problem>) {
        let is_kept = match self.keep {
            Keep::All => true,
            Keep::First(most) => self.batch.failed.len() < most,
        };
        if !is_kept {
            self.batch.failed_more += problems.len() as u64;
            return;
        }
        let line = text_of(self.sources, &rows);
        self.batch.failed.push(Rejected { line, problems });
    }

    /// What is known only when all rows were seen.
    fn end(mut self) -> Batch {
        for state in std::mem::take(&mut self.states) {
            let (rule, mut left_out) = (state.rule, Vec::new());
            for group in state.group_list {
                self.close_group(rule, group);
            }
            let conditions = rule.when.iter().map(|condition| format!("not so: `{}`", condition.text));
            left_out.extend(conditions.zip(state.left_out));
            if let Pick::Distinct(keys) = &rule.pick {
                let names: Vec<String> = keys.iter().map(|key| format!("`{}`", rule.leaves[*key].name)).collect();
                left_out.push((format!("the same {} once more", names.join(" and ")), state.repeats));
            }
            let told = left_out.into_iter().filter(|(_, rows)| *rows > 0);
            self.batch.left_out.extend(told.map(|(why, rows)| LeftOut {
                kind: rule.kind.word,
                line: rule.line,
                why,
                rows,
            }));
        }
        in_order(&mut self.batch.facts);
        self.batch
    }

    fn close_group(&mut self, rule: &Rule, group: Group) {
        let Group { mut made, sums, rows, mut problems } = group;
        for (index, sum) in sums.into_iter().enumerate() {
            let leaf = &rule.leaves[index];
            let (Value::Worked(worked), Some(sum)) = (&leaf.value, sum) else { continue };
            match self.evaluator.sum(worked, leaf.shape, sum) {
                Ok(text) => made[index].text = Some(text),
                Err(wrong) => {
                    let at = made[index].cell.map_or(rows[0], |(_, at)| at);
                    problems.push(self.sources[at.source as usize].place(wrong.problem, at));
                }
            }
        }
        self.take(rule, made, rows, problems);
    }
}

fn differs(leaf: &Leaf, text: Option<&str>, group: &Group, index: usize) -> Wrong {
    let told = |text: Option<&str>| text.map_or("nothing".to_owned(), |text| format!("`{text}`"));
    let message = format!(
        "`{}` is {} here and {} on line {}, in one group",
        leaf.name,
        told(text),
        told(group.made[index].text.as_deref()),
        group.rows[0].line
    );
    let help = format!("add `{}` to `group`, or leave such rows out with `when`", leaf.name.split('.').next().unwrap_or(&leaf.name));
    let slot = leaf.slot().expect("constants do not differ");
    Wrong { slot, problem: Problem::new("map-differs", message, help) }
}

/// The rows as they are in their sources.
pub fn text_of(sources: &[SourceText], rows: &[At]) -> String {
    let rows: Vec<&str> = rows.iter().map(|row| sources[row.source as usize].slice(*row)).collect();
    rows.join("\n")
}
