//! Writes a close: the previewed postings in one atomic append, which ends in the `period-close` entry (calculation.md 9, 10;
//! facts.md, "What the ledger writes").

use std::collections::BTreeMap;
use std::sync::Arc;

use ledger::date::{Day, Month};
use ledger::exact::Exact;
use ledger::fact::{
    CloseTotal, DrawRecord, EarningRecord, OpeningLine, PeriodClose, PlanEdition, PolicyRole, Posting, Record,
    ReversalRecord, Settlement, StoredBalances, Withheld,
};
use ledger::field::{Amount, Percent};
use ledger::finding::Finding;
use ledger::money::{Currency, Money};
use plans::rulebook::Published;
use projections::lines::{PayeeCurrency, PostedLine};
use projections::posted_state::Balances;
use projections::view::View;

use crate::authority::{Act, must_be_allowed};
use crate::book::Book;
use crate::close::error::CloseError;
use crate::close::opening::OpeningSettled;
use crate::close::preview::{CloseRequest, FullReason, Preview, must_be_near_facts, preview_of};
use crate::close::refusal::{CloseRefusal, CloseWarning};
use crate::engine::EDITION;
use crate::error::BookError;
use crate::missing::{MissingFindings, missing_of_close};
use crate::pay::trial_balance;
use crate::stamp::Stamp;
use crate::state::State;
use crate::statements::statement::{DrawLine, Figures, Line};

/// A close that was posted.
pub struct CloseDone {
    /// The closed month.
    pub period: Month,
    /// The size of the log afterwards.
    pub size: u64,
    /// The digest of all statements.
    pub digest: [u8; 32],
    /// The number of posted lines.
    pub lines: u64,
    /// The number of statements.
    pub statements: u64,
    /// The sums of each currency.
    pub totals: Vec<TotalOf>,
    /// The lines that an opening counts as settled.
    pub settled: Vec<OpeningSettled>,
    /// The last frozen day; `None` if nothing is frozen.
    pub frozen: Option<Day>,
    /// The differences that the freeze keeps from being posted.
    pub withheld: Vec<(PayeeCurrency, Line)>,
    /// Whether the full and the incremental evaluation were compared, and agreed.
    pub compared: bool,
    /// Why only the full evaluation was made although both were asked for.
    pub full_because: Option<FullReason>,
    /// What nobody is paid for, and what is lacking.
    pub missing: MissingFindings,
    /// What is doubtful about the close.
    pub warnings: Vec<Finding<CloseWarning>>,
    /// What is doubtful and was so in the last close, which said it.
    pub told_before: Vec<Finding<CloseWarning>>,
}

/// The sums of all statements of one currency (calculation.md 10).
#[derive(Clone, Copy, Debug)]
pub struct TotalOf {
    /// The positive differences.
    pub gross: Money,
    /// The negative differences, as a positive amount.
    pub reversed: Money,
    /// The part of the gross that is recovered for clawback balances.
    pub recovered: Money,
    /// The part of the gross that is recovered for draws.
    pub draw_recovered: Money,
    /// What guarantees add to the gross.
    pub top_up: Money,
    /// The advances.
    pub advance: Money,
    /// The amount to be paid: gross - recovered - draw recovered + top-up + advances.
    pub pay: Money,
}

/// Closes the next month, with the first `known` entries of the log, or with all of them. `expect` is the digest that was reviewed.
///
/// Refused if it is not the next month, if it is the first one and far from all facts, if `known` is below that of the last close or beyond the log, if the digest differs, or if
/// the evaluation finds a fault. Fails if the log cannot be written. Then nothing is posted.
pub fn close(
    book: &mut Book,
    period: Month,
    known: Option<u64>,
    expect: Option<[u8; 32]>,
    stamp: &Stamp,
) -> Result<CloseDone, CloseError> {
    close_of(book, &CloseRequest::of(period, known), expect, stamp)
}

