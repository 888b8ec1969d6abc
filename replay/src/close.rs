//! Closing a month: entitlement less what was posted, settled, in one atomic append (calculation.md 9, 10).

use std::collections::{BTreeMap, BTreeSet};

use ledger::date::Month;
use ledger::exact::Exact;
use ledger::fact::{
    Balances as StoredBalances, Draw, Earning, Nature, PeriodClose, PlanEdition, Posting, Record, Reversal, Settlement,
    Total,
};
use ledger::field::{Amount, Percent, Words};
use ledger::id::{Name, PayeeId, PlanId};
use ledger::money::{Currency, Money};
use ledger::problem::Problem;
use plans::context::Context;
use plans::draw::{MonthsDraw, MonthsDraws};
use plans::settle::{Due, Guarantee, Settled, Terms, settle};
use plans::why::Detail;
use projections::accounts::{Balances, GivenDraw};
use projections::lines::{Holder, LineName};
use projections::view::View;

use crate::book::{Book, BookError};
use crate::evaluate::{Evaluation, evaluate};
use crate::reason::{Again, News, reasons};
use crate::stamp::{Scribe, Stamp};
use crate::statement::{DrawLine, Figures, Line, digest};

/// Raised with any change of the program that can alter a figure (docs/engine.md).
pub const ENGINE: u16 = 1;
/// Of the calculation rules, for settling and closing.
pub const EDITION: u16 = 1;

/// What a close would post.
pub struct Preview {
    pub period: Month,
    /// K.
    pub known: u64,
    pub statements: Vec<Figures>,
    pub digest: [u8; 32],
    /// What is probably missing, and what keeps the period from being closed.
    pub warnings: Vec<Problem>,
    pub faults: Vec<Problem>,
}

/// What a close posted.
pub struct CloseDone {
    pub period: Month,
    pub size: u64,
    pub digest: [u8; 32],
    pub lines: u64,
    pub statements: u64,
    pub totals: Vec<TotalOf>,
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
}

fn refused(code: &'static str, message: String, help: impl Into<String>) -> CloseError {
    CloseError::Refused(vec![Problem::new(code, message, help)])
}

impl Book {
    /// What closing a month would post, with the facts known at a size: any month from the next one on.
    pub fn preview(&self, period: Month, known: Option<u64>) -> Result<Preview, CloseError> {
        let known = self.known_at(known)?;
        if let Some(last) = self.state.accounts.last_close()
            && period <= last.close.period
        {
            let next = last.close.period.next();
            let go_on = match next.last() <= ledger::date::Day::LAST {
                true => format!("the next month is {next}; "),
                false => "no month comes after it; ".to_owned(),
            };
            let help = format!("{go_on}`trueup statement --all {period}` shows what it came to");
            return Err(refused("close-closed", format!("{period} is closed already"), help));
        }
        let view = View::new(&self.state.knowledge, known);
        let context = Context::new(view, &self.state.rules, period.last(), Detail::Figures);
        let payees: Vec<&PayeeId> = plans::credit::payees(view).collect();
        let evaluation = evaluate(&context, payees.into_iter());
        let statements = self.figures(&context, &evaluation, period);
        let digest = digest(self.name().as_str(), statements.iter());
        self.warn_of_a_strange_first_month(&context, period);
        let findings = context.findings();
        let (warnings, faults) = (findings.warnings(), findings.faults());
        Ok(Preview { period, known, statements, digest, warnings, faults })
    }

    /// Months are closed one after the other for ever: a first one far from all facts is probably a slip.
    fn warn_of_a_strange_first_month(&self, context: &Context<'_>, period: Month) {
        let facts = self.state.knowledge.facts().iter();
        let dates =
            facts.filter(|known| context.view.in_force(known.position)).filter_map(|known| known.fact.body.at());
        let (first, last) = dates.fold((None, None), |(first, last): (Option<_>, Option<_>), at| {
            (Some(first.map_or(at, |first: ledger::date::Day| first.min(at))), last.max(Some(at)))
        });
        let (Some(first), Some(last), None) = (first, last, self.state.accounts.last_close()) else { return };
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
        let least = self.state.accounts.last_close().map_or(0, |last| last.close.known);
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
        if let Some(last) = self.state.accounts.last_close()
            && period > last.close.period.next()
        {
            let next = last.close.period.next();
            return Err(refused(
                "close-order",
                format!("{period} cannot be closed before {next}"),
                format!("close {next} first"),
            ));
        }
        let preview = self.preview(period, known)?;
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
        let totals = totals(&preview.statements);
        let lines = preview.statements.iter().map(|figures| figures.lines.len() as u64).sum();
        let root = self.log.root_at(preview.known).map_err(BookError::from)?;
        let records = self.records(&preview, root, &totals, lines);
        let size = self.log.size();
        let mut entries = Vec::with_capacity(records.len());
        let mut scribe =
            Scribe::begin(&mut self.log, stamp, self.state.recorded, Some(size)).map_err(BookError::from)?;
        for record in records {
            entries.push(scribe.record(record).map_err(BookError::from)?);
        }
        let committed = scribe.commit().map_err(BookError::from)?;
        for entry in &entries {
            self.state.fold(entry).map_err(|source| BookError::Unreadable { position: entry.position, source })?;
        }
        Ok(CloseDone {
            period: preview.period,
            size: committed.size,
            digest: preview.digest,
            lines,
            statements: preview.statements.len() as u64,
            totals,
            warnings: preview.warnings,
        })
    }

