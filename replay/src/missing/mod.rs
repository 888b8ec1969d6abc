//! What nobody is paid for, and what is lacking: counted and told once, when a month is previewed or closed and when facts are
//! recorded (docs/cli.md, What is missing). It is information beside the figures and changes none of them.
//!
//! A close looks at the facts that are dated in the month, and at earlier ones that were recorded since the last close; a
//! recording looks at what it has recorded. So the cost grows with what is new, and nothing is told again with every month.

pub mod credit;
pub mod evaluated;
mod scope;
pub mod unpaid;
pub mod usage;
pub mod values;

use ledger::date::Day;
use plans::context::Context;
use plans::evaluation_fault::UsageEndsEarly;
use plans::why::Detail;
use projections::view::View;

use crate::close::Preview;
use crate::missing::credit::{UnassignedCredit, Uncredited, unassigned_credit, uncredited};
use crate::missing::evaluated::{NoQuota, ends_early, no_quota};
use crate::missing::scope::Scope;
use crate::missing::unpaid::{Unpaid, unpaid};
use crate::missing::usage::{IdleCommitment, UnattributedUsage, idle_commitments, unattributed_usage};
use crate::missing::values::{UnknownManager, UnmatchedValue, unknown_managers, unmatched_values};
use crate::state::State;

/// What is missing, by class. Each list has an order that follows from the facts.
#[derive(Default, Debug)]
pub struct MissingFindings {
    /// Bookings, usage and signals that no component pays anybody for.
    pub unpaid: Vec<Unpaid>,
    /// Credit to a payee without an assignment that measures it on that date.
    pub unassigned_credit: Vec<UnassignedCredit>,
    /// Primary shares under 100 %.
    pub uncredited: Vec<Uncredited>,
    /// Usage of a contract without a booking in force.
    pub unattributed_usage: Vec<UnattributedUsage>,
    /// Conditions decided against the payee on usage that ends before their window does.
    pub usage_ends_early: Vec<UsageEndsEarly>,
    /// Contracts with a commitment and no usage in the month.
    pub no_usage: Vec<IdleCommitment>,
    /// Values of motion, segment, region and product, and names of signals, that no plan names.
    pub unmatched_values: Vec<UnmatchedValue>,
    /// Credited payees without a quota where one is needed.
    pub no_quota: Vec<NoQuota>,
    /// Managers of whom nothing is recorded. Only a recording looks for them.
    pub unknown_managers: Vec<UnknownManager>,
}

/// What is missing from the month of a preview. The state must be the one that was previewed.
pub fn missing_of_close(state: &State, preview: &Preview) -> MissingFindings {
    let (view, day) = (View::new(&state.knowledge, preview.known), preview.period.last());
    let context = Context::new(view, &state.rules, day, Detail::Figures);
    let last = state.posted.last_close();
    let (closed, since) = last.map_or((None, 0), |last| (Some(last.close.period.last()), last.close.known));
    let scope = Scope::of_close(&context, closed, since);
    let usage = scope.usage();
    MissingFindings {
        unpaid: unpaid(&scope, &usage),
        unassigned_credit: unassigned_credit(&scope, &usage),
        uncredited: uncredited(&scope, &usage),
        unattributed_usage: unattributed_usage(&scope, &usage),
        usage_ends_early: ends_early(&scope, &preview.gaps),
        no_usage: idle_commitments(&scope, preview.period),
        unmatched_values: unmatched_values(&scope),
        no_quota: no_quota(&scope, &preview.gaps),
        unknown_managers: Vec::new(),
    }
}

/// What is missing as far as the facts show it that were recorded at positions from `since` on. Nothing is evaluated, so that
/// what only a close can tell is not in it: who is paid, commitments without usage, conditions and quotas.
pub fn missing_of_recorded(state: &State, since: u64) -> MissingFindings {
    let view = View::new(&state.knowledge, state.size());
    let context = Context::new(view, &state.rules, Day::LAST, Detail::Figures);
    let scope = Scope::of_recorded(&context, since);
    let usage = scope.usage();
    let mut uncredited = uncredited(&scope, &usage);
    // Shares under 100 % in a fact are a warning about that fact.
    uncredited.retain(|thing| thing.primary.is_zero());
    MissingFindings {
        unassigned_credit: unassigned_credit(&scope, &usage),
        uncredited,
        unattributed_usage: unattributed_usage(&scope, &usage),
        unmatched_values: unmatched_values(&scope),
        unknown_managers: unknown_managers(&scope),
        ..MissingFindings::default()
    }
}
