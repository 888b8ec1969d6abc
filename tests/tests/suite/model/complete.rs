//! Usage that has not arrived, and what is decided without it (calculation.md 2, 7, 8).

use super::calendar::{Day, Span};
use super::known::{Booking, Known};
use super::log::{day, text};
use super::number::zero;

/// Whether something holds, where usage to come may leave it open.
#[derive(Copy, Clone, PartialEq)]
pub enum Answer {
    Yes,
    No,
    Open,
}

impl Answer {
    pub fn of(yes: bool) -> Answer {
        if yes { Answer::Yes } else { Answer::No }
    }

    /// Of several that must all hold, one that does not decides; else one that is open leaves all open.
    pub fn all(answers: &[Answer]) -> Answer {
        if answers.contains(&Answer::No) {
            Answer::No
        } else if answers.contains(&Answer::Open) {
            Answer::Open
        } else {
            Answer::Yes
        }
    }
}

impl Known<'_> {
    /// The day through which the usage of an account is complete: by its own facts if there are any, else by everybody's.
    fn complete_through(&self, account: &str) -> Option<Day> {
        let latest = |whose: Option<&str>| {
            let facts = self.ever("usage-complete").filter(|(_, fact)| text(fact, "account") == whose);
            facts.filter_map(|(_, fact)| day(fact, "at")).max()
        };
        latest(Some(account)).or_else(|| latest(None))
    }

    /// Whether usage of the window before a day has not arrived.
    pub fn is_open(&self, booking: &Booking, day: Day, span: Span) -> bool {
        let Some(complete) = self.complete_through(&booking.account) else { return false };
        let is_promised = |day: &Day| booking.in_force(*day) && booking.arr_on(*day) > zero();
        span.window_before(day).days().any(|day| day > complete && is_promised(&day))
    }
}
