//! Closing a month: entitlement less what was posted, settled, in one atomic append (calculation.md 9, 10).

pub mod freeze;
pub mod opening;
pub mod posting;
pub mod reasons;

use std::collections::{BTreeMap, BTreeSet};

use ledger::date::{Day, Month};
use ledger::exact::Exact;
use ledger::fact::{Manner, Nature, Posting};
use ledger::field::Percent;
use ledger::id::{Name, PayeeId, PlanId};
use ledger::money::{Currency, Money};
use ledger::problem::Problem;
use plans::context::{Context, Findings};
use plans::draw::{MonthsDraw, MonthsDraws};
use plans::incremental::change::ChangeKind;
use plans::settle::{Due, Guarantee, Settled as SettledSums, Terms, settle};
use plans::why::Detail;
use projections::lines::{Holder, LineName, PostedLine, name_of};
use projections::position::Position;
use projections::posted_state::{Balances, Closed, GivenDraw};
use projections::view::View;

use crate::book::{Book, BookError, PARTIAL_FROM};
use crate::close::opening::{Opening, Settled};
use crate::close::reasons::{Again, News, reasons};
use crate::evaluation::full::evaluate_all;
use crate::evaluation::impact::{Since, reached};
use crate::evaluation::incremental::{Agenda, Next, Worked};
use crate::evaluation::schedule::Schedule;
use crate::stamp::{Scribe, Stamp};
use crate::statements::statement::{DrawLine, Figures, Line, digest};

/// Raised with any change of the program that can alter a figure (docs/engine.md).
pub const ENGINE: u16 = 1;
/// Of the calculation rules, for settling and closing.
pub const EDITION: u16 = 1;

/// What a close would post.
pub struct Preview {
    pub period: Month,
    /// K.
    pub known: u64,
    /// An opening counts lines as settled elsewhere, and gives no draws.
    pub manner: Option<Manner>,
    pub statements: Vec<Figures>,
    pub digest: [u8; 32],
    /// Lines that were settled before the book began.
    pub settled: Vec<Settled>,
    /// The freeze in force, and the differences that it keeps from being posted.
    pub frozen: Option<Day>,
    pub withheld: Vec<(Holder, Line)>,
    /// Worked out both ways: everything, and what is new.
    pub compared: bool,
    /// What the close after this one goes on from.
    pub(crate) next: Next,
    /// What is probably missing, and what keeps the period from being closed.
    pub warnings: Vec<Problem>,
    pub faults: Vec<Problem>,
}

/// Which close is meant, and how it is made.
#[derive(Copy, Clone)]
pub struct Asked<'a> {
    pub period: Month,
    /// K; everything, unless given.
    pub known: Option<u64>,
    pub opening: Option<&'a Opening>,
    pub way: Way,
}

/// How it is found what a close posts. Each way comes to the same.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Way {
    /// In a large book what something new reaches is worked out, in a small one everything.
    BySize,
    /// What something new reaches; everything, where nobody can say what that is.
    WhatIsNew,
    /// Both, and any difference stops the close.
    Both,
}

impl Asked<'static> {
    pub fn of(period: Month, known: Option<u64>) -> Asked<'static> {
        Asked { period, known, opening: None, way: Way::BySize }
    }
}

/// What a close posted.
pub struct CloseDone {
    pub period: Month,
    pub size: u64,
    pub digest: [u8; 32],
    pub lines: u64,
    pub statements: u64,
    pub totals: Vec<TotalOf>,
    pub settled: Vec<Settled>,
    pub frozen: Option<Day>,
    pub withheld: Vec<(Holder, Line)>,
    pub compared: bool,
    pub warnings: Vec<Problem>,
}

/// Sums over all statements of a currency.
#[derive(Clone, Copy, Debug)]
pub struct TotalOf {
    pub gross: Money,
    pub reversed: Money,
    pub pay: Money,
}

#[derive(Debug, thiserror::Error)]
pub enum CloseError {
    #[error("refused")]
    Refused(Vec<Problem>),
    #[error(transparent)]
    Book(#[from] BookError),
    #[error(
        "BUG: working out everything comes to something else than working out what is new: {0}. Nothing was posted"
    )]
    Differs(String),
}

