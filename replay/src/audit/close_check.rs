//! Derives one close again, from the facts known when it was made and the postings before it, and compares it with what the log has.

use std::collections::{BTreeMap, BTreeSet};

use ledger::date::Month;
use ledger::exact::Exact;
use ledger::fact::{Manner, PlanEdition, Record};
use ledger::money::{Currency, Money};
use plans::context::Context;
use plans::payment::draw::{MonthsDraws, draws};
use plans::why::Detail;
use projections::lines::{LineName, PayeeCurrency, money, name_of};
use projections::posted_state::Balances;
use projections::view::View;

use crate::audit::difference::{AuditDifference, DifferenceClass, DifferenceKind, Underivable};
use crate::audit::line_chain::{ComparedLines, EngineNumber, LineChain, line_of};
use crate::audit::posted_close::{PostedClose, holder_of};
use crate::audit::trace::{TracedLine, derived_sides};
use crate::close::opening::openings;
use crate::close::settlement::{HolderLines, settle_holder};
use crate::close::{CloseError, CloseRequest, EvaluationMode, FirstMonth, Preview, preview_of};
use crate::close::{plan_editions, totals, trial_balance_after};
use crate::engine::EDITION;
use crate::evaluation::full::PayeeDue;
use crate::state::State;
use crate::statements::statement::{DrawLine, Figures, Line, digest};

/// Derives a close from the state before its first posting, and adds what differs to `found`.
pub(super) fn check_close(
    state: &State,
    posted: &PostedClose,
    chain: &mut LineChain,
    found: &mut Vec<AuditDifference>,
) {
    let about = CloseCheck { state, posted };
    let opening = posted.opening();
    let asked = CloseRequest {
        period: posted.close.period,
        known: Some(posted.close.known),
        opening: opening.as_ref(),
        mode: EvaluationMode::Full,
        first_month: FirstMonth::Any,
        engine: posted.close.engine,
    };
    let underivable = match preview_of(state, &asked) {
        Ok(mut derived) => {
            let faults = std::mem::take(&mut derived.faults);
            about.compare(&derived, chain, found);
            (!faults.is_empty()).then_some(Underivable::Faults(faults))
        }
        Err(CloseError::Refused(refusal)) => Some(Underivable::Refused(refusal)),
        Err(CloseError::Faults(faults)) => Some(Underivable::Faults(faults)),
        Err(error @ (CloseError::NotAllowed(_) | CloseError::Book(_) | CloseError::Differs(_))) => {
            panic!("BUG: a full evaluation without a book: {error}")
        }
    };
    found.extend(underivable.map(|why| about.difference(DifferenceKind::NotDerivable(why), None)));
}

struct CloseCheck<'c> {
    state: &'c State,
    posted: &'c PostedClose,
}

