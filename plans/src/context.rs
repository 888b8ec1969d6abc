//! What an evaluation looks at, and what it found wrong with the input on its way.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use ledger::date::Day;
use ledger::exact::Exact;
use ledger::money::Currency;
use projections::position::Position;
use projections::view::View;

use crate::credit::index::CreditIndex;
use crate::evaluation_fault::{EvaluationFault, EvaluationWarning};
use crate::rulebook::Rulebook;
use crate::why::Detail;

/// The facts known at K, the rules published by then, and the evaluation date E (calculation.md, top).
pub struct Context<'k> {
    pub view: View<'k>,
    pub rules: &'k Rulebook,
    /// E.
    pub day: Day,
    pub credit: CreditIndex<'k>,
    pub detail: Detail,
    findings: RefCell<Findings>,
    /// Exchange rates that were looked up already.
    rates: RefCell<BTreeMap<(Currency, Currency, Day), Option<(Position, Exact)>>>,
}

/// What keeps a close from being right, and what is probably not meant. Each once, ordered.
#[derive(Default, Clone)]
pub struct Findings {
    /// What has to be mended before the month can be closed.
    pub faults: BTreeSet<EvaluationFault>,
    /// What is probably not meant.
    pub warnings: BTreeSet<EvaluationWarning>,
}

impl Findings {
    /// Those of several evaluations together.
    pub fn together(all: impl IntoIterator<Item = Findings>) -> Findings {
        let mut together = Findings::default();
        for findings in all {
            together.faults.extend(findings.faults);
            together.warnings.extend(findings.warnings);
        }
        together
    }
}

impl<'k> Context<'k> {
    pub fn new(view: View<'k>, rules: &'k Rulebook, day: Day, detail: Detail) -> Context<'k> {
        let (findings, rates) = (RefCell::default(), RefCell::default());
        Context { view, rules, day, credit: CreditIndex::build(view, day), detail, findings, rates }
    }

    pub fn findings(&self) -> Findings {
        self.findings.borrow().clone()
    }

    /// The period cannot be closed before this is mended.
    pub fn fault(&self, fault: EvaluationFault) {
        self.findings.borrow_mut().faults.insert(fault);
    }

    pub fn warn(&self, warning: EvaluationWarning) {
        self.findings.borrow_mut().warnings.insert(warning);
    }

    /// The rate from one currency to another in force on an item's date; none is an error that names pair, date and item.
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

    pub fn explains(&self) -> bool {
        self.detail == Detail::Reasons
    }
}
