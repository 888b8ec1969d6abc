//! Credit notes: which amounts of a booking they take from, and how much (calculation.md 2).

use super::{Booking, CreditNote};
use crate::exact::Exact;
use crate::field::Amount;
use crate::id::Name;

/// One of the amounts of a booking.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum BookedAmount {
    /// The annual recurring revenue.
    Arr,
    /// The total contract value.
    Tcv,
    /// The amount of this name.
    Named(Name),
}

impl Booking {
    /// What was booked of an amount; `None` for a name that the booking does not have.
    pub fn booked(&self, of: &BookedAmount) -> Option<Exact> {
        match of {
            BookedAmount::Arr => Some(self.arr.exact()),
            BookedAmount::Tcv => Some(self.tcv()),
            BookedAmount::Named(name) => self.amounts.get(name).map(|amount| amount.exact()),
        }
    }

    /// All amounts that were booked.
    pub fn booked_amounts(&self) -> impl Iterator<Item = BookedAmount> {
        let named = self.amounts.keys().cloned().map(BookedAmount::Named);
        [BookedAmount::Arr, BookedAmount::Tcv].into_iter().chain(named)
    }
}

impl CreditNote {
    /// What the note takes from an amount of its booking. A note that names `arr` without `tcv` also takes ARR x months / 12
    /// from the total contract value of a booking that has none of its own (calculation.md 2).
    pub fn taken(&self, booking: &Booking, of: &BookedAmount) -> Exact {
        let named = match of {
            BookedAmount::Arr => self.arr,
            BookedAmount::Tcv => match (self.tcv, self.arr, booking.tcv) {
                (None, Some(arr), None) => return arr.exact() * Exact::ratio(i128::from(booking.months()), 12),
                (own, _, _) => own,
            },
            BookedAmount::Named(name) => self.amounts.get(name).copied(),
        };
        named.map_or(Exact::ZERO, Amount::exact)
    }
}
