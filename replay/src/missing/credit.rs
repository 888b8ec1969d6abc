//! Credit to payees whose assignments do not measure it, and things with less than all of their primary credit.

use ledger::date::Day;
use ledger::exact::Exact;
use ledger::fact::{Role, Share};
use ledger::id::{AccountId, BookingId, ContractId, Name, PayeeId, PlanId};
use plans::credit::coverage::{Measurable, Thing};
use plans::credit::hierarchy::CreditShares;
use plans::item::Subject;
use plans::term::Term;
use projections::credit_graph::CreditGraph;
use projections::position::Position;

use crate::missing::scope::{Scope, UsedDays};

/// Something that payees have credit of.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum CreditedThing {
    /// A booking.
    Booking(BookingId),
    /// The usage of a contract.
    Usage {
        /// The contract.
        contract: ContractId,
        /// Its account.
        account: AccountId,
    },
    /// A signal.
    Signal {
        /// Its name.
        signal: Name,
        /// The position of its entry.
        position: Position,
    },
}

/// A share of a payee without an assignment that measures it.
#[derive(Clone, Debug)]
pub struct UnassignedCredit {
    /// The payee.
    pub payee: PayeeId,
    /// The role of the share.
    pub role: Role,
    /// The share as a fraction.
    pub share: Exact,
    /// Of what it is.
    pub of: CreditedThing,
    /// The date of the booking or signal; of usage, the first day without an assignment.
    pub at: Day,
    /// The plan of an assignment of that day, which does not measure it; `None` if the payee has no assignment then.
    pub plan: Option<PlanId>,
}

/// Something with less than 100 % primary credit that a component would measure.
#[derive(Clone, Debug)]
pub struct Uncredited {
    /// What it is.
    pub of: CreditedThing,
    /// Its date; of usage, the first day with too little credit.
    pub at: Day,
    /// The sum of its primary shares, as a fraction.
    pub primary: Exact,
}

/// A thing with its shares, as both questions look at it.
struct SharedThing<'k> {
    of: CreditedThing,
    thing: Thing<'k>,
    shares: Shares<'k>,
}

enum Shares<'k> {
    Split(&'k [Share]),
    Whole(&'k PayeeId),
}

/// Shares of bookings, usage and signals whose payees are not paid on them. What no plan in force would measure, whoever had
/// credit, counts only for payees without any assignment. Usage counts only on days on which its payee has none.
pub(super) fn unassigned_credit<'k>(scope: &Scope<'_, 'k>, usage: &[UsedDays<'k>]) -> Vec<UnassignedCredit> {
    let mut found = Vec::new();
    for shared in dated(scope) {
        match shared.shares {
            Shares::Split(shares) => found.extend(shares.iter().filter_map(|share| {
                let own = CreditShares::Split(std::slice::from_ref(share));
                unassigned(scope, &shared, &share.payee, own, (share.role, share.percent.exact()))
            })),
            Shares::Whole(payee) => {
                found.extend(unassigned(scope, &shared, payee, CreditShares::Whole(payee), (Role::Primary, Exact::ONE)))
            }
        }
    }
    let mut of_usage = unassigned_usage(scope, usage);
    of_usage.sort_by(|one, other| (&one.of, &one.payee, one.at).cmp(&(&other.of, &other.payee, other.at)));
    of_usage.dedup_by(|one, other| (&one.of, &one.payee) == (&other.of, &other.payee));
    found.extend(of_usage);
    found
}

/// The bookings, then the signals, each by date.
fn dated<'k>(scope: &Scope<'_, 'k>) -> Vec<SharedThing<'k>> {
    let graph = CreditGraph::of(scope.view());
    let bookings = scope.bookings().into_iter().map(|booking| {
        let day = booking.fact.at;
        SharedThing {
            of: CreditedThing::Booking(booking.fact.booking.clone()),
            thing: Thing { kind: Measurable::Booking, subject: Subject::of_booking(booking), day },
            shares: Shares::Split(graph.shares_of_booking(booking, day).map_or(&[], |(_, shares)| shares)),
        }
    });
    let signals = scope.signals().map(|signal| SharedThing {
        of: CreditedThing::Signal { signal: signal.fact.signal.clone(), position: signal.position },
        thing: scope.signal(signal),
        shares: match &signal.fact.payee {
            Some(payee) => Shares::Whole(payee),
            None => {
                let shares = graph.shares_of_signal(signal.fact, scope.context.day);
                Shares::Split(shares.map_or(&[], |(_, shares)| shares))
            }
        },
    });
    bookings.chain(signals).collect()
}

