//! Why a line has its amount, as a tree: what made it differ, then each step with its arithmetic and its facts.

use std::collections::BTreeMap;
use std::io::Write;

use ledger::exact::Exact;
use plans::payment::condition::words;
use plans::plan::{Component, Condition, Earned};
use plans::why::{Step, StepKind};
use projections::lines::LineName;
use replay::book::{Book, BookError};
use replay::statements::pending::{line_of_forfeited, line_of_pending};
use replay::statements::statement::{Cause, Line, Statement, positions};

use crate::entries::opened;
use crate::failure::Failure;
use crate::render::amount::{amount, number, number_and_percent};
use crate::render::entry::about;
use crate::render::layout::shorten::without_gaps;
use crate::render::statement::credit;
use crate::render::statement::forfeited::{judged_words, reasons};
use crate::render::statement::item::{BookView, verdict};
use crate::render::statement::lines::{cause_with_entries, component_of, reason_words, settled_before};
use crate::render::statement::page::{expected, waits};
use crate::terminal::screen::Screen;

/// Of one step: a quota of a year names two numbers for each month, a burn every snapshot of its days.
const INPUTS_SHOWN_MAX: usize = 8;
const RUNS_SHOWN_MAX: usize = 6;

pub fn tree(statement: &Statement, index: usize, book: &Book, out: &mut Screen<impl Write>) -> Result<(), Failure> {
    let (figures, line) = (&statement.figures, &statement.figures.lines[index]);
    let view = BookView::new(book, statement.known.size);
    let (payee, currency) = &figures.holder;
    writeln!(out, "{} of {payee} in {}: {} {currency}", line.name, figures.period, amount(line.amount))?;
    let component = component_of(line, view);
    let item = view.item(&line.name.item, component.map(|component| &component.measure));
    writeln!(out, "│  {item}{}", credit::words(line, &statement.whys[index], component, view))?;
    let (causes, steps) = (&statement.causes[index], &statement.whys[index]);
    if let Some(part) = view.part(&line.name, line.version, steps) {
        writeln!(out, "│  {part}")?;
    }
    if let Some(reason) = line.reason {
        let Branch { head, bar } = Branch::before(steps.len());
        let (before, entitled) = (amount(line.before), amount(line.entitled));
        let reason = reason_words(reason);
        writeln!(out, "{head}retroactive adjustment ({reason}): was {before}, now {entitled}")?;
        for (at, one) in causes.iter().enumerate() {
            writeln!(out, "{bar}{}{}", Branch::before(causes.len() - at - 1).head, cause(one, view))?;
        }
    } else if line.amount.is_zero() && !line.before.is_zero() {
        let before = amount(line.before);
        writeln!(out, "{}posted by earlier closes: {before}, unchanged", Branch::before(steps.len()).head)?;
    } else if let Some(settled) = settled_before(line) {
        writeln!(out, "{}{settled}", Branch::before(steps.len()).head)?;
    }
    for (at, row) in not_paid(statement, &line.name, view).into_iter().enumerate() {
        let head = if at == 0 { Branch::before(steps.len()).head } else { "│    " };
        writeln!(out, "{head}{row}")?;
    }
    write_steps(&line_steps(line, steps, view, &mut EntryWords::of(book))?, out)
}

/// Of a line that pays nothing: what it waits for, or why it is forfeited.
fn not_paid(statement: &Statement, name: &LineName, view: BookView<'_>) -> Vec<String> {
    let pending = statement.pending.iter().find(|row| line_of_pending(row) == *name);
    if let Some(row) = pending {
        let on = expected(row);
        let rest = [waits(&row.waiting_for)].into_iter().filter(|words| !words.is_empty());
        let words: Vec<String> = [format!("pending: {}, {on}", amount(row.amount))].into_iter().chain(rest).collect();
        return [words.join(", ")].into_iter().chain(judged_words(row)).collect();
    }
    let Some(row) = statement.forfeited.iter().find(|row| line_of_forfeited(row) == *name) else { return Vec::new() };
    let on = row.on.map_or_else(String::new, |day| format!(" on {day}"));
    [format!("forfeited{on}: {}", amount(row.amount))].into_iter().chain(reasons(row, view)).collect()
}

/// A draw: what was given and recovered, and how the amount was calculated.
pub fn draw_tree(
    statement: &Statement,
    index: usize,
    book: &Book,
    out: &mut Screen<impl Write>,
) -> Result<(), Failure> {
    let (figures, draw, steps) = (&statement.figures, &statement.figures.draws[index], &statement.draw_whys[index]);
    let (payee, currency) = &figures.holder;
    let what = if draw.recovered.is_zero() && draw.plan.is_some() {
        format!("{} {currency} given", amount(draw.given))
    } else {
        format!("{} {currency} recovered", amount(draw.recovered))
    };
    writeln!(out, "{} of {payee} in {}: {what}", draw.name(), figures.period)?;
    writeln!(out, "{}{} outstanding", Branch::before(steps.len()).head, amount(draw.balance))?;
    write_steps(&draw_steps(steps, &mut EntryWords::of(book))?, out)
}