    // Figures ------------------------------------------------------------------------------------------------------

    /// Statements for everybody with a line, a draw or a balance, ordered by payee and currency.
    fn figures(&self, context: &Context<'_>, evaluation: &Evaluation, period: Month) -> Vec<Figures> {
        let accounts = &self.state.accounts;
        let openings = self.openings(context);
        let holders: BTreeSet<Holder> = evaluation
            .holders()
            .into_iter()
            .chain(accounts.lines.posted.keys().cloned())
            .chain(accounts.balances.keys().cloned())
            .chain(openings.keys().cloned())
            .collect();
        let mut lines: Vec<(Holder, Vec<Line>)> =
            holders.into_iter().map(|holder| (holder.clone(), self.differences(evaluation, &holder))).collect();
        self.give_reasons(context, &mut lines);
        let figures = lines.into_iter().map(|(holder, lines)| {
            let known = accounts.balances.get(&holder).copied().unwrap_or(Balances::zero(holder.1));
            let entering = openings.get(&holder).copied().unwrap_or(Balances::zero(holder.1));
            let (owed, draw) = (known.owed + entering.owed, known.draw + entering.draw);
            let opening = Balances { payable: known.payable, owed, draw };
            self.settle(context, &evaluation.payees, holder, lines, opening, period)
        });
        figures
            .filter(|figures| {
                !figures.lines.is_empty() || !figures.draws.is_empty() || !figures.settled.is_empty(figures.holder.1)
            })
            .collect()
    }

    /// Opening balances that enter with this close: those that hold now less what had entered by the close before.
    fn openings(&self, context: &Context<'_>) -> BTreeMap<Holder, Balances> {
        let mut openings = held(context.view, context.day);
        if let Some(last) = self.state.accounts.last_close() {
            let before = View::new(&self.state.knowledge, last.close.known);
            for (holder, entered) in held(before, last.close.period.last()) {
                let zero = Money::zero(holder.1);
                let now = openings.entry(holder.clone()).or_insert(Balances::zero(holder.1));
                now.owed = (now.owed - entered.owed).max(zero);
                now.draw = (now.draw - entered.draw).max(zero);
            }
        }
        openings.retain(|_, balances| balances.owed.is_positive() || balances.draw.is_positive());
        openings
    }

    /// Line by line: what is due now and was not posted, or was posted and is not due.
    fn differences(&self, evaluation: &Evaluation, holder: &Holder) -> Vec<Line> {
        let nothing = BTreeMap::new();
        let posted = self.state.accounts.lines.posted.get(holder).unwrap_or(&nothing);
        let entitled: BTreeMap<&LineName, _> = evaluation.lines(holder).collect();
        let names: BTreeSet<&LineName> = posted.keys().chain(entitled.keys().copied()).collect();
        let line = |name: &LineName| {
            let before = posted.get(name).map_or(Money::zero(holder.1), |posted| posted.entitled);
            let (amount, due, nature, version) = match (entitled.get(name), posted.get(name)) {
                (Some(entitled), _) => (entitled.amount, entitled.due, entitled.nature, entitled.version),
                // Item or trigger is gone: it keeps the due date with which it was last posted.
                (None, Some(posted)) => (Money::zero(holder.1), posted.due, posted.nature, posted.version),
                (None, None) => unreachable!("BUG: a line that is neither entitled nor posted"),
            };
            let difference = amount - before;
            (!difference.is_zero()).then(|| Line {
                name: name.clone(),
                nature,
                version,
                due,
                amount: difference,
                entitled: amount,
                before,
                reason: None,
            })
        };
        names.into_iter().filter_map(line).collect()
    }

    /// The first posting of a line has no reason, every later one has.
    fn give_reasons(&self, context: &Context<'_>, lines: &mut [(Holder, Vec<Line>)]) {
        let Some(last) = self.state.accounts.last_close() else { return };
        let posted = &self.state.accounts.lines.posted;
        let again =
            |holder: &Holder, line: &Line| posted.get(holder).is_some_and(|lines| lines.contains_key(&line.name));
        let known: Vec<Again> = lines
            .iter()
            .flat_map(|(holder, lines)| {
                lines.iter().filter(|line| again(holder, line)).map(|line| again_of(holder, line))
            })
            .collect();
        let news = News {
            knowledge: &self.state.knowledge,
            rules: &self.state.rules,
            last,
            size: context.view.sees.size,
            day: context.day,
        };
        let mut reasons = reasons(&news, &known).into_iter();
        for (holder, lines) in lines {
            for line in lines.iter_mut().filter(|line| again(holder, line)) {
                line.reason = reasons.next();
            }
        }
    }

