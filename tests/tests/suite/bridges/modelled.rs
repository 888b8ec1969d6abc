//! The ends of bridges are what the independent model says for that size and day, or what its closes posted. A line that is no row is the
//! same at both ends.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};

use ledger::date::Month;
use ledger::id;
use ledger::store::Memory;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use replay::book::Book;
use replay::bridge::rows::Bridge;
use replay::close::EvaluationMode;
use replay::record::{RecordOptions, Rejects, Source, record};
use replay::state::State;
use replay::statements::causes::CauseFilter;
use serde_json::Value;

use super::{Point, bridge, judged};
use crate::agreement::calls;
use crate::history::{Step, case, lines, steps_of, written};
use crate::incremental::{Taken, stamp, take};
use crate::model::number::{self, Number};
use crate::model::{self, Name};

type Amounts = BTreeMap<Name, Number>;

/// The program's book and the model's, at the end of a step.
struct Told {
    size: u64,
    model: model::Book,
    /// If it was a close: the month, the state, and what the model's closes posted.
    closed: Option<(Month, State, Amounts)>,
}

#[test]
fn the_ends_of_bridges_are_those_of_the_model() {
    let cases = std::env::var("TRUEUP_CASES").map_or(32, |text| text.parse().expect("TRUEUP_CASES is a number"));
    let seed = std::env::var("TRUEUP_SEED").map_or(3, |text| text.parse().expect("TRUEUP_SEED is a number"));
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 500, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]));
    let rows = Cell::new(0);
    let outcome = runner.run(&case(), |case| {
        let found = follow(&steps_of(&case)).and_then(|(book, told)| compare(&book, &told));
        rows.set(rows.get() + found.map_err(TestCaseError::fail)?);
        Ok(())
    });
    if let Err(TestError::Fail(reason, case)) = outcome {
        panic!("{reason}\n{}", written(&steps_of(&case)));
    }
    eprintln!("{} lines of bridges were compared with the model", rows.get());
    assert!(rows.get() > cases as usize, "only {} lines of bridges were compared", rows.get());
}

/// Tells both books the steps, up to one that is refused.
fn follow(steps: &[Step]) -> Result<(Book, Vec<Told>), String> {
    let keys = tempfile::tempdir().expect("a temporary folder");
    let named = id::Name::new("acme").expect("a name");
    let store = Box::<Memory>::default();
    let mut book = Book::init_in(store, keys.path().join("keys"), named, &stamp(0)).expect("a book");
    let mut model = model::Book::default();
    let mut told = Vec::new();
    for (number, step) in (1..).zip(steps) {
        let mut closed = None;
        let taken = match step {
            Step::Publish(text) => {
                let step = crate::incremental::Step::Publish(text);
                take(&mut book, step, number, EvaluationMode::Full)?
            }
            Step::Record(facts) => {
                calls(facts).into_iter().try_for_each(|facts| record_both(&mut book, &mut model, facts, number))?;
                Taken::Done
            }
            Step::Close(period) => {
                let step = crate::incremental::Step::Close(period);
                take(&mut book, step, number, EvaluationMode::Full)?
            }
        };
        match (taken, step) {
            (Taken::Refused, _) => break,
            (_, Step::Publish(text)) => model.publish(text),
            (_, Step::Record(_)) => {}
            (_, Step::Close(period)) => {
                model.close(period);
                let month = Month::parse(period).expect("a month");
                closed = Some((month, State::clone(book.state()), model.posted()));
            }
        }
        told.push(Told { size: book.size(), model: model.recorded(), closed });
    }
    Ok((book, told))
}

/// What the program does not take is not told to the model.
fn record_both(book: &mut Book, model: &mut model::Book, facts: &[Value], number: u8) -> Result<(), String> {
    let text = lines(facts);
    let open = Box::new(|| Ok(Box::new(BufReader::new(text.as_bytes())) as Box<dyn BufRead>));
    let source = Source { name: "facts.jsonl".to_owned(), open };
    let options = RecordOptions { rejects: Rejects::SetAside, ..RecordOptions::default() };
    let recorded = record(book, &[source], options, &stamp(number)).map_err(|error| format!("{error:?}"))?;
    let rejected: BTreeSet<&str> = recorded.rejected.iter().map(|rejected| rejected.line.trim()).collect();
    facts.iter().filter(|fact| !rejected.contains(fact.to_string().as_str())).for_each(|fact| model.record(fact));
    Ok(())
}

/// Compares bridges between many points; gives how many lines they had.
fn compare(book: &Book, told: &[Told]) -> Result<usize, String> {
    let closes: Vec<&(Month, State, Amounts)> = told.iter().filter_map(|told| told.closed.as_ref()).collect();
    let (Some((last, _, _)), Some(now)) = (closes.last(), told.last()) else { return Ok(0) };
    let due = |told: &Told, month: Month| told.model.due(&month.to_string());
    let mut lines = 0;
    let mut check = |ends: (Point<'_>, Point<'_>), a: &Amounts, b: &Amounts| {
        let found = bridge(book, ends, CauseFilter::Relevant);
        lines += found.rows.len();
        judged::judge(&found)?;
        has_ends(&found, a, b).map_err(|wrong| format!("{wrong}; from {:?} to {:?}", found.from, found.to))
    };
    let (now_due, before) = (due(now, *last), last.plus(-1));
    for told in [&told[0], &told[told.len() / 3], &told[told.len() * 2 / 3]] {
        let ends = (Point::Known(told.size, *last), Point::Known(now.size, *last));
        check(ends, &due(told, *last), &now_due)?;
        let ends = (Point::Known(told.size, before), Point::Known(now.size, *last));
        check(ends, &due(told, before), &now_due)?;
    }
    for pair in closes.windows(2) {
        check((Point::Posted(&pair[0].1), Point::Posted(&pair[1].1)), &pair[0].2, &pair[1].2)?;
    }
    for (month, state, posted) in closes {
        check((Point::Posted(state), Point::Known(now.size, *month)), posted, &due(now, *month))?;
    }
    Ok(lines)
}

fn has_ends(bridge: &Bridge, a: &Amounts, b: &Amounts) -> Result<(), String> {
    let mut rows: BTreeMap<Name, (String, String)> = BTreeMap::new();
    for row in &bridge.rows {
        let (line, text) = (&row.line, |text: Option<String>| text.unwrap_or_default());
        let name = Name {
            payee: row.holder.0.to_string(),
            currency: row.holder.1.to_string(),
            plan: text(line.plan.as_ref().map(ToString::to_string)),
            component: line.component.to_string(),
            item: line.item.to_string(),
            part: text(line.part.as_ref().map(ToString::to_string)),
        };
        rows.insert(name, (row.a.text(), row.b.text()));
    }
    let names: BTreeSet<&Name> = a.keys().chain(b.keys()).collect();
    for name in names {
        let of = |amounts: &Amounts| amounts.get(name).cloned().unwrap_or_else(number::zero);
        let (a, b) = (of(a), of(b));
        let (row, is_row) = (rows.remove(name), a != b);
        let written = (number::written(&a, &name.currency), number::written(&b, &name.currency));
        if row != is_row.then_some(written.clone()) {
            return Err(format!("{name:?} is {written:?} in the model, and the row is {row:?}"));
        }
    }
    if rows.is_empty() { Ok(()) } else { Err(format!("rows that the model does not know: {rows:?}")) }
}