/// Writes steps as the branches of a tree.
pub fn write_steps(steps: &[ExplainedStep], out: &mut Screen<impl Write>) -> Result<(), Failure> {
    for (at, step) in steps.iter().enumerate() {
        let Branch { head, bar } = Branch::before(steps.len() - at - 1);
        writeln!(out, "{head}{}", step.outcome)?;
        step.inputs.iter().try_for_each(|words| writeln!(out, "{bar}  {words}"))?;
        if let more @ 1.. = step.more_inputs {
            writeln!(out, "{bar}  and {more} more numbers (`--format json` names all)")?;
        }
        step.facts.iter().try_for_each(|words| writeln!(out, "{bar}  {words}"))?;
        if let more @ 1.. = step.more_facts {
            writeln!(out, "{bar}  and from {more} more places (`--format json` names all)")?;
        }
    }
    Ok(())
}

// Steps ----------------------------------------------------------------------------------------------------------------

/// A step in words.
pub struct ExplainedStep {
    /// `rate: 0.1 * 240,000 = 24,000`.
    pub outcome: String,
    /// Its numbers.
    pub inputs: Vec<String>,
    /// How many more numbers it has.
    pub more_inputs: usize,
    /// The facts and plans that the numbers are from; of entries in a row the first is told.
    pub facts: Vec<String>,
    /// From how many more places they are.
    pub more_facts: usize,
}

/// The steps of a line.
pub fn line_steps(
    line: &Line,
    steps: &[Step],
    view: BookView<'_>,
    entries: &mut EntryWords<'_>,
) -> Result<Vec<ExplainedStep>, BookError> {
    let conditions = view.conditions(&line.name, line.version);
    let pays = PayUnit::of(component_of(line, view));
    (0..steps.len()).map(|at| explained(steps, at, (conditions, pays), entries)).collect()
}

/// The steps of a line, by its name and the version of its plan.
pub fn steps_of(
    name: &LineName,
    version: Option<u32>,
    steps: &[Step],
    view: BookView<'_>,
    entries: &mut EntryWords<'_>,
) -> Result<Vec<ExplainedStep>, BookError> {
    let conditions = view.conditions(name, version);
    let component = name.plan.as_ref().and_then(|plan| view.plan(plan.as_str(), version));
    let pays = PayUnit::of(component.and_then(|plan| plan.component(name.component.as_str())));
    (0..steps.len()).map(|at| explained(steps, at, (conditions, pays), entries)).collect()
}

/// The steps of a draw.
pub fn draw_steps(steps: &[Step], entries: &mut EntryWords<'_>) -> Result<Vec<ExplainedStep>, BookError> {
    (0..steps.len()).map(|at| explained(steps, at, (&[], PayUnit::Amount), entries)).collect()
}

fn explained(
    steps: &[Step],
    at: usize,
    (conditions, pays): (&[Condition], PayUnit),
    entries: &mut EntryWords<'_>,
) -> Result<ExplainedStep, BookError> {
    let step = &steps[at];
    let inputs = inputs(step);
    let runs = positions(&step.from);
    let facts: Result<Vec<String>, BookError> =
        runs.iter().take(RUNS_SHOWN_MAX).map(|run| entries.of_run(run)).collect();
    Ok(ExplainedStep {
        outcome: format!("{}: {}", step.step, outcome(steps, at, conditions, pays)),
        more_inputs: inputs.len().saturating_sub(INPUTS_SHOWN_MAX),
        inputs: inputs.into_iter().take(INPUTS_SHOWN_MAX).map(|input| input_words(input, pays)).collect(),
        facts: facts?,
        more_facts: runs.len().saturating_sub(RUNS_SHOWN_MAX),
    })
}

/// Entries of a book in words, each read once.
pub struct EntryWords<'b> {
    book: &'b Book,
    words: BTreeMap<u64, String>,
}