/// The full evaluation, if the partial one came to the same, and what it leaves for the next close holds all that comes up.
fn same_figures(full: Preview, partial: Preview, schedule: &Schedule) -> Result<Preview, CloseError> {
    let text = |figures: Option<&Figures>| {
        let mut out = ledger::json::JsonWriter::new();
        match figures {
            Some(figures) => figures.json("", &mut out),
            None => out.text("no statement"),
        }
        out.finish()
    };
    for index in 0..full.statements.len().max(partial.statements.len()) {
        let (all, part) = (text(full.statements.get(index)), text(partial.statements.get(index)));
        if all != part {
            return Err(CloseError::Differs(format!("{all} against {part}")));
        }
    }
    let kept = |preview: &Preview| format!("{:?}", preview.withheld);
    if kept(&full) != kept(&partial) {
        return Err(CloseError::Differs(format!("{} against {}", kept(&full), kept(&partial))));
    }
    let mut schedule = schedule.clone();
    schedule.advance(0, partial.next);
    if let Next::Whole(left) = &full.next {
        if let Some(missed) = schedule.missed(left) {
            return Err(CloseError::Differs(format!("{missed} comes up and is not waited for")));
        }
        if let Some(wrong) = schedule.miscarried(left) {
            return Err(CloseError::Differs(format!("what was left of {wrong}")));
        }
    }
    Ok(full)
}

pub(crate) fn refused(code: &'static str, message: String, help: impl Into<String>) -> CloseError {
    CloseError::Refused(vec![Problem::new(code, message, help)])
}

impl Book {
    /// What closing a month would post, with the facts known at a size: any month from the next one on.
    pub fn preview(&self, period: Month, known: Option<u64>) -> Result<Preview, CloseError> {
        self.preview_of(&Asked::of(period, known))
    }

    /// The same in any manner.
    pub fn preview_of(&self, asked: &Asked<'_>) -> Result<Preview, CloseError> {
        let Asked { period, known, opening, .. } = *asked;
        let known = self.known_at(known)?;
        if let Some(last) = self.state.posted.last_close()
            && period <= last.close.period
        {
            let next = last.close.period.next();
            let go_on = match next.last() <= ledger::date::Day::LAST {
                true => format!("the next month is {next}; "),
                false => "no month comes after it; ".to_owned(),
            };
            if self.state.posted.closed(period).is_none() {
                let message = format!("{period} lies before the first month that was closed");
                return Err(refused(
                    "close-closed",
                    message,
                    format!("{go_on}what is dated before is in the first close"),
                ));
            }
            let help = format!("{go_on}`trueup statement --all {period}` shows what it came to");
            return Err(refused("close-closed", format!("{period} is closed already"), help));
        }
        if let (Some(last), Some(_)) = (self.state.posted.last_close(), opening) {
            let message =
                format!("{} is closed already, and only a book's first close can be an opening", last.close.period);
            return Err(refused("close-opening", message, "close without `--opening`"));
        }
        let all = || self.preview_with(asked, known, self.work_out_all(period, known));
        let is_small = asked.way == Way::BySize && self.size() <= PARTIAL_FROM;
        let Some(worked) = (opening.is_none() && !is_small).then(|| self.work_out(period, known)).flatten() else {
            return Ok(all());
        };
        let partial = self.preview_with(asked, known, worked);
        match asked.way {
            Way::BySize | Way::WhatIsNew => Ok(partial),
            Way::Both => Ok(Preview { compared: true, ..same_figures(all(), partial, &self.state.schedule)? }),
        }
    }