/// A member of an entry, as the log has it and as it is derived.
type Member = (&'static str, String, String);

fn members<const N: usize>(members: [Member; N]) -> impl Iterator<Item = Member> {
    members.into_iter().filter(|(_, posted, derived)| posted != derived)
}

fn text(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

impl CloseCheck<'_> {
    fn difference(&self, what: DifferenceKind, holder: Option<&PayeeCurrency>) -> AuditDifference {
        AuditDifference {
            what,
            class: DifferenceClass::Altered,
            position: Some(self.posted.end.position),
            period: Some(self.posted.close.period),
            holder: holder.cloned(),
            posted: String::new(),
            derived: String::new(),
            trace: None,
            taken_back: None,
        }
    }

    fn compare(&self, derived: &Preview, chain: &mut LineChain, found: &mut Vec<AuditDifference>) {
        let posted = self.posted;
        let by_holder = |statements: &'_ [Figures]| -> BTreeMap<PayeeCurrency, usize> {
            statements.iter().enumerate().map(|(index, figures)| (figures.holder.clone(), index)).collect()
        };
        let digest = digest(self.state.book_name().as_str(), posted.statements.iter());
        // Members that the digest does not cover are compared, too.
        let is_same = posted.statements == derived.statements && posted.unsettled == 0;
        if !is_same || chain.is_open() {
            let (were_lines_open, from) = (chain.is_open(), found.len());
            let (mine, theirs) = (by_holder(&posted.statements), by_holder(&derived.statements));
            if mine.len() != posted.statements.len() || posted.unsettled > 0 {
                let field = if posted.unsettled > 0 { "lines without a settlement" } else { "settlements of a payee" };
                found.push(self.difference(DifferenceKind::Close { field }, None));
            }
            let holders: BTreeSet<PayeeCurrency> =
                mine.keys().chain(theirs.keys()).cloned().chain(chain.holders()).collect();
            for holder in holders {
                let mine = mine.get(&holder).map(|index| &posted.statements[*index]);
                let theirs = theirs.get(&holder).map(|index| &derived.statements[*index]);
                self.compare_holder(&holder, (mine, theirs), chain, found);
            }
            if found.len() == from && !were_lines_open && digest != derived.digest {
                // Nothing that has a name of its own: the order of lines, or a line that is posted twice.
                found.push(self.of_close("statements", hex(&digest), hex(&derived.digest)));
            }
        }
        self.compare_places(found);
        self.compare_reversals(found);
        self.compare_withheld(derived, found);
        self.compare_end(derived.period, &digest, found);
    }

    /// A difference of what the `period-close` entry says.
    fn of_close(&self, field: &'static str, posted: String, derived: String) -> AuditDifference {
        AuditDifference { posted, derived, ..self.difference(DifferenceKind::Close { field }, None) }
    }

    fn compare_places(&self, found: &mut Vec<AuditDifference>) {
        found.extend(self.posted.misplaced().into_iter().map(|misplaced| AuditDifference {
            position: Some(misplaced.position),
            posted: misplaced.posted,
            derived: misplaced.derived,
            ..self.difference(misplaced.what, Some(&misplaced.holder))
        }));
    }

    fn compare_holder(
        &self,
        holder: &PayeeCurrency,
        (posted, derived): (Option<&Figures>, Option<&Figures>),
        chain: &mut LineChain,
        found: &mut Vec<AuditDifference>,
    ) {
        let last = self.state.posted_state().last_close();
        let is_raised = last.is_some_and(|last| last.close.engine != self.posted.close.engine);
        let lines = ComparedLines {
            holder,
            period: self.posted.close.period,
            engine: if is_raised { EngineNumber::Raised } else { EngineNumber::AsBefore },
            posted,
            derived,
            entries: &self.posted.entries,
            before: self.state.posted_state().lines.posted.get(holder),
        };
        let new = chain.compare(&lines, found);
        self.trace(holder, (posted, derived), &new, found);
        let is_open = |name: &LineName| chain.is_line_open(holder, name);
        let mut are_lines_same = new.is_empty();
        for line in posted.into_iter().flat_map(|figures| &figures.lines) {
            match line_of(derived, &line.name) {
                Some(same) if !is_open(&line.name) => self.compare_line(holder, line, same, found),
                _ => are_lines_same = false,
            }
        }
        are_lines_same &=
            derived.into_iter().flat_map(|figures| &figures.lines).all(|line| line_of(posted, &line.name).is_some());
        match derived.filter(|_| are_lines_same) {
            Some(derived) => self.compare_settled(holder, posted, derived, found),
            None => self.compare_settled(holder, posted, &self.settled(holder, posted), found),
        }
    }

    /// The settlement that follows from the lines as they were posted.
    fn settled(&self, holder: &PayeeCurrency, posted: Option<&Figures>) -> Figures {
        let (state, close) = (self.state, &self.posted.close);
        let view = View::new(state.knowledge(), close.known);
        let context = Context::new(view, state.rules(), close.period.last(), Detail::Figures);
        let draws = match close.manner {
            Some(Manner::Opening) => MonthsDraws::default(),
            None => draws(&context, holder.0.as_str()),
        };
        let due = BTreeMap::from([(holder.0.clone(), PayeeDue { entitlement: Default::default(), draws })]);
        let known = state.posted_state().balances.get(holder).copied().unwrap_or(Balances::zero(holder.1));
        let entering = openings(state, &context);
        let entering = entering.get(holder).copied().unwrap_or(Balances::zero(holder.1));
        let opening = Balances { owed: known.owed + entering.owed, draw: known.draw + entering.draw, ..known };
        let lines = posted.map(|figures| figures.lines.clone()).unwrap_or_default();
        settle_holder(state, &context, &due, HolderLines { holder: holder.clone(), lines, opening }, close.period)
    }

    fn trace(
        &self,
        holder: &PayeeCurrency,
        (posted, derived): (Option<&Figures>, Option<&Figures>),
        new: &[usize],
        found: &mut [AuditDifference],
    ) {
        let name = |index: &usize| match &found[*index].what {
            DifferenceKind::LineAmount { line, .. } => Some(line.clone()),
            _other => None,
        };
        let names: Vec<LineName> = new.iter().filter_map(name).collect();
        if names.is_empty() {
            return;
        }
        let mut sides = derived_sides(self.state, &self.posted.close, holder, &names);
        for (index, name) in new.iter().zip(&names) {
            let entry = self.posted.entry(holder, name);
            let traced = TracedLine { entry, posted: line_of(posted, name), derived: line_of(derived, name) };
            found[*index].trace = Some(Box::new(traced.trace(sides.remove(name))));
        }
    }

    fn compare_line(&self, holder: &PayeeCurrency, posted: &Line, derived: &Line, found: &mut Vec<AuditDifference>) {
        let fields = members([
            ("nature", posted.nature.to_string(), derived.nature.to_string()),
            ("version", text(posted.version), text(derived.version)),
            ("date", posted.date.to_string(), derived.date.to_string()),
            ("account", text(posted.account.as_ref()), text(derived.account.as_ref())),
            ("due", posted.due.to_string(), derived.due.to_string()),
            ("entitled", posted.entitled.text(), derived.entitled.text()),
            ("before", posted.before.text(), derived.before.text()),
            ("reason", text(posted.reason), text(derived.reason)),
        ]);
        for (field, said, right) in fields {
            let what = DifferenceKind::LineField { line: posted.name.clone(), field };
            let position = self.posted.entry(holder, &posted.name).map(|entry| entry.position);
            found.push(AuditDifference {
                position,
                posted: said,
                derived: right,
                ..self.difference(what, Some(holder))
            });
        }
    }

    /// Compares draws and settlement of a payee.
    fn compare_settled(
        &self,
        holder: &PayeeCurrency,
        posted: Option<&Figures>,
        derived: &Figures,
        found: &mut Vec<AuditDifference>,
    ) {
        let settlement = self.posted.settlement(holder);
        let mut differs = |what, posted: String, derived: String| {
            let position = match &what {
                DifferenceKind::Draw { draw, .. } => self.posted.draw(holder, draw),
                _other => settlement,
            };
            found.push(AuditDifference { position, posted, derived, ..self.difference(what, Some(holder)) });
        };
        let Some(posted) = posted else {
            if !derived.settled.is_empty(holder.1) || !derived.draws.is_empty() {
                let right = derived.settled.pay.text();
                differs(DifferenceKind::Settlement { field: "pay" }, String::new(), right);
            }
            return;
        };
        let named = |figures: &Figures| -> BTreeMap<String, usize> {
            figures.draws.iter().enumerate().map(|(index, draw)| (draw.name().to_string(), index)).collect()
        };
        let (mine, theirs) = (named(posted), named(derived));
        let names: BTreeSet<&String> = mine.keys().chain(theirs.keys()).collect();
        for name in names {
            let mine = mine.get(name).map(|index| &posted.draws[*index]);
            let theirs = theirs.get(name).map(|index| &derived.draws[*index]);
            let fields = draw_members(mine).into_iter().zip(draw_members(theirs));
            let fields = fields.map(|((field, said), (_, right))| (field, said, right));
            for (field, said, right) in fields.filter(|(_, said, right)| said != right) {
                differs(DifferenceKind::Draw { draw: name.clone(), field }, said, right);
            }
        }
        let (mine, theirs) = (settled_members(posted), settled_members(derived));
        for ((field, said), (_, right)) in mine.into_iter().zip(theirs).filter(|((_, said), (_, right))| said != right)
        {
            differs(DifferenceKind::Settlement { field }, said, right);
        }
    }

    /// Compares what reversals say that they take from: all postings of the line so far; in an opening, the opening line of its close.
    fn compare_reversals(&self, found: &mut Vec<AuditDifference>) {
        for (position, record) in self.posted.positioned() {
            let Record::Reversal(reversal) = record else { continue };
            let (holder, name) = (holder_of(&reversal.line), name_of(&reversal.line));
            let lines = self.state.posted_state().lines.posted.get(&holder);
            let right: Vec<u64> = match lines.and_then(|lines| lines.get(&name)) {
                Some(known) => known.positions.iter().map(|position| u64::from(*position)).collect(),
                None => self.opening_line(&holder, &name).into_iter().collect(),
            };
            if reversal.takes_from != right {
                let what = DifferenceKind::LineField { line: name, field: "takes_from" };
                found.push(AuditDifference {
                    position: Some(position),
                    posted: joined(&reversal.takes_from),
                    derived: joined(&right),
                    ..self.difference(what, Some(&holder))
                });
            }
        }
    }

    /// The position of the opening line of this name.
    fn opening_line(&self, holder: &PayeeCurrency, name: &LineName) -> Option<u64> {
        let mut lines = self.posted.positioned().filter_map(|(position, record)| match record {
            Record::OpeningLine(opening) => Some((position, &opening.line)),
            _other => None,
        });
        lines.find(|(_, line)| holder_of(line) == *holder && name_of(line) == *name).map(|(position, _)| position)
    }

    fn compare_withheld(&self, derived: &Preview, found: &mut Vec<AuditDifference>) {
        let said = self.posted.withheld().map(|(position, line)| {
            ((holder_of(line), name_of(line)), (position, money(line.amount, line.currency).text()))
        });
        let said: BTreeMap<_, _> = said.collect();
        let right = derived.withheld.iter();
        let right: BTreeMap<_, _> =
            right.map(|(holder, line)| ((holder.clone(), line.name.clone()), line.amount.text())).collect();
        let names: BTreeSet<_> = said.keys().chain(right.keys()).collect();
        for key in names {
            let (mine, theirs) = (said.get(key), text(right.get(key)));
            let posted = text(mine.map(|(_, amount)| amount));
            if posted != theirs {
                let about = self.difference(DifferenceKind::Withheld { line: key.1.clone() }, Some(&key.0));
                let position = mine.map(|(position, _)| *position).or(about.position);
                found.push(AuditDifference { position, posted, derived: theirs, ..about });
            }
        }
    }

    /// Compares what the `period-close` entry says of the whole close. What it says of its figures is compared with the figures that
    /// were posted, because another figure is named by itself. `digest` is that of these.
    fn compare_end(&self, derived: Month, digest: &[u8; 32], found: &mut Vec<AuditDifference>) {
        let (close, posted) = (&self.posted.close, self.posted);
        let lines: usize = posted.statements.iter().map(|figures| figures.lines.len()).sum();
        let sums = totals(&posted.statements);
        let sums = sums.iter().map(|sum| total_words(sum.pay.currency, [sum.gross, sum.reversed, sum.pay]));
        let said = close.totals.iter().map(|sum| {
            total_words(sum.currency, [sum.gross, sum.reversed, sum.pay].map(|amount| money(amount, sum.currency)))
        });
        let balance = trial_balance_after(self.state, &posted.records);
        let next = self.state.posted_state().last_close().map(|last| last.close.period.next());
        let right = next.unwrap_or(derived);
        let fields = members([
            ("period", close.period.to_string(), right.to_string()),
            ("edition", close.edition.to_string(), EDITION.to_string()),
            ("statements", close.statements.to_string(), posted.statements.len().to_string()),
            ("lines", close.lines.to_string(), lines.to_string()),
            ("totals", said.collect::<Vec<_>>().join("; "), sums.collect::<Vec<_>>().join("; ")),
            ("digest", hex(&close.digest), hex(digest)),
            (
                "trial_balance",
                text(close.trial_balance.as_ref().map(hex)),
                text(close.trial_balance.map(|_| hex(&balance))),
            ),
            ("plans", plan_words(&close.plans), plan_words(&plan_editions(self.state, close.known))),
        ]);
        found.extend(fields.into_iter().map(|(field, said, right)| self.of_close(field, said, right)));
    }
}

