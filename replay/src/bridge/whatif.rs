//! The same book with other facts or rules, which are never recorded.

use std::collections::BTreeSet;
use std::sync::Arc;

use ledger::date::{Day, Month};
use ledger::fact::item_key::ItemKey;
use ledger::id::{AccountId, PayeeId};
use ledger::money::{Currency, Money};
use plans::context::Context;
use plans::entitlement::Entitled;
use plans::term::terms;
use plans::why::{Detail, Step};
use projections::authority::Authority;
use projections::lines::LineName;
use projections::view::View;

use crate::book::Book;
use crate::evaluation::full::evaluate;
use crate::record::publish::{CheckDone, PostedLinesOf, check_plan_with};
use crate::record::{Commit, KeepRestatements, RecordError, RecordOptions, Recorded, Source, Versions, record};
use crate::stamp::Stamp;
use crate::state::State;

/// A line that would be due.
pub struct TriedLine {
    /// Its name.
    pub name: LineName,
    /// Its amount.
    pub amount: Money,
    /// The day on which it would be due.
    pub due: Day,
    /// The version of the plan that it is computed by.
    pub version: Option<u32>,
    /// The steps from facts to the amount.
    pub why: Vec<Step>,
}

/// A book for trying things out. Nothing of it reaches the log, and nobody has to sign.
pub struct Trial {
    book: Book,
    /// The size of the book before anything was tried.
    size: u64,
}

impl Trial {
    /// Tries things out on a book as it is.
    pub fn of(mut book: Book) -> Trial {
        let size = book.state.size();
        let state = Arc::make_mut(&mut book.state);
        // The policy is about what is recorded.
        state.authority = Arc::new(Authority::default());
        Trial { book, size }
    }

    /// The state with everything that was tried. Entries from [`size`](Trial::size) on are not in the log.
    pub fn state(&self) -> &State {
        &self.book.state
    }

    /// The book, with everything that was tried in its state alone.
    pub fn book(&self) -> &Book {
        &self.book
    }

    /// The currencies of the plans that a payee is assigned to on a day.
    pub fn currencies_on(&self, payee: &PayeeId, day: Day) -> Vec<Currency> {
        let state = self.state();
        let view = View::new(&state.knowledge, state.size());
        let terms = terms(view, payee.as_str()).into_iter().filter(|term| term.contains(day));
        let plans = terms.filter_map(|term| state.rules.in_force(term.plan(), day, view.visibility));
        let currencies: BTreeSet<Currency> = plans.map(|published| published.plan.currency).collect();
        currencies.into_iter().collect()
    }

    /// A name that no booking, contract or account of the book has.
    pub fn free_name(&self) -> String {
        let knowledge = &self.state().knowledge;
        let is_free = |name: &String| {
            knowledge.booking_versions(name).next().is_none()
                && knowledge.contracts_named(name).next().is_none()
                && AccountId::new(name).is_none_or(|account| knowledge.accounts.get(&account).is_none())
        };
        let mut names = (1..).map(|number: u32| if number == 1 { "deal".to_owned() } else { format!("deal-{number}") });
        names.find(is_free).expect("there are more names than bookings")
    }

    /// What a payee would be due of a booking by the end of a month, with the steps from facts to each amount.
    pub fn lines_of_booking(&self, payee: &PayeeId, period: Month, booking: &str) -> Vec<TriedLine> {
        let state = self.state();
        let Some((payee, _)) = state.knowledge.payees.get_key_value(payee) else { return Vec::new() };
        let view = View::new(&state.knowledge, state.size());
        let context = Context::new(view, &state.rules, period.last(), Detail::Reasons);
        let evaluation = evaluate(&context, [payee].into_iter());
        let due = evaluation.payees.into_values().flat_map(|due| due.entitlement.lines);
        let mine = due.filter(|((_, name), _)| matches!(&name.item, ItemKey::Booking(id) if id.as_str() == booking));
        let line = |((_, name), line): ((Currency, LineName), Entitled)| {
            let Entitled { amount, due, version, why, .. } = line;
            TriedLine { name, amount, due, version, why }
        };
        mine.map(line).collect()
    }

    /// The size of the book before anything was tried.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Publishes a plan, if the check finds no error. Returns what the check found.
    pub fn publish(&mut self, file: &str, text: &str) -> CheckDone {
        let checked = check_plan_with(&self.book, file, text, PostedLinesOf::LeftOut);
        if let Some(plan) = &checked.plan {
            let state = Arc::make_mut(&mut self.book.state);
            let position = state.size();
            state.publish_plan(position, plan.clone());
        }
        checked
    }

    /// Records facts as [`record`] does; refused as they would be. `versions` says what several lines of one key mean.
    pub fn record(
        &mut self,
        sources: &[Source<'_>],
        versions: Versions,
        stamp: &Stamp,
    ) -> Result<Recorded, RecordError> {
        let options = RecordOptions {
            commit: Commit::DryRun,
            restatements: KeepRestatements::First,
            versions,
            ..RecordOptions::default()
        };
        let mut recorded = record(&mut self.book, sources, options, stamp)?;
        if let Some(state) = recorded.tried.take() {
            self.book.state = Arc::from(state);
        }
        Ok(recorded)
    }
}
