//! What usage lacks, contract by contract: whether anybody is paid for it, whether its credit is whole and of payees with an
//! assignment, and whether a booking is in force.

use ledger::date::{Day, Month};
use ledger::exact::Exact;
use ledger::fact::{Role, Share};
use ledger::id::AccountId;
use plans::context::Context;
use plans::credit::coverage::{Coverage, Measurable, Thing};
use plans::credit::index::ContractSplits;
use plans::incremental::day_ranges::DayRanges;
use plans::incremental::dependencies::has_usage_gates;
use plans::item::Subject;
use plans::term::Term;
use projections::knowledge::{Contract, MeteredRun};
use projections::usage::UsageColumn;
use projections::view::View;

use crate::evaluation::parallel;
use crate::missing::credit::{CreditedThing, UnassignedCredit, Uncredited, primary};
use crate::missing::findings::MissingFindings;
use crate::missing::scope::{FactWindow, Scope};
use crate::missing::unpaid::{Unpaid, UnpaidThing, rounded};
use crate::missing::usage::{UnattributedUsage, depends_on_usage, idle_commitment, in_term};

/// How many contracts a thread takes at a time.
const TAKEN: usize = 256;

/// Adds what usage lacks, by contract, account and meter; and the commitments of a month, if one is given, that have no usage in
/// it.
pub(super) fn usage(scope: &Scope<'_>, committed_in: Option<Month>, found: &mut MissingFindings) {
    let committed_in = committed_in.filter(|period| depends_on_usage(scope, *period));
    let contracts = scope.contracts();
    let taken: Vec<&[&Contract]> = contracts.chunks(TAKEN).collect();
    let Context { view, rules, day, detail, .. } = scope.coverage.context;
    let window = scope.window;
    let (parts, _) = parallel::each(
        &taken,
        || Coverage::of(Context::new(view, rules, day, detail)),
        |coverage, contracts| {
            let mut found = MissingFindings::default();
            for contract in *contracts {
                let used = used_days(coverage.context.view, window, contract);
                if let Some(period) = committed_in
                    && used.iter().all(|used| used.last < period.first())
                {
                    found.no_usage.extend(idle_commitment(coverage.context.view, contract, period));
                }
                look(coverage, contract, used, &mut found);
            }
            found
        },
        drop,
    );
    let mut all = MissingFindings::default();
    for part in parts {
        all.unpaid.extend(part.unpaid);
        all.unassigned_credit.extend(part.unassigned_credit);
        all.uncredited.extend(part.uncredited);
        all.unattributed_usage.extend(part.unattributed_usage);
        all.no_usage.extend(part.no_usage);
    }
    all.unpaid.sort_by(|one, other| one.thing.cmp(&other.thing));
    all.unassigned_credit.sort_by(|one, other| (&one.of, &one.payee).cmp(&(&other.of, &other.payee)));
    all.uncredited.sort_by(|one, other| one.of.cmp(&other.of));
    all.unattributed_usage.sort_by(|one, other| {
        let key =
            |used: &UnattributedUsage| (used.contract.clone(), used.account.clone(), used.meter.clone(), used.from);
        key(one).cmp(&key(other))
    });
    all.no_usage.sort_by(|one, other| (&one.contract, &one.account).cmp(&(&other.contract, &other.account)));
    found.no_usage.extend(all.no_usage);
    found.unpaid.extend(all.unpaid);
    found.unassigned_credit.extend(all.unassigned_credit);
    found.uncredited.extend(all.uncredited);
    found.unattributed_usage.extend(all.unattributed_usage);
}

/// The usage of a contract on one meter, and the days of it that are looked at.
struct UsedDays<'k> {
    run: &'k MeteredRun,
    days: DayRanges,
    first: Day,
    last: Day,
}

/// The usage of a contract that is looked at, by meter.
fn used_days<'k>(view: View<'k>, window: FactWindow, contract: &'k Contract) -> Vec<UsedDays<'k>> {
    let used = view.runs_of(contract).filter_map(|run| {
        let days = window.days_of(view, run);
        let (first, last) = (days.ranges().first()?.0, days.ranges().last()?.1);
        Some(UsedDays { run, days, first, last })
    });
    used.collect()
}

/// Adds what the usage of one contract lacks.
fn look<'k>(coverage: &Coverage<'k>, contract: &'k Contract, used: Vec<UsedDays<'k>>, found: &mut MissingFindings) {
    let view = coverage.context.view;
    let first = used.iter().map(|used| used.first).min();
    let last = used.iter().map(|used| used.last).max();
    let (Some(first), Some(last)) = (first, last) else { return };
    let mut days = DayRanges::none();
    used.iter().flat_map(|used| used.days.ranges()).for_each(|(from, to)| days.add(*from, *to));
    let splits = coverage.context.credit.splits_of(contract, (first, last));
    let intervals = days.ranges().iter().flat_map(|days| splits.intervals(*days));
    let intervals: Vec<SharedDays<'k>> = intervals.collect();
    // The cheapest first.
    if !intervals.iter().any(|shared| pays_all(coverage, shared)) && !is_read(coverage, contract, last) {
        found.unpaid.extend(used.iter().filter_map(|used| unpaid(coverage, contract, &splits, used)));
    }
    credit(coverage, contract, &intervals, &used, found);
    let free = used.iter().filter_map(|used| unattributed(view, contract, used));
    found.unattributed_usage.extend(free);
}

/// Days on which the shares of a contract's usage are the same: the first, the last, and the shares.
type SharedDays<'k> = (Day, Day, &'k [Share]);