    fn settle(
        &self,
        context: &Context<'_>,
        payees: &BTreeMap<PayeeId, crate::evaluate::Due>,
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
        let given = self.state.accounts.draws.get(&holder).map_or(&[][..], Vec::as_slice);
        let closed = self.state.accounts.last_close().map(|last| last.close.period.last());
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

    // Records ------------------------------------------------------------------------------------------------------

    fn records(&self, preview: &Preview, root: [u8; 32], totals: &[TotalOf], lines: u64) -> Vec<Record> {
        let mut records = Vec::new();
        for figures in &preview.statements {
            records.extend(figures.lines.iter().map(|line| self.line_record(figures, line)));
            records.extend(figures.draws.iter().map(|draw| draw_record(figures, draw)));
            records.push(settlement_record(figures));
        }
        let view = View::new(&self.state.knowledge, preview.known);
        let plans = self.state.rules.plans().flat_map(|(_, versions)| versions);
        let seen = plans.filter(|published| view.sees.sees(published.position));
        let editions = seen.map(|published| PlanEdition {
            plan: published.plan.id.clone(),
            version: published.plan.version,
            edition: published.plan.edition,
        });
        records.push(Record::PeriodClose(PeriodClose {
            period: preview.period,
            known: preview.known,
            root,
            edition: EDITION,
            engine: ENGINE,
            plans: editions.collect(),
            totals: totals
                .iter()
                .map(|total| Total {
                    currency: total.pay.currency,
                    gross: stored(total.gross),
                    reversed: stored(total.reversed),
                    pay: stored(total.pay),
                })
                .collect(),
            statements: preview.statements.len() as u64,
            lines,
            digest: preview.digest,
        }));
        records
    }

    fn line_record(&self, figures: &Figures, line: &Line) -> Record {
        let (payee, currency) = figures.holder.clone();
        let posting = Posting {
            period: figures.period,
            payee,
            currency,
            plan: line.name.plan.clone(),
            version: line.version,
            component: line.name.component.clone(),
            item: Words(line.name.item.clone()),
            part: line.name.part.clone(),
            nature: line.nature,
            due: line.due,
            amount: stored(line.amount),
            entitled: stored(line.entitled),
            before: stored(line.before),
            reason: line.reason,
        };
        if line.amount.is_negative() {
            let posted = self.state.accounts.lines.posted.get(&figures.holder).and_then(|lines| lines.get(&line.name));
            let takes_from = posted
                .map_or(Vec::new(), |posted| posted.positions.iter().map(|position| u64::from(*position)).collect());
            Record::Reversal(Reversal { line: posting, takes_from })
        } else {
            Record::Earning(Earning { line: posting })
        }
    }
}

/// The opening balances that hold on a day.
fn held(view: View<'_>, day: ledger::date::Day) -> BTreeMap<Holder, Balances> {
    let mut held = BTreeMap::new();
    for payee in plans::credit::payees(view) {
        for (currency, fact) in view.opening_balances(payee.as_str(), day) {
            let zero = Money::zero(currency);
            let of = |amount: Option<Amount>| amount.map_or(zero, |amount| projections::lines::money(amount, currency));
            let balances = Balances { payable: zero, owed: of(fact.owed), draw: of(fact.draw) };
            held.insert((payee.clone(), currency), balances);
        }
    }
    held
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
    settled: &Settled,
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

/// A whole number of minor units, as it is stored.
pub fn stored(money: Money) -> Amount {
    let text = money.text();
    let value =
        ledger::wire::Decimal::from_str_exact(&text).expect("posted money has at most 26 digits and a sum few more");
    Amount(value.normalize())
}

fn draw_record(figures: &Figures, draw: &DrawLine) -> Record {
    let (payee, currency) = figures.holder.clone();
    let name = |text: &str| Name::new(text).expect("a plan's, a booking's or our own name");
    let percent = |rate: &Exact| {
        Percent::parse(&format!("{}%", (rate * &Exact::whole(100)).text())).expect("a percent of a plan")
    };
    Record::Draw(Draw {
        period: figures.period,
        payee,
        currency,
        plan: PlanId::new(&draw.plan),
        draw: name(&draw.draw),
        trigger: name(&draw.trigger),
        month: draw.month,
        given: stored(draw.given),
        recovered: stored(draw.recovered),
        balance: stored(draw.balance),
        recoverable: draw.recoverable,
        begins: draw.begins,
        rate: draw.rate.as_ref().map(percent),
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
