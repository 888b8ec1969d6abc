//! What nobody is paid for and what is lacking, in words: one sentence for each class, with its count, what it is worth, the first
//! few of its items, and what to do.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use ledger::money::{Currency, Money};
use plans::evaluation_fault::{PaidWithoutQuota, UsageEndsEarly};
use plans::filter::ValueKind;
use replay::missing::credit::{CreditedThing, UnassignedCredit, Uncredited};
use replay::missing::evaluated::NoQuota;
use replay::missing::slips::{FarBooking, UnknownAccount};
use replay::missing::unpaid::{Unpaid, UnpaidThing};
use replay::missing::usage::{IdleCommitment, UnattributedUsage};
use replay::missing::values::{UnknownManager, UnmatchedValue};

use crate::render::amount::{amount, percent};
use crate::wording::Wording;

/// How many items of a class are named; the rest is counted.
const NAMED_MAX: usize = 3;

/// A class of what is missing, in words.
pub struct MissingClass {
    /// What the class has, whatever its items are.
    pub what: &'static str,
    /// What they are worth, one sum for each currency.
    pub worth: Vec<Money>,
    /// The code, the sentence and the help.
    pub wording: Wording,
}

impl MissingClass {
    /// The name of the class, as it is published: the code without its first word.
    pub fn class(&self) -> &'static str {
        let code = self.wording.code;
        code.split_once('-').map_or(code, |(_, class)| class)
    }
}

/// The sums by currency.
fn sums(amounts: impl Iterator<Item = Option<Money>>) -> Vec<Money> {
    let mut sums: BTreeMap<Currency, Money> = BTreeMap::new();
    for money in amounts.flatten() {
        *sums.entry(money.currency).or_insert(Money::zero(money.currency)) += money;
    }
    sums.into_values().filter(|sum| !sum.is_zero()).collect()
}

/// ` (7,000.00 USD)`; nothing without a sum.
fn worth(sums: &[Money]) -> String {
    let sums: Vec<String> = sums.iter().map(|sum| format!("{} {}", amount(*sum), sum.currency)).collect();
    if sums.is_empty() { String::new() } else { format!(" ({})", sums.join(", ")) }
}

fn counted(count: usize, one: &str, more: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {more}") }
}

/// The first few, and how many more there are.
fn named<T>(items: &[T], name: impl Fn(&T) -> String) -> String {
    let first: Vec<String> = items.iter().take(NAMED_MAX).map(name).collect();
    match items.len().saturating_sub(NAMED_MAX) {
        0 => first.join(", "),
        more => format!("{}, and {more} more", first.join(", ")),
    }
}

/// `a, b and c`.
fn listed(parts: Vec<String>) -> String {
    match parts.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => parts.concat(),
    }
}

/// `contract`, or `account/contract` where they differ; with a meter, `contract meter`.
fn contract(contract: &impl Display, account: &impl Display, meter: Option<&impl Display>) -> String {
    let (contract, account) = (contract.to_string(), account.to_string());
    let meter = meter.map_or_else(String::new, |meter| format!(" {meter}"));
    if contract == account { format!("`{contract}{meter}`") } else { format!("`{account}/{contract}{meter}`") }
}

/// What to do, and where all items are, if not all are named.
fn help(what: &str, items: usize) -> String {
    let all = if items > NAMED_MAX { "; `--format json` lists all of them" } else { "" };
    format!("{what}{all}")
}