/// Closes the next month as [`close`] does, also as an opening or with another evaluation mode.
pub fn close_of(
    book: &mut Book,
    asked: &CloseRequest<'_>,
    expect: Option<[u8; 32]>,
    stamp: &Stamp,
) -> Result<CloseDone, CloseError> {
    let period = asked.period;
    if let Some(last) = book.state.posted.last_close()
        && period > last.close.period.next()
    {
        let next = last.close.period.next();
        return Err(CloseRefusal::OutOfOrder { period, next }.into());
    }
    if asked.opening.is_some() && expect.is_some() && asked.known.is_none() {
        return Err(CloseRefusal::OpeningWithoutSize.into());
    }
    must_be_near_facts(&book.state, asked)?;
    let preview = preview_of(&book.state, asked)?;
    if !preview.faults.is_empty() {
        return Err(CloseError::Faults(preview.faults));
    }
    if let Some(expected) = expect.filter(|expected| *expected != preview.digest) {
        return Err(CloseRefusal::DigestDiffers { period, digest: preview.digest, expected }.into());
    }
    let amounts = totals(&preview.statements).iter().map(|total| total.pay).collect();
    must_be_allowed(&book.state, stamp, &Act::of(PolicyRole::Close, amounts))?;
    post(book, preview, stamp)
}

fn post(book: &mut Book, preview: Preview, stamp: &Stamp) -> Result<CloseDone, CloseError> {
    let root = book.log.root_at(preview.known).map_err(BookError::from)?;
    let size = book.log.size();
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
        full_because: preview.full_because,
        missing: missing_of_close(&book.state, &preview),
        warnings: Vec::new(),
        told_before: Vec::new(),
    };
    let records = records(&book.state, &preview, size, root, &done);
    done.size = book.append(records, stamp)?;
    let Preview { settled, withheld, warnings, told_before, carry_forward_update, .. } = preview;
    if let Some(last) = book.state.posted.last_close() {
        let (after, state) = (last.position, Arc::make_mut(&mut book.state));
        Arc::make_mut(&mut state.schedule).advance(after, carry_forward_update);
    }
    Ok(CloseDone { settled, withheld, warnings, told_before, ..done })
}

/// The sums of statements, ordered by currency.
pub fn totals(statements: &[Figures]) -> Vec<TotalOf> {
    let mut totals: BTreeMap<Currency, TotalOf> = BTreeMap::new();
    for figures in statements {
        let zero = Money::zero(figures.holder.1);
        let total = totals.entry(figures.holder.1).or_insert(TotalOf {
            gross: zero,
            reversed: zero,
            recovered: zero,
            draw_recovered: zero,
            top_up: zero,
            advance: zero,
            pay: zero,
        });
        let settled = &figures.settled;
        total.gross += settled.gross;
        total.reversed += settled.reversed;
        total.recovered += settled.recovered;
        total.draw_recovered += settled.draw_recovered;
        total.top_up += settled.top_up;
        total.advance += settled.advance;
        total.pay += settled.pay;
    }
    totals.into_values().collect()
}

/// All records of a close in the order of the log. The first one gets the position `first`.
pub(crate) fn records(state: &State, preview: &Preview, first: u64, root: [u8; 32], done: &CloseDone) -> Vec<Record> {
    let mut records: Vec<Record> = preview.settled.iter().map(|settled| opening_record(preview, settled)).collect();
    records.extend(preview.withheld.iter().map(|(holder, line)| withheld_record(preview.period, holder, line)));
    for figures in &preview.statements {
        records.extend(figures.lines.iter().map(|line| line_record(state, preview, first, figures, line)));
        records.extend(figures.draws.iter().map(|draw| draw_record(figures, draw)));
        records.push(settlement_record(figures));
    }
    let trial_balance = Some(trial_balance_after(state, &records));
    records.push(Record::PeriodClose(PeriodClose {
        period: preview.period,
        known: preview.known,
        root,
        edition: EDITION,
        engine: preview.engine,
        plans: plan_editions(state, preview.known),
        totals: done
            .totals
            .iter()
            .map(|total| CloseTotal {
                currency: total.pay.currency,
                gross: stored(total.gross),
                reversed: stored(total.reversed),
                pay: stored(total.pay),
            })
            .collect(),
        statements: done.statements,
        lines: done.lines,
        digest: preview.digest,
        manner: preview.manner,
        trial_balance,
    }));
    records
}

/// The versions of plans that are known at a size, with their editions.
pub(crate) fn plan_editions(state: &State, known: u64) -> Vec<PlanEdition> {
    let view = View::new(&state.knowledge, known);
    let plans = state.rules.plans().flat_map(|(_, versions)| versions);
    let seen = plans.filter(|published| view.visibility.includes(published.position));
    let edition = |published: &Published| PlanEdition {
        plan: published.plan.id.clone(),
        version: published.plan.version,
        edition: published.plan.edition,
    };
    seen.map(edition).collect()
}

