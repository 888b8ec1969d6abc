//! What nobody is paid for, and what is lacking: counted and told once, when a month is previewed or closed and when facts are
//! recorded (docs/cli.md, What is missing). It is information beside the figures and changes none of them.
//!
//! A close looks at the facts that are dated in the month, and at earlier ones that were recorded since the last close; a
//! recording looks at what it has recorded. So the cost grows with what is new, and nothing is told again with every month.

pub mod credit;
mod dated;
pub mod evaluated;
mod findings;
mod scope;
pub mod slips;
pub mod unpaid;
pub mod usage;
mod used;
pub mod values;

use ledger::date::{Day, Month};
use plans::context::Context;
use plans::credit::coverage::Coverage;
use plans::why::Detail;
use projections::view::View;

use crate::close::Preview;
use crate::missing::dated::{bookings, signals};
use crate::missing::evaluated::{ends_early, no_quota};
pub use crate::missing::findings::MissingFindings;
use crate::missing::scope::{FactWindow, Scope};
use crate::missing::slips::{far_bookings, unknown_accounts};
use crate::missing::used::usage;
use crate::missing::values::{unknown_managers, unmatched_values};
use crate::state::State;

/// What is missing from the month of a preview. The state must be the one that was previewed.
pub fn missing_of_close(state: &State, preview: &Preview) -> MissingFindings {
    let (view, day) = (View::new(&state.knowledge, preview.known), preview.period.last());
    let context = Context::new(view, &state.rules, day, Detail::Figures);
    let last = state.posted.last_close();
    let window =
        last.map_or(FactWindow::up_to(day), |last| FactWindow::after(last.close.period.last(), day, last.close.known));
    let scope = Scope::of(Coverage::of(context), window);
    MissingFindings {
        usage_ends_early: ends_early(&scope, &preview.gaps),
        unmatched_values: unmatched_values(&scope),
        no_quota: no_quota(&scope, &preview.gaps),
        ..looked_at(&scope, Some(preview.period))
    }
}

/// What is missing as far as the facts show it that were recorded at positions from `since` on. Nothing is evaluated, so that
/// what only a close can tell is not in it: who is paid, commitments without usage, conditions and quotas.
pub fn missing_of_recorded(state: &State, since: u64) -> MissingFindings {
    let view = View::new(&state.knowledge, state.size());
    let context = Context::new(view, &state.rules, Day::LAST, Detail::Figures);
    let scope = Scope::of(Coverage::of(context), FactWindow::recorded(since));
    let mut found = MissingFindings {
        unmatched_values: unmatched_values(&scope),
        unknown_managers: unknown_managers(&scope),
        unknown_accounts: unknown_accounts(&scope),
        far_bookings: far_bookings(&scope, day_of(state.last_recorded())),
        ..looked_at(&scope, None)
    };
    found.unpaid.clear();
    // Shares under 100 % in a fact are a warning about that fact.
    found.uncredited.retain(|thing| thing.primary.is_zero());
    found
}

/// The day of a time in microseconds since 1970, in UTC.
fn day_of(recorded: u64) -> Day {
    const DAY: u64 = 24 * 60 * 60 * 1_000_000;
    i64::try_from(recorded / DAY).ok().and_then(Day::from_number).unwrap_or(Day::LAST)
}

/// What bookings, usage and signals lack, in this order; and the commitments of a month that have no usage in it.
fn looked_at(scope: &Scope<'_>, committed_in: Option<Month>) -> MissingFindings {
    let mut found = MissingFindings::default();
    bookings(scope, &mut found);
    usage(scope, committed_in, &mut found);
    signals(scope, &mut found);
    found
}
