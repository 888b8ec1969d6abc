//! Follows each line through all closes: by how much what was posted of it differs from what is derived. A difference is named by the
//! close in which it arises, once, and not again by the closes after it.

use std::collections::{BTreeMap, BTreeSet};

use ledger::date::Month;
use ledger::entry::Entry;
use ledger::fact::Reason;
use ledger::money::Money;
use projections::lines::{LineName, PayeeCurrency, PostedLine};

use crate::audit::difference::{AuditDifference, DifferenceClass, DifferenceKind, TakenBack};
use crate::statements::statement::{Figures, Line};

/// A line of which another sum was posted than is derived.
struct OpenLine {
    /// The posted sum less the derived one.
    off: Money,
    /// The numbers of its differences.
    differences: Vec<usize>,
}

/// The lines that are not as derived, by the last close that was looked at.
#[derive(Default)]
pub(super) struct LineChain {
    open: BTreeMap<(PayeeCurrency, LineName), OpenLine>,
}

/// Whether a close has another engine number than the close before it.
#[derive(Copy, Clone, PartialEq, Eq)]
pub(super) enum EngineNumber {
    Raised,
    AsBefore,
}

/// The lines of one payee and currency in a close.
pub(super) struct ComparedLines<'c> {
    pub holder: &'c PayeeCurrency,
    pub period: Month,
    pub engine: EngineNumber,
    /// What the close posted.
    pub posted: Option<&'c Figures>,
    /// What is derived, from the postings before it.
    pub derived: Option<&'c Figures>,
    /// The entries of the close, by line.
    pub entries: &'c BTreeMap<(PayeeCurrency, LineName), Entry>,
    /// What was posted before the close.
    pub before: Option<&'c BTreeMap<LineName, PostedLine>>,
}

impl ComparedLines<'_> {
    fn position(&self, key: &(PayeeCurrency, LineName)) -> Option<u64> {
        self.entries.get(key).map(|entry| entry.position)
    }

    fn before(&self, name: &LineName) -> Money {
        let posted = self.before.and_then(|lines| lines.get(name));
        posted.map_or(Money::zero(self.holder.1), |posted| posted.entitled)
    }
}

/// A line by its name.
pub(super) fn line_of<'f>(figures: Option<&'f Figures>, name: &LineName) -> Option<&'f Line> {
    figures?.lines.iter().find(|line| line.name == *name)
}

/// The names of the lines of some figures.
fn names_of(figures: Option<&Figures>) -> impl Iterator<Item = &LineName> {
    figures.into_iter().flat_map(|figures| &figures.lines).map(|line| &line.name)
}

impl LineChain {
    /// Whether any line is not as derived.
    pub(super) fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// The payees of whom a line is not as derived.
    pub(super) fn holders(&self) -> BTreeSet<PayeeCurrency> {
        self.open.keys().map(|(holder, _)| holder.clone()).collect()
    }

    /// Whether a line is not as derived.
    pub(super) fn is_line_open(&self, holder: &PayeeCurrency, name: &LineName) -> bool {
        self.open.contains_key(&(holder.clone(), name.clone()))
    }

    /// Compares the amounts of the lines of a payee, and adds the differences that arise in this close. Returns the numbers of the new
    /// ones among `found`.
    pub(super) fn compare(&mut self, lines: &ComparedLines<'_>, found: &mut Vec<AuditDifference>) -> Vec<usize> {
        let mut names: BTreeSet<LineName> = names_of(lines.posted).chain(names_of(lines.derived)).cloned().collect();
        names.extend(self.open.keys().filter(|(holder, _)| holder == lines.holder).map(|(_, name)| name.clone()));
        let from = found.len();
        for name in names {
            self.compare_line(lines, name, found);
        }
        (from..found.len()).collect()
    }

    fn compare_line(&mut self, lines: &ComparedLines<'_>, name: LineName, found: &mut Vec<AuditDifference>) {
        let before = lines.before(&name);
        let (posted, derived) = (line_of(lines.posted, &name), line_of(lines.derived, &name));
        // A line that is posted twice counts twice.
        let of_name = lines.posted.into_iter().flat_map(|figures| &figures.lines).filter(|line| line.name == name);
        let posted_amount = Money::sum(lines.holder.1, of_name.map(|line| line.amount));
        // A line that is not derived is entitled to what was posted before.
        let entitled = derived.map_or(before, |line| line.entitled);
        let off = before + posted_amount - entitled;
        let key = (lines.holder.clone(), name);
        let known = self.open.get(&key).map_or(Money::zero(lines.holder.1), |open| open.off);
        if off == known {
            return;
        }
        if off.is_zero() {
            let open = self.open.remove(&key).expect("BUG: a line that was off and is not open");
            let back = TakenBack { period: lines.period, position: lines.position(&key), reason: None };
            take_back(&open, posted, (back, lines.engine), found);
            return;
        }
        let difference = off - known;
        let open = self.open.entry(key.clone()).or_insert(OpenLine { off, differences: Vec::new() });
        open.off = off;
        open.differences.push(found.len());
        found.push(AuditDifference {
            position: lines.position(&key),
            what: DifferenceKind::LineAmount { line: key.1, difference },
            class: DifferenceClass::Altered,
            period: Some(lines.period),
            holder: Some(key.0),
            posted: posted.map(|_| posted_amount.text()).unwrap_or_default(),
            derived: (posted_amount - difference).text(),
            trace: None,
            taken_back: None,
        });
    }
}

/// Says of the differences of a line that it is as derived again, and what did that. The engine explains them if a close with a raised
/// engine number posted exactly the opposite.
fn take_back(
    open: &OpenLine,
    posted: Option<&Line>,
    (back, engine): (TakenBack, EngineNumber),
    found: &mut [AuditDifference],
) {
    let reason = posted.and_then(|line| line.reason);
    let is_engine = engine == EngineNumber::Raised
        && reason == Some(Reason::Calculation)
        && posted.is_some_and(|line| line.amount + open.off == Money::zero(open.off.currency));
    for index in &open.differences {
        let difference = &mut found[*index];
        difference.taken_back = Some(TakenBack { reason, ..back });
        if is_engine {
            difference.class = DifferenceClass::Engine;
        }
    }
}