/// The digest of the trial balance after the records of a close.
pub(crate) fn trial_balance_after(state: &State, records: &[Record]) -> [u8; 32] {
    let mut accounts = state.posted.accounts.clone();
    records.iter().for_each(|record| accounts.apply(record, |settlement| state.posted.balances_before(settlement)));
    trial_balance::digest(&accounts)
}

fn line_record(state: &State, preview: &Preview, first: u64, figures: &Figures, line: &Line) -> Record {
    let posting = posting(figures.period, &figures.holder, line);
    if line.amount.is_negative() {
        Record::Reversal(ReversalRecord { line: posting, takes_from: takes_from(state, preview, first, figures, line) })
    } else {
        Record::Earning(EarningRecord { line: posting })
    }
}

/// The positions of the postings that a reversal takes from: all of the line so far. In an opening close, that of its opening line.
fn takes_from(state: &State, preview: &Preview, first: u64, figures: &Figures, line: &Line) -> Vec<u64> {
    let posted = state.posted.lines.posted.get(&figures.holder).and_then(|lines| lines.get(&line.name));
    let settled = preview.settled.iter().zip(first..);
    let mut settled = settled.filter(|(settled, _)| settled.holder == figures.holder && settled.name == line.name);
    match posted {
        Some(posted) => posted.positions.iter().map(|position| u64::from(*position)).collect(),
        None => settled.next().map(|(_, position)| position).into_iter().collect(),
    }
}

fn posting(period: Month, holder: &PayeeCurrency, line: &Line) -> Posting {
    Posting {
        period,
        payee: holder.0.clone(),
        currency: holder.1,
        plan: line.name.plan.clone(),
        version: line.version,
        component: line.name.component.clone(),
        item: line.name.item.clone(),
        part: line.name.part.clone(),
        date: line.date,
        account: line.account.clone(),
        nature: line.nature,
        due: line.due,
        amount: stored(line.amount),
        entitled: stored(line.entitled),
        before: stored(line.before),
        reason: line.reason,
    }
}

fn withheld_record(period: Month, holder: &PayeeCurrency, line: &Line) -> Record {
    Record::Withheld(Withheld { line: posting(period, holder, line) })
}

fn opening_record(preview: &Preview, settled: &OpeningSettled) -> Record {
    let PostedLine { entitled, date, account, due, nature, version, .. } = settled.posted.clone();
    let (amount, before) = (entitled, Money::zero(entitled.currency));
    let name = settled.name.clone();
    let line = Line { name, nature, version, date, account, due, amount, entitled, before, reason: None };
    Record::OpeningLine(OpeningLine { line: posting(preview.period, &settled.holder, &line) })
}

fn stored(money: Money) -> Amount {
    Amount::of_money(money).expect("posted money has at most 26 digits and a sum few more")
}

fn draw_record(figures: &Figures, draw: &DrawLine) -> Record {
    let (payee, currency) = figures.holder.clone();
    let percent = |rate: &Exact| Percent::of_exact(rate).expect("a percent of a plan");
    Record::Draw(DrawRecord {
        period: figures.period,
        payee,
        currency,
        plan: draw.plan.clone(),
        draw: draw.draw.clone(),
        trigger: draw.trigger.clone(),
        month: draw.month,
        given: stored(draw.given),
        recovered: stored(draw.recovered),
        balance: stored(draw.balance),
        recoverable: draw.recoverable,
        begins: draw.begins,
        rate: draw.rate.as_ref().map(percent),
        triggered: draw.triggered,
    })
}

fn settlement_record(figures: &Figures) -> Record {
    let (payee, currency) = figures.holder.clone();
    let balances = |balances: &Balances| StoredBalances {
        payable: stored(balances.payable),
        owed: stored(balances.owed),
        draw: stored(balances.draw),
    };
    let settled = &figures.settled;
    Record::Settlement(Settlement {
        period: figures.period,
        payee,
        currency,
        opening: balances(&figures.opening),
        gross: stored(settled.gross),
        reversed: stored(settled.reversed),
        set_off: stored(settled.set_off),
        recovered: stored(settled.recovered),
        top_up: stored(settled.top_up),
        advance: stored(settled.advance),
        draw_recovered: stored(settled.draw_recovered),
        pay: stored(settled.pay),
        closing: balances(&settled.closing),
    })
}