    /// What something new reaches, and what comes up; `None` where it is not known what that is.
    fn work_out(&self, period: Month, known: u64) -> Option<Worked> {
        let (knowledge, rules) = (&self.state.knowledge, &self.state.rules);
        let last = self.state.posted.last_close()?;
        if last.close.engine != ENGINE || self.state.schedule.after != Some(last.position) {
            return None;
        }
        let (closed, day) = (last.close.period.last(), period.last());
        let since = Since { from: last.close.known, to: known, closed, day };
        let mut reached = reached(knowledge, rules, since);
        if reached.everything {
            return None;
        }
        // What a freeze holds back did not come to what was posted.
        for line in &self.state.posted.held_back {
            reached.changes.entry(line.payee.clone()).or_default().insert(ChangeKind::All.of_any());
            reached.adjusted.insert(line.payee.clone());
        }
        let agenda = Agenda::of(knowledge, rules, since, reached);
        let payees: Vec<&PayeeId> = plans::credit::payees(View::new(knowledge, known)).collect();
        let (parts, findings) = agenda.parts(&payees, &self.state.schedule, &self.state.posted.lines);
        let mut worked = Worked::of(&payees, parts, findings);
        for line in &self.state.posted.held_back {
            worked.also(&line.payee, line.currency, name_of(line));
        }
        Some(worked)
    }

    /// Everything.
    fn work_out_all(&self, period: Month, known: u64) -> Worked {
        let view = View::new(&self.state.knowledge, known);
        Worked::whole(evaluate_all(view, &self.state.rules, period.last()))
    }

    fn preview_with(&self, asked: &Asked<'_>, known: u64, mut worked: Worked) -> Preview {
        let Asked { period, opening, .. } = *asked;
        let view = View::new(&self.state.knowledge, known);
        let context = Context::new(view, &self.state.rules, period.last(), Detail::Figures);
        let evaluation = &mut worked.evaluation;
        let settled = opening.map_or(Vec::new(), |opening| self.settled(&context, evaluation, opening, period));
        if opening.is_some() {
            // Draws of the month were given elsewhere, as its lines were.
            evaluation.payees.values_mut().for_each(|due| due.draws = MonthsDraws::default());
        }
        let frozen = self.state.posted.frozen(known).map(|(_, until)| until);
        let (statements, withheld) = self.figures(&context, &worked, &settled, frozen, period);
        let digest = digest(self.name().as_str(), statements.iter());
        self.warn_of_a_strange_first_month(&context, period);
        let findings = Findings::together([context.findings(), worked.evaluation.findings]);
        let (warnings, faults) = (findings.warnings(), findings.faults());
        let (manner, next) = (opening.map(|_| Manner::Opening), worked.next);
        Preview {
            period,
            known,
            manner,
            statements,
            digest,
            settled,
            frozen,
            withheld,
            compared: false,
            next,
            warnings,
            faults,
        }
    }

    /// Months are closed one after the other for ever: a first one far from all facts is probably a slip.
    fn warn_of_a_strange_first_month(&self, context: &Context<'_>, period: Month) {
        if self.state.posted.last_close().is_some() {
            return;
        }
        let facts = self.state.knowledge.facts().iter();
        let dates =
            facts.filter(|known| context.view.in_force(known.position)).filter_map(|known| known.fact.body.at());
        let (first, last) = dates.fold((None, None), |(first, last): (Option<_>, Option<_>), at| {
            (Some(first.map_or(at, |first: ledger::date::Day| first.min(at))), last.max(Some(at)))
        });
        let (Some(first), Some(last)) = (first, last) else { return };
        if period.last() < first || period.first() > last.plus_months(12) {
            let message =
                format!("{period} would be the first month closed, and the facts are dated {first} to {last}");
            let help = "every later close takes the next month: begin with the first that is to be paid";
            context.warn(Problem::new("close-far", message, help));
        }
    }

    /// Never below the last close's K, never beyond the log.
    fn known_at(&self, known: Option<u64>) -> Result<u64, CloseError> {
        let size = self.size();
        let known = known.unwrap_or(size);
        let least = self.state.posted.last_close().map_or(0, |last| last.close.known);
        if known > size {
            return Err(refused(
                "close-at",
                format!("the log has {size} entries, not {known}"),
                format!("use a size of at most {size}"),
            ));
        }
        if known < least {
            return Err(refused(
                "close-at",
                format!("the last close knew {least} entries, and {known} are fewer"),
                format!("use a size from {least} to {size}"),
            ));
        }
        Ok(known)
    }