fn hex(bytes: &[u8; 32]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

/// Positions as people write them: `12, 40`.
fn joined(positions: &[u64]) -> String {
    positions.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")
}

/// The sums of a currency: `USD gross 500.00, reversed 0.00, pay 500.00`.
fn total_words(currency: Currency, [gross, reversed, pay]: [Money; 3]) -> String {
    format!("{currency} gross {}, reversed {}, pay {}", gross.text(), reversed.text(), pay.text())
}

/// Versions of plans: `land version 2 (edition 1)`.
fn plan_words(plans: &[PlanEdition]) -> String {
    let words = plans.iter().map(|plan| format!("{} version {} (edition {})", plan.plan, plan.version, plan.edition));
    words.collect::<Vec<_>>().join(", ")
}

/// The members of a draw, as text; empty where there is no such draw.
fn draw_members(draw: Option<&DrawLine>) -> [(&'static str, String); 7] {
    let yes_or_no = |draw: &DrawLine| if draw.recoverable { "yes" } else { "no" };
    [
        ("given", text(draw.map(|draw| draw.given.text()))),
        ("recovered", text(draw.map(|draw| draw.recovered.text()))),
        ("balance", text(draw.map(|draw| draw.balance.text()))),
        ("recoverable", text(draw.map(yes_or_no))),
        ("begins", text(draw.and_then(|draw| draw.begins))),
        ("rate", text(draw.and_then(|draw| draw.rate.as_ref()).map(Exact::to_string))),
        ("triggered", text(draw.and_then(|draw| draw.triggered))),
    ]
}

/// The members of a settlement, as text.
fn settled_members(figures: &Figures) -> [(&'static str, String); 14] {
    let (opening, settled) = (&figures.opening, &figures.settled);
    [
        ("opening.payable", opening.payable),
        ("opening.owed", opening.owed),
        ("opening.draw", opening.draw),
        ("gross", settled.gross),
        ("reversed", settled.reversed),
        ("set_off", settled.set_off),
        ("recovered", settled.recovered),
        ("top_up", settled.top_up),
        ("advance", settled.advance),
        ("draw_recovered", settled.draw_recovered),
        ("pay", settled.pay),
        ("closing.payable", settled.closing.payable),
        ("closing.owed", settled.closing.owed),
        ("closing.draw", settled.closing.draw),
    ]
    .map(|(name, amount)| (name, amount.text()))
}
