//! What an evaluation reads, and what it found wrong with the facts.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use ledger::date::Day;
use ledger::exact::Exact;
use ledger::money::Currency;
use projections::position::Position;
use projections::view::View;

use crate::credit::index::CreditIndex;
use crate::evaluation_fault::{EvaluationFault, EvaluationGap, EvaluationWarning};
use crate::rulebook::Rulebook;
use crate::why::Detail;

/// The position of an exchange rate, and the rate.
type FoundRate = (Position, Exact);

/// The facts known at K, the rules published by then, and the evaluation date E (calculation.md, top).
pub struct Context<'k> {
    /// The facts known at K.
    pub view: View<'k>,
    /// The published plans.
    pub rules: &'k Rulebook,
    /// The evaluation date E.
    pub day: Day,
    /// Bookings, signals and contracts by the payees that they are credited to.
    pub credit: CreditIndex<'k>,
    /// How much is reported beside the amounts.
    pub detail: Detail,
    findings: RefCell<Findings>,
    /// Exchange rates that were looked up already.
    rates: RefCell<BTreeMap<(Currency, Currency, Day), Option<FoundRate>>>,
}

/// The faults and warnings of an evaluation, each once, ordered.
#[derive(Default, Clone)]
pub struct Findings {
    /// Faults that must be corrected before the month can be closed.
    pub faults: BTreeSet<EvaluationFault>,
    /// What is probably a mistake.
    pub warnings: BTreeSet<EvaluationWarning>,
    /// What was lacking.
    pub gaps: BTreeSet<EvaluationGap>,
}

impl Findings {
    /// The findings of several evaluations as one.
    pub fn together(all: impl IntoIterator<Item = Findings>) -> Findings {
        let mut together = Findings::default();
        for findings in all {
            together.faults.extend(findings.faults);
            together.warnings.extend(findings.warnings);
            together.gaps.extend(findings.gaps);
        }
        together
    }
}

impl<'k> Context<'k> {
    /// The context of an evaluation of `view` for the evaluation date `day`.
    pub fn new(view: View<'k>, rules: &'k Rulebook, day: Day, detail: Detail) -> Context<'k> {
        let (findings, rates) = (RefCell::default(), RefCell::default());
        Context { view, rules, day, credit: CreditIndex::build(view, day), detail, findings, rates }
    }

    /// The findings so far.
    pub fn findings(&self) -> Findings {
        self.findings.borrow().clone()
    }

    /// Notes a fault. The month cannot be closed before it is corrected.
    pub fn fault(&self, fault: EvaluationFault) {
        self.findings.borrow_mut().faults.insert(fault);
    }

    /// Notes a warning.
    pub fn warn(&self, warning: EvaluationWarning) {
        self.findings.borrow_mut().warnings.insert(warning);
    }

    /// Notes something that is lacking.
    pub fn note_gap(&self, gap: EvaluationGap) {
        self.findings.borrow_mut().gaps.insert(gap);
    }

    /// The exchange rate in force on the date of an item, and the position of its fact; 1 and `None` for one
    /// currency. A missing rate is a fault and counts as 0 (calculation.md 1).
    pub fn rate(&self, from: Currency, to: Currency, date: Day, item: &dyn fmt::Display) -> (Exact, Option<Position>) {
        if from == to {
            return (Exact::ONE, None);
        }
        let mut rates = self.rates.borrow_mut();
        let known = rates.entry((from, to, date)).or_insert_with(|| self.view.rate(from, to, date));
        match known.clone() {
            Some((position, rate)) => (rate, Some(position)),
            None => {
                self.fault(EvaluationFault::NoExchangeRate { from, to, date, item: item.to_string() });
                (Exact::ZERO, None)
            }
        }
    }

    /// Whether steps are written.
    pub fn explains(&self) -> bool {
        self.detail == Detail::Reasons
    }
}