    /// Evaluates, posts and locks the next month. `expect` is the digest that was reviewed.
    pub fn close(
        &mut self,
        period: Month,
        known: Option<u64>,
        expect: Option<[u8; 32]>,
        stamp: &Stamp,
    ) -> Result<CloseDone, CloseError> {
        self.close_of(&Asked::of(period, known), expect, stamp)
    }

    /// The same in any manner.
    pub fn close_of(
        &mut self,
        asked: &Asked<'_>,
        expect: Option<[u8; 32]>,
        stamp: &Stamp,
    ) -> Result<CloseDone, CloseError> {
        let period = asked.period;
        if let Some(last) = self.state.posted.last_close()
            && period > last.close.period.next()
        {
            let next = last.close.period.next();
            return Err(refused(
                "close-order",
                format!("{period} cannot be closed before {next}"),
                format!("close {next} first"),
            ));
        }
        if asked.opening.is_some() && expect.is_some() && asked.known.is_none() {
            let message =
                "the digest says what is due, not what counts as settled: more may be known by now".to_owned();
            let help = "say with `--at SIZE` what was known at the review; `trueup preview` ends with both";
            return Err(refused("close-opening-at", message, help));
        }
        let preview = self.preview_of(asked)?;
        if !preview.faults.is_empty() {
            return Err(CloseError::Refused(preview.faults));
        }
        if let Some(expected) = expect.filter(|expected| *expected != preview.digest) {
            let message = format!(
                "the digest is {}, and {} was expected: something changed since the review",
                hex(&preview.digest),
                hex(&expected)
            );
            return Err(refused("close-digest", message, format!("`trueup preview {period}` shows what it is now")));
        }
        self.post(preview, stamp)
    }

    fn post(&mut self, preview: Preview, stamp: &Stamp) -> Result<CloseDone, CloseError> {
        let root = self.log.root_at(preview.known).map_err(BookError::from)?;
        let size = self.log.size();
        let mut done = CloseDone {
            period: preview.period,
            size,
            digest: preview.digest,
            lines: preview.statements.iter().map(|figures| figures.lines.len() as u64).sum(),
            statements: preview.statements.len() as u64,
            totals: totals(&preview.statements),
            settled: Vec::new(),
            frozen: preview.frozen,
            withheld: Vec::new(),
            compared: preview.compared,
            warnings: Vec::new(),
        };
        let records = self.records(&preview, size, root, &done);
        let mut entries = Vec::with_capacity(records.len());
        let mut scribe = Scribe::begin(&mut self.log, stamp, self.state.recorded, Some(size))?;
        for record in records {
            entries.push(scribe.record(record).map_err(BookError::from)?);
        }
        done.size = scribe.commit().map_err(BookError::from)?.size;
        entries.into_iter().for_each(|entry| self.state.fold(entry));
        let Preview { settled, withheld, warnings, next, .. } = preview;
        if let Some(last) = self.state.posted.last_close() {
            self.state.schedule.advance(last.position, next);
        }
        Ok(CloseDone { settled, withheld, warnings, ..done })
    }

    // Figures ------------------------------------------------------------------------------------------------------

