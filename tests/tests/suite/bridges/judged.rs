//! Whatever was done to a book: a bridge between any two of its points closes, its totals are those of its rows, and entries that
//! cannot have changed a line are not needed to explain it.

use std::collections::BTreeMap;

use ledger::date::Month;
use ledger::id::Name;
use ledger::money::{Currency, Money};
use ledger::store::Memory;
use replay::book::Book;
use replay::bridge::rows::{Bridge, BridgeRow, BridgeTotal, CauseGroup};
use replay::close::EvaluationMode;
use replay::state::State;
use replay::statements::causes::CauseFilter;

use super::{Point, bridge};
use crate::incremental::{Step, Taken, stamp, take, whatever_is_done};

#[test]
fn bridges_close_whatever_is_done() {
    let (compared, cases) = whatever_is_done(follow);
    eprintln!("{compared} bridges had a line");
    assert!(compared > cases, "only {compared} bridges had a line");
}

/// Gives how many bridges had a line.
fn follow(steps: &[Step<'_>]) -> Result<usize, String> {
    let keys = tempfile::tempdir().expect("a temporary folder");
    let named = Name::new("acme").expect("a name");
    let store = Box::<Memory>::default();
    let mut book = Book::init_in(store, keys.path().join("keys"), named, &stamp(0)).expect("a book");
    let (mut sizes, mut closes): (Vec<u64>, Vec<State>) = (Vec::new(), Vec::new());
    for (number, step) in (1..).zip(steps) {
        if let Taken::Refused = take(&mut book, *step, number, EvaluationMode::Full)? {
            break;
        }
        sizes.push(book.size());
        if let Step::Close(_) | Step::CloseBelow(_, _) = step {
            closes.push(State::clone(book.state()));
        }
    }
    let last = book.state().posted_state().last_close().map(|last| last.close.period);
    let (Some(last), Some(first)) = (last, sizes.first()) else { return Ok(0) };
    let now = Point::Known(book.size(), last);
    let middle = sizes[sizes.len() / 2];
    let mut ends: Vec<(Point<'_>, Point<'_>)> = vec![
        (Point::Known(*first, last), now),
        (Point::Known(middle, last), now),
        (Point::Known(middle, last), Point::Known(book.size(), last.plus(-1))),
        (Point::Known(*first, last.plus(-1)), Point::Known(middle, last)),
    ];
    ends.extend(closes.windows(2).map(|pair| (Point::Posted(&pair[0]), Point::Posted(&pair[1]))));
    ends.extend(closes.iter().map(|close| (Point::Posted(close), Point::Known(book.size(), period_of(close)))));
    let mut with_lines = 0;
    for ends in ends {
        let found = bridge(&book, ends, CauseFilter::Relevant);
        judge(&found)?;
        let of_all = bridge(&book, ends, CauseFilter::All);
        if format!("{:?}", found.rows) != format!("{:?}", of_all.rows) {
            return Err(format!("causes differ: {:#?} against {:#?}", found.rows, of_all.rows));
        }
        with_lines += usize::from(!found.rows.is_empty());
    }
    Ok(with_lines)
}

fn period_of(state: &State) -> Month {
    state.posted_state().last_close().expect("a close").close.period
}

/// What holds of every bridge.
pub fn judge(bridge: &Bridge) -> Result<(), String> {
    for row in &bridge.rows {
        judge_row(bridge, row)
            .map_err(|wrong| format!("{wrong}: {row:#?}\nfrom {:?} to {:?}", bridge.from, bridge.to))?;
    }
    let (totals, payees, components) = (bridge.totals(), bridge.by_payee(), bridge.by_component());
    let of_rows = sums(bridge.rows.iter().map(|row| (row.a, row.b, row.unexplained())), bridge);
    let of = |all: &mut dyn Iterator<Item = &BridgeTotal>| {
        let mut sums: BTreeMap<Currency, (Money, Money, Money)> = BTreeMap::new();
        all.for_each(|total| add(&mut sums, (total.a, total.b, total.unexplained())));
        sums
    };
    let by = [
        of(&mut totals.iter()),
        of(&mut payees.iter().map(|(_, total)| total)),
        of(&mut components.iter().map(|(_, total)| total)),
    ];
    if by.iter().any(|sums| *sums != of_rows) {
        return Err(format!("the totals are {by:?}, the rows {of_rows:?}"));
    }
    let lines: usize = totals.iter().map(|total| total.lines).sum();
    if lines != bridge.rows.len() {
        return Err(format!("the totals count {lines} lines of {}", bridge.rows.len()));
    }
    let unexplained = totals.iter().find(|total| !total.unexplained().is_zero());
    unexplained.map_or(Ok(()), |total| Err(format!("the total is not explained: {total:#?}")))
}

fn judge_row(bridge: &Bridge, row: &BridgeRow) -> Result<(), &'static str> {
    let (from, to) = (bridge.from.known, bridge.to.known);
    if !row.unexplained().is_zero() {
        return Err("not explained");
    }
    if row.a == row.b {
        return Err("no difference");
    }
    let firsts = row.causes.iter().filter(|cause| cause.kind != "freeze").filter_map(|cause| cause.positions.first());
    if !firsts.clone().is_sorted() {
        return Err("causes out of order");
    }
    for cause in &row.causes {
        let has_entries = !cause.positions.is_empty();
        let is_within = cause.positions.iter().all(|position| (from..to).contains(&u64::from(*position)));
        let is_right = match cause.group {
            CauseGroup::Time | CauseGroup::Engine => !has_entries,
            CauseGroup::Facts if cause.kind == "freeze" => has_entries,
            CauseGroup::Facts | CauseGroup::Rules => has_entries && is_within,
        };
        if !is_right || cause.amount.is_zero() {
            return Err("a cause has other entries, or no amount");
        }
    }
    // The program was the same all the time.
    if row.causes.iter().any(|cause| cause.group == CauseGroup::Engine) {
        return Err("the engine");
    }
    // Without a cause, its amount is unexplained.
    for index in 0..row.causes.len() {
        let mut other = row.clone();
        let dropped = other.causes.remove(index);
        if other.unexplained() != dropped.amount {
            return Err("a dropped cause is not missed");
        }
    }
    Ok(())
}

type Sums = BTreeMap<Currency, (Money, Money, Money)>;

fn add(sums: &mut Sums, (a, b, unexplained): (Money, Money, Money)) {
    let zero = Money::zero(a.currency);
    let sum = sums.entry(a.currency).or_insert((zero, zero, zero));
    *sum = (sum.0 + a, sum.1 + b, sum.2 + unexplained);
}

/// The sums of rows, and of lines that do not differ.
fn sums(rows: impl Iterator<Item = (Money, Money, Money)>, bridge: &Bridge) -> Sums {
    let mut sums = Sums::new();
    rows.for_each(|row| add(&mut sums, row));
    for (amount, _) in bridge.unchanged.values() {
        add(&mut sums, (*amount, *amount, Money::zero(amount.currency)));
    }
    sums
}
