//! Why a line has its amount, as a tree: what made it differ, then each step with its arithmetic and its facts.

use std::io::Write;

use ledger::exact::Exact;
use plans::payment::condition::words;
use plans::plan::{Component, Condition, Earned};
use plans::why::{Step, StepKind};
use projections::lines::LineName;
use projections::position::Position;
use replay::book::Book;
use replay::statements::pending::{line_of_forfeited, line_of_pending};
use replay::statements::statement::{Cause, Statement, positions};

use crate::entries::opened;
use crate::failure::Failure;
use crate::render::amount::{amount, number, number_and_percent};
use crate::render::entry::about;
use crate::render::layout::shorten::without_gaps;
use crate::render::statement::credit;
use crate::render::statement::forfeited::{judged_words, reasons};
use crate::render::statement::item::{BookView, verdict};
use crate::render::statement::page::{cause_words, component_of, reason_words, waits};
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
    } else if !line.before.is_zero() {
        let (before, entitled) = (amount(line.before), amount(line.entitled));
        writeln!(out, "{}{before} was settled before the book began, of {entitled}", Branch::before(steps.len()).head)?;
    }
    for (at, row) in not_paid(statement, &line.name, view).into_iter().enumerate() {
        let head = if at == 0 { Branch::before(steps.len()).head } else { "│    " };
        writeln!(out, "{head}{row}")?;
    }
    let conditions = view.conditions(&line.name, line.version);
    let pays = PayUnit::of(component);
    for (at, step) in steps.iter().enumerate() {
        let Branch { head, bar } = Branch::before(steps.len() - at - 1);
        writeln!(out, "{head}{}: {}", step.step, outcome(steps, at, conditions, pays))?;
        inputs(step, bar, pays, out)?;
        facts(&step.from, bar, book, out)?;
    }
    Ok(())
}

/// Of a line that pays nothing: what it waits for, or why it is forfeited.
fn not_paid(statement: &Statement, name: &LineName, view: BookView<'_>) -> Vec<String> {
    let pending = statement.pending.iter().find(|row| line_of_pending(row) == *name);
    if let Some(row) = pending {
        let on = row.on.map_or_else(|| "no date yet".to_owned(), |day| format!("on {day}"));
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
    for (at, step) in steps.iter().enumerate() {
        let Branch { head, bar } = Branch::before(steps.len() - at - 1);
        writeln!(out, "{head}{}: {}", step.step, outcome(steps, at, &[], PayUnit::Amount))?;
        inputs(step, bar, PayUnit::Amount, out)?;
        facts(&step.from, bar, book, out)?;
    }
    Ok(())
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
    let entries = match cause.positions.as_slice() {
        [] => String::new(),
        [one] => format!(" (entry {one})"),
        list => format!(" (entries {})", positions(list).join(", ")),
    };
    format!("{} because of {}{entries}", amount(cause.amount), cause_words(&cause.kind, &cause.item, view))
}

fn inputs(step: &Step, bar: &str, pays: PayUnit, out: &mut Screen<impl Write>) -> Result<(), Failure> {
    // A step of one number has it in its first line.
    let inputs: Vec<&(String, Exact)> = step.inputs.iter().filter(|(name, _)| !is_constant(name)).collect();
    if step.inputs.len() == 1 {
        return Ok(());
    }
    for (name, value) in inputs.iter().take(INPUTS_SHOWN_MAX) {
        let shown = if is_percent(name, pays) { number_and_percent(value) } else { number(value) };
        writeln!(out, "{bar}  {} {shown}", name_of_input(name))?;
    }
    if let more @ 1.. = inputs.len().saturating_sub(INPUTS_SHOWN_MAX) {
        writeln!(out, "{bar}  and {more} more numbers (`--format json` names all)")?;
    }
    Ok(())
}

/// The facts and plans that the numbers are from; of entries in a row the first is told.
fn facts(from: &[Position], bar: &str, book: &Book, out: &mut Screen<impl Write>) -> Result<(), Failure> {
    let runs = positions(from);
    for run in runs.iter().take(RUNS_SHOWN_MAX) {
        let first = run.split('-').next().and_then(|first| first.parse().ok()).expect("a run begins with a position");
        let entry = opened(book.entry(first)?, book.keys());
        let words = format!("{} {}", entry.payload.word(), without_gaps(&about(&entry)));
        if run.contains('-') {
            writeln!(out, "{bar}  from entries {run}, the first of them: {words}")?
        } else {
            writeln!(out, "{bar}  from entry {run}: {words}")?
        }
    }
    if let more @ 1.. = runs.len().saturating_sub(RUNS_SHOWN_MAX) {
        writeln!(out, "{bar}  and from {more} more places (`--format json` names all)")?;
    }
    Ok(())
}