    /// Statements for everybody with a line, a draw or a balance, ordered by payee and currency; and what a freeze withholds.
    fn figures(
        &self,
        context: &Context<'_>,
        worked: &Worked,
        settled: &[Settled],
        frozen: Option<Day>,
        period: Month,
    ) -> (Vec<Figures>, Vec<(Holder, Line)>) {
        let (state, evaluation) = (&self.state.posted, &worked.evaluation);
        let openings = self.openings(context);
        let mut opened: BTreeMap<Holder, BTreeMap<LineName, PostedLine>> = BTreeMap::new();
        for settled in settled {
            opened.entry(settled.holder.clone()).or_default().insert(settled.name.clone(), settled.posted.clone());
        }
        // A book with lines that were posted has had its opening.
        let posted = if opened.is_empty() { &state.lines.posted } else { &opened };
        let holders: BTreeSet<Holder> = evaluation
            .holders()
            .into_iter()
            .chain(worked.holders_before(posted))
            .chain(state.balances.keys().cloned())
            .chain(openings.keys().cloned())
            .collect();
        let mut withheld = Vec::new();
        let mut lines = Vec::with_capacity(holders.len());
        for holder in holders {
            let (kept, due) = differences(posted.get(&holder), worked, &holder, frozen);
            withheld.extend(kept.into_iter().map(|line| (holder.clone(), line)));
            lines.push((holder, due));
        }
        self.give_reasons(context, worked, &mut lines);
        let figures = lines.into_iter().map(|(holder, lines)| {
            let known = state.balances.get(&holder).copied().unwrap_or(Balances::zero(holder.1));
            let entering = openings.get(&holder).copied().unwrap_or(Balances::zero(holder.1));
            let (owed, draw) = (known.owed + entering.owed, known.draw + entering.draw);
            let opening = Balances { payable: known.payable, owed, draw };
            self.settle(context, &evaluation.payees, holder, lines, opening, period)
        });
        let has_anything = |figures: &Figures| {
            !figures.lines.is_empty() || !figures.draws.is_empty() || !figures.settled.is_empty(figures.holder.1)
        };
        (figures.filter(has_anything).collect(), withheld)
    }

    /// The first posting of a line has no reason, every later one has.
    fn give_reasons(&self, context: &Context<'_>, worked: &Worked, lines: &mut [(Holder, Vec<Line>)]) {
        let posted = &self.state.posted.lines.posted;
        let again = |holder: &Holder, line: &Line| posted.get(holder).and_then(|lines| lines.get(&line.name));
        // What is news to a line came since it was last compared: at the last close, or before a freeze kept it.
        let mut by_close: BTreeMap<Position, Vec<(&mut Line, Again)>> = BTreeMap::new();
        for (holder, lines) in lines {
            for line in lines {
                let Some(posted) = again(holder, line) else { continue };
                if let Some(since) = self.compared(holder, &line.name, posted) {
                    let of = again_of(holder, line);
                    by_close.entry(since.position).or_default().push((line, of));
                }
            }
        }
        for (position, lines) in by_close {
            let state = &self.state.posted;
            let is_last = |closed: &Closed| closed.position == position;
            let last = state.closes.iter().find(|closed| is_last(closed));
            let last = last.expect("BUG: a line was compared by no close");
            let news = News {
                knowledge: &self.state.knowledge,
                rules: &self.state.rules,
                last,
                size: context.view.visibility.size,
                day: context.day,
                // What was worked out is what is new since the last close.
                extents: worked.extents.as_ref().filter(|_| state.last_close().is_some_and(is_last)),
                left: &self.state.schedule.left,
            };
            let (lines, known): (Vec<&mut Line>, Vec<Again>) = lines.into_iter().unzip();
            lines.into_iter().zip(reasons(&news, &known)).for_each(|(line, reason)| line.reason = Some(reason));
        }
    }

    /// The close that last compared a line with what it had come to.
    fn compared(&self, holder: &Holder, name: &LineName, posted: &PostedLine) -> Option<&Closed> {
        let state = &self.state.posted;
        let is_this = |line: &Posting| (&line.payee, line.currency) == (&holder.0, holder.1) && name_of(line) == *name;
        match state.held_back.iter().any(is_this) {
            true => state.closed(posted.last),
            false => state.last_close(),
        }
    }