fn unassigned<'k>(
    scope: &Scope<'_, 'k>,
    shared: &SharedThing<'k>,
    payee: &'k PayeeId,
    own: CreditShares<'_>,
    (role, share): (Role, Exact),
) -> Option<UnassignedCredit> {
    let day = shared.thing.day;
    let terms = scope.coverage.terms(payee.as_str());
    let plan = terms.iter().find(|term| term.contains(day)).map(|term| term.assignment.fact.plan.clone());
    if scope.coverage.pays(payee.as_str(), &shared.thing, own) {
        return None;
    }
    // Signals that no component measures are not credited to anybody.
    let is_signal = matches!(shared.of, CreditedThing::Signal { .. });
    if (plan.is_some() || is_signal) && !scope.coverage.is_measured(&shared.thing) {
        return None;
    }
    Some(UnassignedCredit { payee: payee.clone(), role, share, of: shared.of.clone(), at: day, plan })
}

/// Shares of usage that a component would measure, of payees who have no assignment on some day on which they have the share.
fn unassigned_usage<'k>(scope: &Scope<'_, 'k>, usage: &[UsedDays<'k>]) -> Vec<UnassignedCredit> {
    let mut found = Vec::new();
    for used in usage {
        if !is_usage_measured(scope, used) {
            continue;
        }
        let days = (used.from, used.to);
        for (first, last, shares) in scope.context.credit.splits_of(used.contract, days).intervals(days) {
            for share in shares {
                let terms = scope.coverage.terms(share.payee.as_str());
                found.extend(first_free(&terms, first).filter(|at| *at <= last).map(|at| UnassignedCredit {
                    payee: share.payee.clone(),
                    role: share.role,
                    share: share.percent.exact(),
                    of: of_usage(used),
                    at,
                    plan: None,
                }));
            }
        }
    }
    found
}

/// The first day from `day` on that is in no assignment; `None` if there is none.
fn first_free(terms: &[Term<'_>], mut day: Day) -> Option<Day> {
    while let Some(term) = terms.iter().find(|term| term.contains(day)) {
        if term.last == Day::LAST {
            return None;
        }
        day = term.last.next();
    }
    Some(day)
}

fn is_usage_measured<'k>(scope: &Scope<'_, 'k>, used: &UsedDays<'k>) -> bool {
    scope.coverage.is_measured(&scope.usage_on(used, used.to))
}

fn of_usage(used: &UsedDays<'_>) -> CreditedThing {
    CreditedThing::Usage { contract: used.contract.id.clone(), account: used.contract.account.clone() }
}

/// Bookings, usage and signals that a component in force would measure and whose primary shares sum to less than 100 %.
pub(super) fn uncredited<'k>(scope: &Scope<'_, 'k>, usage: &[UsedDays<'k>]) -> Vec<Uncredited> {
    let mut found: Vec<Uncredited> = Vec::new();
    for SharedThing { of, thing, shares } in dated(scope) {
        let Shares::Split(shares) = shares else { continue };
        let primary = primary(shares);
        if primary < Exact::ONE && scope.coverage.is_measured(&thing) {
            found.push(Uncredited { of, at: thing.day, primary });
        }
    }
    let mut of_contracts: Vec<Uncredited> = Vec::new();
    for used in usage {
        let days = (used.from, used.to);
        let splits = scope.context.credit.splits_of(used.contract, days).intervals(days);
        let lacking = splits.into_iter().find(|(_, _, shares)| primary(shares) < Exact::ONE);
        if let Some((at, _, shares)) = lacking.filter(|_| is_usage_measured(scope, used)) {
            of_contracts.push(Uncredited { of: of_usage(used), at, primary: primary(shares) });
        }
    }
    of_contracts.sort_by(|one, other| (&one.of, one.at).cmp(&(&other.of, other.at)));
    of_contracts.dedup_by(|one, other| one.of == other.of);
    found.extend(of_contracts);
    found
}

fn primary(shares: &[Share]) -> Exact {
    shares.iter().filter(|share| share.role == Role::Primary).map(|share| share.percent.exact()).sum()
}
