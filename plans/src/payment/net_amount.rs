//! What is left of an amount of a booking: what was booked less the credit notes, day by day (calculation.md 2).

use ledger::date::Day;
use ledger::exact::Exact;
use ledger::fact::{BookedAmount, Booking};
use ledger::id::CreditNoteId;
use projections::position::Position;
use projections::view::FactRef;

use crate::context::Context;
use crate::why::Formula;

/// An amount of a booking, and the credit notes up to the evaluation date E that take from it.
pub struct NetAmount<'k> {
    /// What was booked.
    pub booked: Exact,
    /// By date, and in the order of the log within a date.
    notes: Vec<Reduction<'k>>,
}

/// What one credit note takes.
struct Reduction<'k> {
    note: &'k CreditNoteId,
    at: Day,
    taken: Exact,
    position: Position,
}

/// Days on which equally much is left, the first and the last included.
pub struct NetRange {
    pub from: Day,
    pub to: Day,
    pub left: Exact,
}

impl<'k> NetAmount<'k> {
    /// An amount of a booking; 0 for a name that the booking does not have.
    pub fn of(context: &Context<'k>, booking: FactRef<'_, Booking>, of: &BookedAmount) -> NetAmount<'k> {
        let notes = context.view.credit_notes_by(&booking.fact.booking, context.day);
        let taken = notes.map(|note| Reduction {
            note: &note.fact.credit_note,
            at: note.fact.at,
            taken: note.fact.taken(booking.fact, of),
            position: note.position,
        });
        let mut notes: Vec<Reduction<'k>> = taken.filter(|note| !note.taken.is_zero()).collect();
        notes.sort_by_key(|note| note.at);
        NetAmount { booked: booking.fact.booked(of).unwrap_or(Exact::ZERO), notes }
    }

    /// An amount that no credit note takes from.
    pub fn fixed(booked: Exact) -> NetAmount<'k> {
        NetAmount { booked, notes: Vec::new() }
    }

    /// What is left on a day.
    pub fn left_on(&self, day: Day) -> Exact {
        self.by(day).fold(self.booked.clone(), |left, note| left - &note.taken)
    }

    /// The days `from ..= to` as ranges on which equally much is left.
    pub fn ranges(&self, from: Day, to: Day) -> Vec<NetRange> {
        if from > to {
            return Vec::new();
        }
        let changes = self.notes.iter().map(|note| note.at).filter(|at| from < *at && *at <= to);
        let mut starts: Vec<Day> = [from].into_iter().chain(changes).collect();
        starts.dedup();
        let range = |(index, from): (usize, &Day)| {
            let to = starts.get(index + 1).map_or(to, |next| next.previous());
            NetRange { from: *from, to, left: self.left_on(*from) }
        };
        starts.iter().enumerate().map(range).collect()
    }

    /// Appends what is left on a day: the amount under its name, less each credit note under its own.
    pub fn explain(&self, formula: Formula, name: &str, day: Day) -> Formula {
        if self.by(day).next().is_none() {
            return formula.number(name, &self.booked);
        }
        let formula = formula.sign("(").number(name, &self.booked);
        let less = |formula: Formula, note: &Reduction<'_>| {
            formula.sign(" - ").number(&format!("credit note {}", note.note), &note.taken)
        };
        self.by(day).fold(formula, less).sign(")")
    }

    /// The positions of the credit notes up to a day.
    pub fn positions(&self, day: Day) -> impl Iterator<Item = Position> + '_ {
        self.by(day).map(|note| note.position)
    }

    fn by(&self, day: Day) -> impl Iterator<Item = &Reduction<'k>> {
        self.notes.iter().take_while(move |note| note.at <= day)
    }
}