impl<'b> EntryWords<'b> {
    pub fn of(book: &'b Book) -> EntryWords<'b> {
        EntryWords { book, words: BTreeMap::new() }
    }

    /// `from entry 12: booking B-1`; of entries in a row the first.
    fn of_run(&mut self, run: &str) -> Result<String, BookError> {
        let first = run.split('-').next().and_then(|first| first.parse().ok()).expect("a run begins with a position");
        if first >= self.book.size() {
            return Ok("from what is tried out".to_owned());
        }
        if !self.words.contains_key(&first) {
            let entry = opened(self.book.entry(first)?, self.book.keys());
            let words = format!("{} {}", entry.payload.word(), without_gaps(&about(&entry)));
            self.words.insert(first, words);
        }
        let words = &self.words[&first];
        Ok(if run.contains('-') {
            format!("from entries {run}, the first of them: {words}")
        } else {
            format!("from entry {run}: {words}")
        })
    }
}

/// How a step got its result: the arithmetic, or the name of its one number; of a condition also its threshold.
fn outcome(steps: &[Step], at: usize, conditions: &[Condition], pays: PayUnit) -> String {
    let step = &steps[at];
    let is_share = is_share(steps, at) || matches!(step.inputs.as_slice(), [(name, _)] if is_percent(name, pays));
    let result = if is_share { number_and_percent(&step.out) } else { number(&step.out) };
    let how = match step.inputs.as_slice() {
        [(name, value)] if step.how == value.text() && is_seen(step) => name.clone(),
        [(name, value)] if step.how == value.text() => format!("{} = {result}", name_of_input(name)),
        _ => format!("{} = {result}", step.how),
    };
    match condition_of(steps, at, conditions) {
        Some(one @ (Condition::Burn { test, .. } | Condition::Metric { test, .. })) => {
            format!("{how}; {}: {}", words(one), verdict(step, test))
        }
        Some(Condition::Signal(_)) => format!("{how}: met"),
        None => how,
    }
}

/// Whether it only says that something happened: a signal was seen, a booking was cancelled.
fn is_seen(step: &Step) -> bool {
    matches!(step.step, StepKind::Trigger | StepKind::Condition) && step.out == Exact::ONE
}

/// The condition of the plan that a step is of; nothing where not all of them have a step.
fn condition_of<'c>(steps: &[Step], at: usize, conditions: &'c [Condition]) -> Option<&'c Condition> {
    let is_condition = |step: &&Step| step.step == StepKind::Condition;
    if steps[at].step != StepKind::Condition || steps.iter().filter(is_condition).count() != conditions.len() {
        return None;
    }
    conditions.get(steps[..at].iter().filter(is_condition).count())
}

/// Whether what a step amounted to is a share, to be shown as a percent: an attainment, a consumption, the first part of a
/// clawback.
fn is_share(steps: &[Step], at: usize) -> bool {
    let step = &steps[at];
    match step.step {
        StepKind::Attainment => true,
        StepKind::Trigger | StepKind::Condition => step.inputs.len() > 1,
        StepKind::Clawback => steps[at + 1..].iter().any(|later| later.step == StepKind::Clawback),
        StepKind::Credit
        | StepKind::Quota
        | StepKind::Rate
        | StepKind::Rounding
        | StepKind::Cap
        | StepKind::Installment
        | StepKind::Draw
        | StepKind::Change
        | StepKind::Baseline => false,
    }
}

/// Numbers of a formula that are the same in every book.
fn is_constant(name: &str) -> bool {
    matches!(name, "none" | "all" | "nothing" | "decimals")
}

/// What the points of a curve are in.
#[derive(Copy, Clone, PartialEq, Eq)]
enum PayUnit {
    /// Amounts of money.
    Amount,
    /// Fractions of the target pay.
    Fraction,
}

impl PayUnit {
    fn of(component: Option<&Component>) -> PayUnit {
        match component.map(|component| &component.earned) {
            Some(Earned::Target { .. }) => PayUnit::Fraction,
            Some(Earned::Rate { .. } | Earned::Amount(_) | Earned::Curve { .. }) | None => PayUnit::Amount,
        }
    }
}

/// Inputs that are shares, by the names that the formulas of plans give them.
fn is_percent(name: &str, pays: PayUnit) -> bool {
    let is_pay = name == "pay" || ["pay from ", "pay below", "pay above"].iter().any(|start| name.starts_with(start));
    matches!(name, "share" | "rate" | "taken back" | "burn" | "part of the target")
        || (is_pay && pays == PayUnit::Fraction && name != "pay above the guarantee")
        || (["rate ", "ramp ", "active "].iter().any(|start| name.starts_with(start)) && name != "active months")
}

/// The published names of some inputs are short; on a screen they are words of the glossary.
fn name_of_input(name: &str) -> String {
    match name {
        "taken back" => "share clawed back".to_owned(),
        "burn" => "consumption rate (burn)".to_owned(),
        _ => match name.strip_prefix("left of ") {
            Some(part) => format!("remaining of {part}"),
            None => name.to_owned(),
        },
    }
}

/// A branch of a tree: what is drawn before its first line, and before the lines below it.
struct Branch {
    head: &'static str,
    bar: &'static str,
}

impl Branch {
    /// With `after` more branches below it.
    fn before(after: usize) -> Branch {
        if after == 0 { Branch { head: "└─ ", bar: "   " } } else { Branch { head: "├─ ", bar: "│  " } }
    }
}

fn cause(cause: &Cause, view: BookView<'_>) -> String {
    format!("{} {}", amount(cause.amount), cause_with_entries(cause, view))
}

/// The numbers of a step that has several; one of one number has it in its outcome.
fn inputs(step: &Step) -> Vec<&(String, Exact)> {
    if step.inputs.len() == 1 {
        return Vec::new();
    }
    step.inputs.iter().filter(|(name, _)| !is_constant(name)).collect()
}

fn input_words((name, value): &(String, Exact), pays: PayUnit) -> String {
    let shown = if is_percent(name, pays) { number_and_percent(value) } else { number(value) };
    format!("{} {shown}", name_of_input(name))
}
