//! Bookings that are probably a slip of the pen: on an account that nothing else names although accounts are listed, or dated long
//! after everything else. Only a recording looks for them, when all of its facts are known.

use std::collections::{BTreeMap, BTreeSet};

use ledger::date::Day;
use ledger::fact::Booking;
use ledger::id::{AccountId, BookingId};
use ledger::nearest::nearest;
use projections::position::Position;
use projections::view::FactRef;

use crate::missing::scope::Scope;

/// An account with new bookings, that nothing else names.
#[derive(Clone, Debug)]
pub struct UnknownAccount {
    /// The account.
    pub account: AccountId,
    /// The first of its bookings.
    pub booking: BookingId,
    /// The date of that one.
    pub at: Day,
    /// How many bookings it has.
    pub bookings: usize,
    /// The listed account that is spelled nearly so, if there is one.
    pub nearest: Option<AccountId>,
}

/// A booking that is dated long after everything else.
#[derive(Clone, Debug)]
pub struct FarBooking {
    /// The booking.
    pub booking: BookingId,
    /// Its account.
    pub account: AccountId,
    /// Its date.
    pub at: Day,
    /// The latest date of other facts and of usage, or the day of recording, whichever is later.
    pub latest: Day,
}

/// How many days a booking may be dated after everything else.
const DAYS_AHEAD_MAX: i32 = 366;

/// Accounts with new bookings that no `account` fact and no earlier booking or usage names, by name. None where fewer than half of the
/// accounts with contracts have an `account` fact: accounts are not listed then.
pub(super) fn unknown_accounts(scope: &Scope<'_>) -> Vec<UnknownAccount> {
    let view = scope.view();
    let knowledge = view.knowledge;
    let is_listed =
        |account: &AccountId| knowledge.accounts.get(account).is_some_and(|facts| view.live(facts).next().is_some());
    let is_known = |account: &AccountId| {
        is_listed(account) || knowledge.contracts_of(account).any(|contract| !scope.is_new(contract.since))
    };
    let mut found: BTreeMap<&AccountId, UnknownAccount> = BTreeMap::new();
    for Booking { booking, account, at, .. } in scope.of_kind::<Booking>().map(|booking| booking.fact) {
        if let Some(known) = found.get_mut(account) {
            known.bookings += 1;
        } else if !is_known(account) {
            let (booking, account_id) = (booking.clone(), account.clone());
            let unknown = UnknownAccount { account: account_id, booking, at: *at, bookings: 1, nearest: None };
            found.insert(account, unknown);
        }
    }
    if found.is_empty() {
        return Vec::new();
    }
    let all: BTreeSet<&AccountId> = knowledge.contracts().map(|contract| &contract.account).collect();
    let listed = all.iter().filter(|account| is_listed(account)).count();
    if listed * 2 < all.len() {
        return Vec::new();
    }
    let with_nearest = found.into_values().map(|unknown| {
        let listed = knowledge.accounts.sorted().into_iter().map(|(account, _)| account.as_str());
        let nearest = nearest(unknown.account.as_str(), listed).and_then(AccountId::new);
        UnknownAccount { nearest, ..unknown }
    });
    with_nearest.collect()
}

/// New bookings dated more than a year after the day of recording and after every other fact and all usage, by date. Bookings that
/// follow each other within a year do not count as far from each other.
pub(super) fn far_bookings(scope: &Scope<'_>, recorded: Day) -> Vec<FarBooking> {
    let new = scope.of_kind::<Booking>().filter(|booking| is_far(recorded, booking.fact.at));
    let ahead: Vec<FactRef<'_, Booking>> = new.collect();
    let Some(others) = latest_of_others(scope, &ahead) else { return Vec::new() };
    let mut latest = others.max(recorded);
    let mut found = Vec::new();
    for Booking { booking, account, at, .. } in ahead.iter().map(|booking| booking.fact) {
        if is_far(latest, *at) {
            found.push(FarBooking { booking: booking.clone(), account: account.clone(), at: *at, latest });
        } else {
            latest = latest.max(*at);
        }
    }
    found
}

fn is_far(from: Day, to: Day) -> bool {
    to.number() - from.number() > DAYS_AHEAD_MAX
}

/// The latest date of facts in force other than these bookings, and of usage; `None` without any, or without these bookings.
fn latest_of_others(scope: &Scope<'_>, ahead: &[FactRef<'_, Booking>]) -> Option<Day> {
    if ahead.is_empty() {
        return None;
    }
    let (view, knowledge) = (scope.view(), scope.view().knowledge);
    let ahead: BTreeSet<Position> = ahead.iter().map(|booking| booking.position).collect();
    let facts = knowledge.facts().filter(|known| view.in_force(known.position) && !ahead.contains(&known.position));
    let dates = facts.filter_map(|known| known.fact.body.at());
    dates.chain(knowledge.runs().filter_map(|run| run.run.last_day())).max()
}