    fn settle(
        &self,
        context: &Context<'_>,
        payees: &BTreeMap<PayeeId, crate::evaluation::full::Due>,
        holder: Holder,
        lines: Vec<Line>,
        opening: Balances,
        period: Month,
    ) -> Figures {
        let currency = holder.1;
        let mut lines = lines;
        if too_large(&lines, opening) {
            context.fault(Problem::new(
                "close-too-large",
                format!("what `{}` is due comes to more {currency} than the ledger can hold", holder.0),
                "look for a wrong amount, quantity or rate",
            ));
            lines.clear();
        }
        let none = MonthsDraws::default();
        let draws = payees.get(&holder.0).map_or(&none, |due| &due.draws);
        let given = self.state.posted.draws.get(&holder).map_or(&[][..], Vec::as_slice);
        let closed = self.state.posted.last_close().map(|last| last.close.period.last());
        let sum = |of: &dyn Fn(&Line) -> bool| {
            Money::sum(currency, lines.iter().filter(|line| of(line)).map(|line| line.amount))
        };
        let is_prior = |line: &Line| closed.is_some_and(|closed| line.due <= closed);
        let guarantee = draws.guarantee(currency);
        let advances = |recoverable: bool| {
            Money::sum(
                currency,
                draws.advances(currency).filter(|draw| draw.recoverable == recoverable).map(|draw| draw.amount),
            )
        };
        let terms = terms(given, draws, currency);
        let cap = context.view.recovery_cap(holder.0.as_str(), context.day);
        let settled = settle(&Due {
            opening,
            current: sum(&|line| line.nature != Nature::Clawback && !is_prior(line)),
            prior: sum(&|line| line.nature != Nature::Clawback && is_prior(line)),
            clawbacks: sum(&|line| line.nature == Nature::Clawback),
            recovery_cap: cap.map_or(Exact::ONE, Percent::exact),
            guarantee: guarantee.map(|draw| Guarantee { amount: draw.amount, recoverable: draw.recoverable }),
            advances_recoverable: advances(true),
            advances_kept: advances(false),
            terms: &terms,
            day: context.day,
        });
        let draws = draw_lines(given, draws, guarantee, &settled, opening, period, currency);
        Figures { period, holder, opening, lines, draws, settled }
    }
}

/// Line by line: what is due now and was not posted, or was posted and is not due. First what a freeze keeps back.
fn differences(
    posted: Option<&BTreeMap<LineName, PostedLine>>,
    worked: &Worked,
    holder: &Holder,
    frozen: Option<Day>,
) -> (Vec<Line>, Vec<Line>) {
    let nothing = BTreeMap::new();
    let posted = posted.unwrap_or(&nothing);
    let entitled: BTreeMap<&LineName, _> = worked.evaluation.lines(holder).collect();
    let before = worked.before(holder, posted);
    let names: BTreeSet<&LineName> = before.into_iter().chain(entitled.keys().copied()).collect();
    let mut lines = (Vec::new(), Vec::new());
    for name in names {
        let posted = posted.get(name);
        let before = posted.map_or(Money::zero(holder.1), |posted| posted.entitled);
        let (amount, due, nature, version) = match (entitled.get(name), posted) {
            (Some(entitled), _) => (entitled.amount, entitled.due, entitled.nature, entitled.version),
            // Item or trigger is gone: it keeps the due date with which it was last posted.
            (None, Some(posted)) => (Money::zero(holder.1), posted.due, posted.nature, posted.version),
            // It came to nothing, and nothing was posted of it.
            (None, None) => continue,
        };
        let difference = amount - before;
        if difference.is_zero() {
            continue;
        }
        let (name, reason) = (name.clone(), None);
        let line = Line { name, nature, version, due, amount: difference, entitled: amount, before, reason };
        // What was posted and taken back is due when it falls due again.
        let due = posted.filter(|posted| !posted.entitled.is_zero()).map_or(due, |posted| posted.due);
        let is_kept = frozen.is_some_and(|until| due <= until);
        if is_kept { lines.0.push(line) } else { lines.1.push(line) }
    }
    lines
}

/// The most that a payee's lines of one close may come to together, in minor units: sums of them still fit everywhere.
const SUM_MAX: i128 = 10i128.pow(24);

/// Whether a payee's lines, or their sums with its balances, are beyond what the ledger holds.
fn too_large(lines: &[Line], opening: Balances) -> bool {
    let balances = [opening.payable, opening.owed, opening.draw].into_iter().map(|balance| balance.minor);
    let lines = lines.iter().flat_map(|line| [line.amount.minor, line.entitled.minor]);
    lines.chain(balances).map(i128::abs).fold(0i128, i128::saturating_add) > SUM_MAX
}

fn again_of(holder: &Holder, line: &Line) -> Again {
    Again {
        holder: holder.clone(),
        name: line.name.clone(),
        nature: line.nature,
        entitled: line.entitled.minor,
        before: line.before.minor,
    }
}