/// What nobody is paid for.
pub fn unpaid(items: &[Unpaid]) -> MissingClass {
    let of = |is: fn(&UnpaidThing) -> bool| items.iter().filter(move |item| is(&item.thing));
    let bookings = || of(|thing| matches!(thing, UnpaidThing::Booking { .. }));
    let usage = || of(|thing| matches!(thing, UnpaidThing::Usage { .. }));
    let signals = || of(|thing| matches!(thing, UnpaidThing::Signal { .. }));
    let contracts: BTreeSet<_> = usage()
        .filter_map(|item| match &item.thing {
            UnpaidThing::Usage { contract, account, .. } => Some((contract, account)),
            UnpaidThing::Booking { .. } | UnpaidThing::Signal { .. } => None,
        })
        .collect();
    let group = |count: usize, named: String, sums: Vec<Money>| (count > 0).then(|| named + &worth(&sums));
    let parts = [
        group(
            bookings().count(),
            counted(bookings().count(), "booking", "bookings"),
            sums(bookings().map(|item| item.worth)),
        ),
        group(
            contracts.len(),
            format!("the usage of {}", counted(contracts.len(), "contract", "contracts")),
            sums(usage().map(|item| item.worth)),
        ),
        group(
            signals().count(),
            counted(signals().count(), "signal", "signals"),
            sums(signals().map(|item| item.worth)),
        ),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let message = format!("nobody is paid for {}: {}", listed(parts), named(items, unpaid_name));
    let help = help("if a plan should pay: look at credit, assignments, and `where` in the plans", items.len());
    MissingClass {
        what: "bookings, usage and signals that no component pays anybody for",
        worth: sums(items.iter().map(|item| item.worth)),
        wording: Wording::new("missing-unpaid", message, help),
    }
}

fn unpaid_name(item: &Unpaid) -> String {
    match &item.thing {
        UnpaidThing::Booking { booking, .. } => format!("booking `{booking}`"),
        UnpaidThing::Usage { contract: id, account, meter, .. } => {
            format!("usage {}", contract(id, account, meter.as_ref()))
        }
        UnpaidThing::Signal { signal, position, .. } => format!("signal `{signal}` (entry {position})"),
    }
}

fn thing_name(thing: &CreditedThing) -> String {
    match thing {
        CreditedThing::Booking(booking) => format!("booking `{booking}`"),
        CreditedThing::Usage { contract: id, account } => format!("usage {}", contract(id, account, None::<&String>)),
        CreditedThing::Signal { signal, position } => format!("signal `{signal}` (entry {position})"),
    }
}

/// Credit that no assignment of its payee pays for.
pub fn unassigned(items: &[UnassignedCredit]) -> MissingClass {
    let name = |item: &UnassignedCredit| {
        let (payee, of, at) = (&item.payee, thing_name(&item.of), item.at);
        match &item.plan {
            None => format!("`{payee}` of {of} (no assignment on {at})"),
            Some(plan) => format!("`{payee}` of {of} (plan `{plan}` does not measure it on {at})"),
        }
    };
    let shares = counted(items.len(), "share is", "shares are");
    let message = format!("{shares} credited to payees whose assignments do not pay for it: {}", named(items, name));
    let help = help("record the assignment from that day on, or correct the credit", items.len());
    MissingClass {
        what: "credit to a payee without an assignment that measures it on that date",
        worth: Vec::new(),
        wording: Wording::new("missing-unassigned-credit", message, help),
    }
}

/// Less than all primary credit.
pub fn uncredited(items: &[Uncredited]) -> MissingClass {
    let name = |item: &Uncredited| {
        let of = thing_name(&item.of);
        if item.primary.is_zero() { of } else { format!("{of} ({})", percent(&item.primary)) }
    };
    let is_none = items.iter().all(|item| item.primary.is_zero());
    let less = if is_none { "no primary credit" } else { "less than 100% primary credit" };
    let things = counted(items.len(), "thing that a plan measures has", "things that plans measure have");
    let message = format!("{things} {less}: {}", named(items, name));
    let help = help("record a `credit-split`, or correct the booking's credit", items.len());
    MissingClass {
        what: "bookings, usage and signals with less than 100% primary credit",
        worth: Vec::new(),
        wording: Wording::new("missing-uncredited", message, help),
    }
}

/// Usage without a booking in force.
pub fn unattributed(items: &[UnattributedUsage]) -> MissingClass {
    let name = |item: &UnattributedUsage| {
        let of = contract(&item.contract, &item.account, item.meter.as_ref());
        let known = if item.is_account_known { "" } else { ", an unknown account" };
        format!("{of} ({}..{}{known})", item.from, item.to)
    };
    let contracts: BTreeSet<_> = items.iter().map(|item| (&item.contract, &item.account)).collect();
    let worth_of = sums(items.iter().map(|item| item.worth));
    let message = format!(
        "the usage of {}{} is on days without a booking in force: {}",
        counted(contracts.len(), "contract", "contracts"),
        worth(&worth_of),
        named(items, name)
    );
    let help = help("record the booking, or correct the usage's account and contract", items.len());
    MissingClass {
        what: "usage of contracts on days without a booking in force",
        worth: worth_of,
        wording: Wording::new("missing-unattributed-usage", message, help),
    }
}

/// Conditions decided on usage that ends early.
pub fn ends_early(items: &[UsageEndsEarly]) -> MissingClass {
    let name = |item: &UsageEndsEarly| {
        let UsageEndsEarly { payee, plan, component, item: key, part, on, usage, .. } = item;
        let known = match usage.known {
            Some(known) => format!("usage through {known} of {}", usage.through),
            None => format!("no usage through {}", usage.through),
        };
        format!("`{part}` of `{key}` in `{plan}/{component}`, `{payee}`, {on} ({known})")
    };
    let worth_of = sums(items.iter().map(|item| Some(item.lost())));
    let message = format!(
        "{} decided against the payee{} on usage that ends before the window does: {}",
        counted(items.len(), "condition is", "conditions are"),
        worth(&worth_of),
        named(items, name)
    );
    let help = help(
        "record the rest of the usage, or `usage-complete` facts: then nothing is decided before it is there",
        items.len(),
    );
    MissingClass {
        what: "conditions decided against the payee on usage that ends before their window does",
        worth: worth_of,
        wording: Wording::new("missing-usage-ends-early", message, help),
    }
}

/// Commitments without usage.
pub fn idle(items: &[IdleCommitment]) -> MissingClass {
    let name = |item: &IdleCommitment| contract(&item.contract, &item.account, None::<&String>);
    let worth_of = sums(items.iter().map(|item| item.committed));
    let message = format!(
        "{} a commitment{} and no usage in the month: {}",
        counted(items.len(), "contract has", "contracts have"),
        worth(&worth_of),
        named(items, name)
    );
    let help = help("look whether the usage arrived, and under which contract", items.len());
    MissingClass {
        what: "contracts with a commitment and no usage in the month",
        worth: worth_of,
        wording: Wording::new("missing-no-usage", message, help),
    }
}

/// What a value is of, as facts name it.
pub fn kind_name(kind: &ValueKind) -> String {
    match kind {
        ValueKind::Motion => "motion".to_owned(),
        ValueKind::Product => "product".to_owned(),
        ValueKind::Segment => "segment".to_owned(),
        ValueKind::Region => "region".to_owned(),
        ValueKind::Signal => "signal".to_owned(),
        ValueKind::Amount => "amount".to_owned(),
        ValueKind::Attribute(name) => format!("attribute {name}"),
    }
}

/// Values that no plan names.
pub fn unmatched(items: &[UnmatchedValue]) -> MissingClass {
    let name = |item: &UnmatchedValue| {
        let value = format!("{} `{}`", kind_name(&item.kind), item.value);
        match &item.nearest {
            Some(nearest) => format!("{value} (did you mean `{nearest}`?)"),
            None => value,
        }
    };
    let message = format!("no plan names {}: {}", counted(items.len(), "value", "values"), named(items, name));
    let help = help("correct the facts, or name the value in a plan", items.len());
    MissingClass {
        what: "values of motion, product, segment and region, and names of signals, that no plan names",
        worth: Vec::new(),
        wording: Wording::new("missing-unmatched-value", message, help),
    }
}

/// Missing quotas.
pub fn without_quota(items: &[NoQuota]) -> MissingClass {
    let name = |item: &NoQuota| {
        let paid = match item.paid {
            PaidWithoutQuota::Nothing => "nothing is paid",
            PaidWithoutQuota::BaseRate => "only the base rate pays",
        };
        format!("`{}` in `{}/{}` on {} ({paid})", item.payee, item.plan, item.component, item.from)
    };
    let message = format!(
        "{} credited without the quota that is needed: {}",
        counted(items.len(), "payee is", "payees are"),
        named(items, name)
    );
    MissingClass {
        what: "credited payees without a quota where one is needed",
        worth: Vec::new(),
        wording: Wording::new(
            "close-no-quota",
            message,
            help("record a `quota` fact, or correct the assignment", items.len()),
        ),
    }
}

/// Unknown managers.
pub fn unknown(items: &[UnknownManager]) -> MissingClass {
    let name = |item: &UnknownManager| {
        let manager = format!("`{}` of `{}`", item.manager, item.payee);
        match &item.nearest {
            Some(nearest) => format!("{manager} (did you mean `{nearest}`?)"),
            None => manager,
        }
    };
    let message =
        format!("nothing is recorded of {}: {}", counted(items.len(), "manager", "managers"), named(items, name));
    let help = help("record the manager as a payee, or correct the name", items.len());
    MissingClass {
        what: "managers of whom nothing is recorded",
        worth: Vec::new(),
        wording: Wording::new("missing-unknown-manager", message, help),
    }
}

/// Accounts that only new bookings name.
pub fn unknown_account(items: &[UnknownAccount]) -> MissingClass {
    let name = |item: &UnknownAccount| {
        let more = if item.bookings > 1 { format!(" and {} more", item.bookings - 1) } else { String::new() };
        let account = format!("`{}` of booking `{}`{more}", item.account, item.booking);
        match &item.nearest {
            Some(nearest) => format!("{account} (did you mean `{nearest}`?)"),
            None => account,
        }
    };
    let message = format!(
        "nothing else names {}, and others are listed: {}",
        counted(items.len(), "account with new bookings", "accounts with new bookings"),
        named(items, name)
    );
    MissingClass {
        what: "accounts with new bookings that nothing else names, where accounts are listed",
        worth: Vec::new(),
        wording: Wording::new(
            "missing-unknown-account",
            message,
            help("correct the booking, or record the account with an `account` fact", items.len()),
        ),
    }
}

/// Bookings that are dated long after everything else.
pub fn far_booking(items: &[FarBooking]) -> MissingClass {
    let name = |item: &FarBooking| format!("`{}` of `{}` on {}", item.booking, item.account, item.at);
    let latest = items.iter().map(|item| item.latest).max().map(|day| format!(" ({day})")).unwrap_or_default();
    let message = format!(
        "{} dated more than a year after everything else{latest}: {}",
        counted(items.len(), "booking is", "bookings are"),
        named(items, name)
    );
    MissingClass {
        what: "bookings dated more than a year after everything else",
        worth: Vec::new(),
        wording: Wording::new(
            "missing-far-booking",
            message,
            help("if the date is a slip, record the booking again with `\"corrects\": true`", items.len()),
        ),
    }
}