/// Whether a primary share is of a payee whose plan pays for all usage.
fn pays_all<'k>(coverage: &Coverage<'k>, (first, last, shares): &SharedDays<'k>) -> bool {
    let mut primary = shares.iter().filter(|share| share.role == Role::Primary).map(|share| share.payee.as_str());
    primary.any(|payee| coverage.pays_all_usage(payee, *first) || coverage.pays_all_usage(payee, *last))
}

/// Usage on a day as something that a component may measure.
fn usage_on<'k>(contract: &'k Contract, used: &UsedDays<'k>, day: Day) -> Thing<'k> {
    let subject = Subject::of_contract(&contract.id, &contract.account);
    Thing { kind: Measurable::Usage(used.run), subject, day }
}

/// Usage that nobody is paid for. Where shares change, the first and the last day of each interval are looked at.
fn unpaid<'k>(
    coverage: &Coverage<'k>,
    contract: &'k Contract,
    splits: &ContractSplits<'k>,
    used: &UsedDays<'k>,
) -> Option<Unpaid> {
    let mut intervals = used.days.ranges().iter().flat_map(|days| splits.intervals(*days));
    let is_paid = intervals.any(|(first, last, shares)| {
        [first, last].into_iter().any(|day| coverage.pays_anybody(&usage_on(contract, used, day), shares))
    });
    if is_paid {
        return None;
    }
    let view = coverage.context.view;
    let amounts = used.days.ranges().iter().map(|(from, to)| view.usage(used.run, *from, *to, UsageColumn::Amount));
    let amount: Exact = amounts.sum();
    let thing = UnpaidThing::Usage {
        contract: contract.id.clone(),
        account: contract.account.clone(),
        meter: used.run.run.meter.clone(),
        from: used.first,
        to: used.last,
    };
    Some(Unpaid { thing, worth: rounded(&amount, used.run.currency) })
}

/// Whether an installment or clawback of a booking depends on the usage of a contract.
fn is_read(coverage: &Coverage<'_>, contract: &Contract, day: Day) -> bool {
    let components = coverage.components_on(day);
    components.iter().any(|component| has_usage_gates(component))
        && coverage.context.view.bookings_of(contract).next().is_some()
}

/// Adds shares of usage of payees without an assignment on some day on which they have the share, and days with too little primary
/// credit, where a component would measure the usage.
fn credit<'k>(
    coverage: &Coverage<'k>,
    contract: &'k Contract,
    intervals: &[SharedDays<'k>],
    used: &[UsedDays<'k>],
    found: &mut MissingFindings,
) {
    let of = || CreditedThing::Usage { contract: contract.id.clone(), account: contract.account.clone() };
    let mut shares_found: Vec<UnassignedCredit> = Vec::new();
    let mut too_little = None;
    for (first, last, shares) in intervals.iter().copied() {
        let sum = primary(shares);
        if sum < Exact::ONE && too_little.is_none() {
            too_little = Some(Uncredited { of: of(), at: first, primary: sum });
        }
        for share in shares {
            let terms = coverage.terms(share.payee.as_str());
            let is_told = |known: &UnassignedCredit| known.payee == share.payee;
            if let Some(at) = first_free(&terms, first).filter(|at| *at <= last)
                && !shares_found.iter().any(is_told)
            {
                let (payee, role, share) = (share.payee.clone(), share.role, share.percent.exact());
                shares_found.push(UnassignedCredit { payee, role, share, of: of(), at, plan: None });
            }
        }
    }
    if shares_found.is_empty() && too_little.is_none() {
        return;
    }
    if used.iter().any(|used| coverage.is_measured(&usage_on(contract, used, used.last))) {
        found.unassigned_credit.extend(shares_found);
        found.uncredited.extend(too_little);
    }
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

/// Usage of days on which no booking of its contract is in force.
fn unattributed(view: View<'_>, contract: &Contract, used: &UsedDays<'_>) -> Option<UnattributedUsage> {
    let mut free = DayRanges::none();
    for days in used.days.ranges() {
        add_without_booking(view, contract, *days, &mut free);
    }
    let ((from, _), (_, to)) = (free.ranges().first()?, free.ranges().last()?);
    let amounts = free.ranges().iter().map(|(from, to)| view.usage(used.run, *from, *to, UsageColumn::Amount));
    let amount: Exact = amounts.sum();
    Some(UnattributedUsage {
        contract: contract.id.clone(),
        account: contract.account.clone(),
        meter: used.run.run.meter.clone(),
        from: *from,
        to: *to,
        worth: rounded(&amount, used.run.currency),
        is_account_known: is_account_known(view, &contract.account),
    })
}

/// Adds the days of `from ..= to` on which no booking of a contract is in term and not cancelled.
fn add_without_booking(view: View<'_>, contract: &Contract, (from, to): (Day, Day), free: &mut DayRanges) {
    let terms = view.bookings_of(contract).filter(|booking| {
        let (first, last) = booking.fact.term();
        first <= to && last >= from
    });
    let mut terms: Vec<(Day, Day)> = terms.map(|booking| in_term(view, booking)).collect();
    terms.sort_unstable();
    let mut next = from;
    for (first, last) in terms.into_iter().filter(|(first, last)| first <= last && *last >= from) {
        if next < first {
            free.add(next, first.previous());
        }
        if last >= to {
            return;
        }
        next = next.max(last.next());
    }
    free.add(next, to);
}

fn is_account_known(view: View<'_>, account: &AccountId) -> bool {
    let stated = view.knowledge.accounts.get(account).is_some_and(|facts| view.live(facts).next().is_some());
    stated || view.knowledge.contracts_of(account).any(|contract| view.bookings_of(contract).next().is_some())
}
