//! The lines of a close: the differences between what payees are entitled to and what earlier closes posted (calculation.md 9).

use std::collections::{BTreeMap, BTreeSet};

use ledger::date::{Day, Month};
use ledger::fact::Posting;
use ledger::money::Money;
use plans::context::Context;
use plans::entitlement::Entitled;
use projections::lines::{LineName, PayeeCurrency, PostedLine, name_of};
use projections::position::Position;
use projections::posted_state::{Balances, ClosedPeriod};

use crate::close::opening::{OpeningSettled, openings};
use crate::close::reasons::{NewEntries, RepostedLine, reasons};
use crate::close::settlement::{HolderLines, is_too_large, settle_holder};
use crate::evaluation::incremental::CloseEvaluation;
use crate::state::State;
use crate::statements::statement::{Figures, Line};
/// The figures of a close.
pub(super) struct CloseFigures {
    /// The statements of all payees with a line, a draw or a balance, ordered by payee and currency.
    pub statements: Vec<Figures>,
    /// The differences that a freeze keeps from being posted.
    pub withheld: Vec<(PayeeCurrency, Line)>,
    /// The payees whose amounts are larger than the ledger can hold. Their statements have no lines.
    pub too_large: Vec<PayeeCurrency>,
}

/// The statements of a close, from the entitlements of all payees.
pub(super) fn figures(
    state: &State,
    context: &Context<'_>,
    evaluated: &CloseEvaluation,
    settled: &[OpeningSettled],
    frozen: Option<Day>,
    (period, engine): (Month, u16),
) -> CloseFigures {
    let (posted_state, evaluation) = (&state.posted, &evaluated.evaluation);
    let openings = openings(state, context);
    let mut opened: BTreeMap<PayeeCurrency, BTreeMap<LineName, PostedLine>> = BTreeMap::new();
    for settled in settled {
        opened.entry(settled.holder.clone()).or_default().insert(settled.name.clone(), settled.posted.clone());
    }
    // A book with lines that were posted has had its opening.
    let posted = if opened.is_empty() { &posted_state.lines.posted } else { &opened };
    let holders: BTreeSet<PayeeCurrency> = evaluation
        .holders()
        .into_iter()
        .chain(evaluated.compared_holders(posted))
        .chain(posted_state.balances.keys().cloned())
        .chain(openings.keys().cloned())
        .collect();
    let mut withheld = Vec::new();
    let mut lines = Vec::with_capacity(holders.len());
    for holder in holders {
        let (frozen_lines, due) = differences(posted.get(&holder), evaluated, &holder, frozen);
        withheld.extend(frozen_lines.into_iter().map(|line| (holder.clone(), line)));
        lines.push((holder, due));
    }
    give_reasons(state, context, evaluated, engine, &mut lines);
    let (mut statements, mut too_large) = (Vec::with_capacity(lines.len()), Vec::new());
    for (holder, mut lines) in lines {
        let known = posted_state.balances.get(&holder).copied().unwrap_or(Balances::zero(holder.1));
        let entering = openings.get(&holder).copied().unwrap_or(Balances::zero(holder.1));
        let (owed, draw) = (known.owed + entering.owed, known.draw + entering.draw);
        let opening = Balances { payable: known.payable, owed, draw };
        if is_too_large(&lines, opening) {
            too_large.push(holder.clone());
            lines.clear();
        }
        let figures = settle_holder(state, context, &evaluation.payees, HolderLines { holder, lines, opening }, period);
        if !figures.lines.is_empty() || !figures.draws.is_empty() || !figures.settled.is_empty(figures.holder.1) {
            statements.push(figures);
        }
    }
    CloseFigures { statements, withheld, too_large }
}