/// The terms of the recoverable draws given so far, this close's included.
fn terms(given: &[GivenDraw], draws: &MonthsDraws, currency: Currency) -> Vec<Terms> {
    let before = given
        .iter()
        .filter(|draw| draw.recoverable)
        .filter_map(|draw| Some(Terms { begins: draw.begins?, rate: draw.rate.clone()? }));
    let now = draws.advances(currency).filter(|draw| draw.recoverable);
    before.chain(now.map(|draw| Terms { begins: draw.begins, rate: draw.rate.clone() })).collect()
}

/// The draws that are given, and those from which something is recovered: the first given first.
fn draw_lines(
    given: &[GivenDraw],
    draws: &MonthsDraws,
    guarantee: Option<&MonthsDraw>,
    settled: &SettledSums,
    opening: Balances,
    period: Month,
    currency: Currency,
) -> Vec<DrawLine> {
    let zero = Money::zero(currency);
    let mut lines = Vec::new();
    let mut left = settled.draw_recovered;
    for draw in given.iter().cloned().chain(opening_draw(given, opening, period)) {
        let recovered = left.min(draw.balance);
        left -= recovered;
        if recovered.is_positive() || draw.plan.is_none() && given.iter().all(|known| known.plan.is_some()) {
            lines.push(recovered_line(draw, recovered));
        }
    }
    assert!(left.is_zero(), "BUG: {left:?} was recovered of no draw");
    let top_up = guarantee.filter(|_| settled.top_up.is_positive()).map(|draw| (draw, settled.top_up));
    for (draw, amount) in draws.advances(currency).map(|draw| (draw, draw.amount)).chain(top_up) {
        let balance = if draw.recoverable { amount } else { zero };
        lines.push(given_line(draw, amount, balance, period));
    }
    lines.sort_by(|a, b| (&a.plan, &a.draw, &a.trigger, a.month).cmp(&(&b.plan, &b.draw, &b.trigger, b.month)));
    lines
}

/// A draw balance from before the book, which has no terms.
fn opening_draw(given: &[GivenDraw], opening: Balances, period: Month) -> Option<GivenDraw> {
    let known = Money::sum(opening.draw.currency, given.iter().map(|draw| draw.balance));
    let balance = opening.draw - known;
    let name = |text| Name::new(text).expect("a name");
    balance.is_positive().then(|| GivenDraw {
        plan: None,
        draw: name("opening"),
        trigger: name("opening-balance"),
        month: period,
        recoverable: true,
        begins: None,
        rate: None,
        balance,
    })
}

fn recovered_line(draw: GivenDraw, recovered: Money) -> DrawLine {
    DrawLine {
        plan: draw.plan.as_ref().map_or(String::new(), PlanId::to_string),
        draw: draw.draw.to_string(),
        trigger: draw.trigger.to_string(),
        month: draw.month,
        given: Money::zero(recovered.currency),
        recovered,
        balance: draw.balance - recovered,
        recoverable: draw.recoverable,
        begins: draw.begins,
        rate: draw.rate,
    }
}

fn given_line(draw: &MonthsDraw, amount: Money, balance: Money, period: Month) -> DrawLine {
    DrawLine {
        plan: draw.plan.to_string(),
        draw: draw.draw.to_string(),
        trigger: draw.trigger.to_string(),
        month: period,
        given: amount,
        recovered: Money::zero(amount.currency),
        balance,
        recoverable: draw.recoverable,
        begins: Some(draw.begins),
        rate: Some(draw.rate.clone()),
    }
}

/// Sums by currency, ordered.
pub fn totals(statements: &[Figures]) -> Vec<TotalOf> {
    let mut totals: BTreeMap<Currency, TotalOf> = BTreeMap::new();
    for figures in statements {
        let zero = Money::zero(figures.holder.1);
        let total = totals.entry(figures.holder.1).or_insert(TotalOf { gross: zero, reversed: zero, pay: zero });
        total.gross += figures.settled.gross;
        total.reversed += figures.settled.reversed;
        total.pay += figures.settled.pay;
    }
    totals.into_values().collect()
}

/// Bytes in lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}
