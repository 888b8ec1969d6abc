//! Why a line came to its amount, as a tree: what made it differ, then each step with its arithmetic and its facts.

use std::io::Write;

use plans::why::Step;
use projections::position::Position;
use replay::book::Book;
use replay::statements::statement::{Cause, Statement, positions};

use crate::entries::opened;
use crate::failure::Failure;
use crate::render::amount::{amount, grouped};
use crate::render::brief::without_gaps;
use crate::render::entry::about;
use crate::render::rests::Sight;
use crate::render::statement::{cause_words, component_of};
use crate::render::worth;
use crate::screen::Screen;

/// Of one step: a quota of a year names two numbers for each month, a burn every snapshot of its days.
const INPUTS_SHOWN_MAX: usize = 8;
const RUNS_SHOWN_MAX: usize = 6;

pub fn tree(statement: &Statement, index: usize, book: &Book, out: &mut Screen<impl Write>) -> Result<(), Failure> {
    let (figures, line) = (&statement.figures, &statement.figures.lines[index]);
    let sight = Sight::new(book, statement.known.size);
    let (payee, currency) = &figures.holder;
    writeln!(out, "{} of {payee} in {}: {} {currency}", line.name, figures.period, amount(line.amount))?;
    let component = component_of(line, sight);
    let item = sight.item(&line.name.item, component.map(|component| &component.measure));
    writeln!(out, "│  {item}{}", worth::words(line, &statement.whys[index], component, sight))?;
    let (causes, steps) = (&statement.causes[index], &statement.whys[index]);
    if let Some(part) = sight.part(&line.name, line.version, steps) {
        writeln!(out, "│  {part}")?;
    }
    if let Some(reason) = line.reason {
        let (head, bar) = branch(steps.is_empty());
        let (before, entitled) = (amount(line.before), amount(line.entitled));
        writeln!(out, "{head}the difference, a {reason}: {before} was posted, {entitled} is right")?;
        for (at, one) in causes.iter().enumerate() {
            writeln!(out, "{bar}{}{}", branch(at + 1 == causes.len()).0, cause(one, sight))?;
        }
    } else if !line.before.is_zero() {
        let (before, entitled) = (amount(line.before), amount(line.entitled));
        writeln!(out, "{}{before} was settled before the book began, {entitled} is right", branch(steps.is_empty()).0)?;
    }
    for (at, step) in steps.iter().enumerate() {
        let (head, bar) = branch(at + 1 == steps.len());
        writeln!(out, "{head}{}: {} = {}", step.step, step.how, grouped(&step.out.text()))?;
        inputs(step, bar, out)?;
        facts(&step.from, bar, book, out)?;
    }
    Ok(())
}

fn branch(is_last: bool) -> (&'static str, &'static str) {
    if is_last { ("└─ ", "   ") } else { ("├─ ", "│  ") }
}

fn cause(cause: &Cause, sight: Sight<'_>) -> String {
    let entries = match cause.positions.as_slice() {
        [] => String::new(),
        [one] => format!(" (entry {one})"),
        list => format!(" (entries {})", positions(list).join(", ")),
    };
    format!("{} by {}{entries}", amount(cause.amount), cause_words(&cause.kind, &cause.item, sight))
}

fn inputs(step: &Step, bar: &str, out: &mut Screen<impl Write>) -> Result<(), Failure> {
    for (name, value) in step.inputs.iter().take(INPUTS_SHOWN_MAX) {
        writeln!(out, "{bar}  {name} {}", grouped(&value.text()))?;
    }
    if let more @ 1.. = step.inputs.len().saturating_sub(INPUTS_SHOWN_MAX) {
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
        match run.contains('-') {
            false => writeln!(out, "{bar}  from entry {run}: {words}")?,
            true => writeln!(out, "{bar}  from entries {run}, the first of them: {words}")?,
        }
    }
    if let more @ 1.. = runs.len().saturating_sub(RUNS_SHOWN_MAX) {
        writeln!(out, "{bar}  and from {more} more places (`--format json` names all)")?;
    }
    Ok(())
}