/// Sets the reason of each line that was posted before. The first posting of a line has no reason.
fn give_reasons(
    state: &State,
    context: &Context<'_>,
    evaluated: &CloseEvaluation,
    engine: u16,
    lines: &mut [(PayeeCurrency, Vec<Line>)],
) {
    let posted = &state.posted.lines.posted;
    let again = |holder: &PayeeCurrency, line: &Line| posted.get(holder).and_then(|lines| lines.get(&line.name));
    // New entries are those since the close that last compared the line: the last close, or the one before a freeze withheld it.
    let mut by_close: BTreeMap<Position, Vec<(&mut Line, RepostedLine)>> = BTreeMap::new();
    for (holder, lines) in lines {
        for line in lines {
            let Some(posted) = again(holder, line) else { continue };
            if let Some(since) = compared(state, holder, &line.name, posted) {
                let of = reposted_line(holder, line);
                by_close.entry(since.position).or_default().push((line, of));
            }
        }
    }
    for (position, lines) in by_close {
        let posted_state = &state.posted;
        let is_last = |closed: &ClosedPeriod| closed.position == position;
        let last = posted_state.closes.iter().find(|closed| is_last(closed));
        let last = last.expect("BUG: a line was compared by no close");
        let new_entries = NewEntries {
            knowledge: &state.knowledge,
            rules: &state.rules,
            last,
            size: context.view.visibility.size(),
            day: context.day,
            engine,
            // The scopes are those of what changed since the last close, and of no earlier one.
            payee_scopes: evaluated.payee_scopes.as_ref().filter(|_| posted_state.last_close().is_some_and(is_last)),
            carried: &state.schedule.carried,
        };
        let (lines, known): (Vec<&mut Line>, Vec<RepostedLine>) = lines.into_iter().unzip();
        lines.into_iter().zip(reasons(&new_entries, &known)).for_each(|(line, reason)| line.reason = Some(reason));
    }
}

/// The close that last compared the posted amount of a line with its entitlement.
fn compared<'s>(
    state: &'s State,
    holder: &PayeeCurrency,
    name: &LineName,
    posted: &PostedLine,
) -> Option<&'s ClosedPeriod> {
    let posted_state = &state.posted;
    let is_this = |line: &Posting| (&line.payee, line.currency) == (&holder.0, holder.1) && name_of(line) == *name;
    if posted_state.withheld.iter().any(is_this) { posted_state.closed(posted.last) } else { posted_state.last_close() }
}

fn reposted_line(holder: &PayeeCurrency, line: &Line) -> RepostedLine {
    RepostedLine {
        holder: holder.clone(),
        name: line.name.clone(),
        nature: line.nature,
        entitled: line.entitled.minor,
        before: line.before.minor,
    }
}

/// The differences of a payee's lines in one currency: first those that a freeze withholds, then those to post.
fn differences(
    posted: Option<&BTreeMap<LineName, PostedLine>>,
    evaluated: &CloseEvaluation,
    holder: &PayeeCurrency,
    frozen: Option<Day>,
) -> (Vec<Line>, Vec<Line>) {
    let nothing = BTreeMap::new();
    let posted = posted.unwrap_or(&nothing);
    let entitled: BTreeMap<&LineName, _> = evaluated.evaluation.lines(holder).collect();
    let compared = evaluated.compared(holder, posted);
    let names: BTreeSet<&LineName> = compared.into_iter().chain(entitled.keys().copied()).collect();
    let mut lines = (Vec::new(), Vec::new());
    for name in names {
        let posted = posted.get(name);
        let before = posted.map_or(Money::zero(holder.1), |posted| posted.entitled);
        let (amount, date, account, due, nature, version) = match (entitled.get(name), posted) {
            (Some(Entitled { amount, date, account, due, nature, version, .. }), _) => {
                (*amount, *date, account, *due, *nature, *version)
            }
            // Item or trigger is gone: it keeps the dates with which it was last posted.
            (None, Some(PostedLine { date, account, due, nature, version, .. })) => {
                (Money::zero(holder.1), *date, account, *due, *nature, *version)
            }
            // Neither due nor posted.
            (None, None) => continue,
        };
        let difference = amount - before;
        if difference.is_zero() {
            continue;
        }
        let line = Line {
            name: name.clone(),
            nature,
            version,
            date,
            account: account.clone(),
            due,
            amount: difference,
            entitled: amount,
            before,
            reason: None,
        };
        // A line whose posted sum is 0 has no due date of its own any more: the new one counts.
        let due = posted.filter(|posted| !posted.entitled.is_zero()).map_or(due, |posted| posted.due);
        let is_kept = frozen.is_some_and(|until| due <= until);
        if is_kept { lines.0.push(line) } else { lines.1.push(line) }
    }
    lines
}
