//! What is missing, as programs get it: each class with all of its items.

use ledger::date::Day;
use ledger::money::{Currency, Money};
use plans::evaluation_fault::{PaidWithoutQuota, UsageEndsEarly};
use replay::missing::MissingFindings;
use replay::missing::credit::{CreditedThing, UnassignedCredit, Uncredited};
use replay::missing::evaluated::NoQuota;
use replay::missing::slips::{FarBooking, UnknownAccount};
use replay::missing::unpaid::{Unpaid, UnpaidThing};
use replay::missing::usage::{IdleCommitment, UnattributedUsage};
use replay::missing::values::{UnknownManager, UnmatchedValue};
use serde::Serialize;

use crate::render::amount::percent;
use crate::render::json::AsText;
use crate::render::problem::{ProblemJson, Severity};
use crate::wording::missing::{self as wording, MissingClass, kind_name};
use crate::wording::problem::Problem;

/// What is missing, in words and as items.
pub struct MissingReport {
    classes: Vec<ReportedClass>,
}

struct ReportedClass {
    class: MissingClass,
    problem: Problem,
    items: Vec<MissingItemJson>,
}

impl MissingReport {
    /// The classes with an item, in the order of docs/cli.md.
    pub fn of(missing: &MissingFindings) -> MissingReport {
        let MissingFindings {
            unpaid: things,
            unassigned_credit,
            uncredited: less,
            unattributed_usage,
            usage_ends_early,
            no_usage,
            unmatched_values,
            no_quota,
            unknown_managers,
            unknown_accounts,
            far_bookings,
        } = missing;
        let classes = [
            class(things, wording::unpaid, unpaid),
            class(unassigned_credit, wording::unassigned, unassigned),
            class(less, wording::uncredited, uncredited),
            class(unattributed_usage, wording::unattributed, unattributed),
            class(usage_ends_early, wording::ends_early, ends_early),
            class(no_usage, wording::idle, idle),
            class(unmatched_values, wording::unmatched, unmatched),
            class(no_quota, wording::without_quota, without_quota),
            class(unknown_managers, wording::unknown, unknown),
            class(unknown_accounts, wording::unknown_account, unknown_account),
            class(far_bookings, wording::far_booking, far_booking),
        ];
        MissingReport { classes: classes.into_iter().flatten().collect() }
    }

    /// One warning for each class.
    pub fn problems(&self) -> impl Iterator<Item = &Problem> {
        self.classes.iter().map(|class| &class.problem)
    }

    /// Each class as it is published.
    pub fn json(&self) -> Vec<MissingJson<'_>> {
        self.classes.iter().map(ReportedClass::json).collect()
    }
}

/// A class in words and as items; `None` without an item.
fn class<T>(items: &[T], words: fn(&[T]) -> MissingClass, item: fn(&T) -> MissingItemJson) -> Option<ReportedClass> {
    if items.is_empty() {
        return None;
    }
    let class = words(items);
    Some(ReportedClass { problem: class.wording.clone().into(), class, items: items.iter().map(item).collect() })
}

impl ReportedClass {
    fn json(&self) -> MissingJson<'_> {
        MissingJson {
            problem: ProblemJson::of(Severity::Warning, &self.problem),
            class: self.class.class(),
            what: self.class.what,
            count: self.items.len(),
            worth: self.class.worth.iter().map(|sum| WorthJson::of(*sum)).collect(),
            items: &self.items,
        }
    }
}

/// A class as it is published. It is a warning, too.
#[derive(Serialize)]
pub struct MissingJson<'m> {
    #[serde(flatten)]
    problem: ProblemJson<'m>,
    class: &'static str,
    what: &'static str,
    count: usize,
    worth: Vec<WorthJson>,
    items: &'m [MissingItemJson],
}

#[derive(Serialize)]
struct WorthJson {
    currency: AsText<Currency>,
    amount: AsText<Money>,
}

impl WorthJson {
    fn of(sum: Money) -> WorthJson {
        WorthJson { currency: AsText(sum.currency), amount: AsText(sum) }
    }
}

/// One item. It has the members that it needs.
#[derive(Serialize, Default)]
struct MissingItemJson {
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    payee: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    manager: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    percent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    component: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    booking: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contract: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    meter: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signal: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    entry: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<AsText<Day>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<AsText<Day>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<AsText<Day>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    known_through: Option<AsText<Day>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    through: Option<AsText<Day>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nearest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    facts: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    paid: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<AsText<Money>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<AsText<Currency>>,
}

impl MissingItemJson {
    fn of(kind: impl Into<String>) -> MissingItemJson {
        MissingItemJson { kind: kind.into(), ..MissingItemJson::default() }
    }

    fn worth(self, worth: Option<Money>) -> MissingItemJson {
        MissingItemJson { amount: worth.map(AsText), currency: worth.map(|worth| AsText(worth.currency)), ..self }
    }

    fn thing(self, thing: &CreditedThing) -> MissingItemJson {
        match thing {
            CreditedThing::Booking(booking) => MissingItemJson { booking: text(booking), ..self },
            CreditedThing::Usage { contract, account } => {
                MissingItemJson { contract: text(contract), account: text(account), ..self }
            }
            CreditedThing::Signal { signal, position } => {
                MissingItemJson { signal: text(signal), entry: Some(*position), ..self }
            }
        }
    }
}

fn text(value: &impl ToString) -> Option<String> {
    Some(value.to_string())
}

/// The kind of an item, by what it is about.
const BOOKING: &str = "booking";
const USAGE: &str = "usage";
const SIGNAL: &str = "signal";

fn unpaid(item: &Unpaid) -> MissingItemJson {
    let shown = match &item.thing {
        UnpaidThing::Booking { booking, account, at } => MissingItemJson {
            booking: text(booking),
            account: text(account),
            at: Some(AsText(*at)),
            ..MissingItemJson::of(BOOKING)
        },
        UnpaidThing::Usage { contract, account, meter, from, to } => MissingItemJson {
            contract: text(contract),
            account: text(account),
            meter: meter.as_ref().map(ToString::to_string),
            from: Some(AsText(*from)),
            to: Some(AsText(*to)),
            ..MissingItemJson::of(USAGE)
        },
        UnpaidThing::Signal { at, signal, position, .. } => MissingItemJson {
            signal: text(signal),
            entry: Some(*position),
            at: Some(AsText(*at)),
            ..MissingItemJson::of(SIGNAL)
        },
    };
    shown.worth(item.worth)
}

fn kind_of(thing: &CreditedThing) -> &'static str {
    match thing {
        CreditedThing::Booking(_) => BOOKING,
        CreditedThing::Usage { .. } => USAGE,
        CreditedThing::Signal { .. } => SIGNAL,
    }
}

fn unassigned(item: &UnassignedCredit) -> MissingItemJson {
    let shown = MissingItemJson {
        payee: text(&item.payee),
        role: Some(item.role.as_str()),
        percent: Some(percent(&item.share)),
        plan: item.plan.as_ref().map(ToString::to_string),
        at: Some(AsText(item.at)),
        ..MissingItemJson::of(kind_of(&item.of))
    };
    shown.thing(&item.of)
}

fn uncredited(item: &Uncredited) -> MissingItemJson {
    let shown = MissingItemJson {
        percent: Some(percent(&item.primary)),
        at: Some(AsText(item.at)),
        ..MissingItemJson::of(kind_of(&item.of))
    };
    shown.thing(&item.of)
}

fn unattributed(item: &UnattributedUsage) -> MissingItemJson {
    let kind = if item.is_account_known { USAGE } else { "usage of an unknown account" };
    let shown = MissingItemJson {
        contract: text(&item.contract),
        account: text(&item.account),
        meter: item.meter.as_ref().map(ToString::to_string),
        from: Some(AsText(item.from)),
        to: Some(AsText(item.to)),
        ..MissingItemJson::of(kind)
    };
    shown.worth(item.worth)
}

fn ends_early(item: &UsageEndsEarly) -> MissingItemJson {
    let shown = MissingItemJson {
        payee: text(&item.payee),
        plan: text(&item.plan),
        component: text(&item.component),
        item: text(&item.item),
        part: text(&item.part),
        at: Some(AsText(item.on)),
        known_through: item.usage.known.map(AsText),
        through: Some(AsText(item.usage.through)),
        ..MissingItemJson::of("condition")
    };
    shown.worth(Some(item.lost()))
}

fn idle(item: &IdleCommitment) -> MissingItemJson {
    let shown = MissingItemJson {
        contract: text(&item.contract),
        account: text(&item.account),
        from: Some(AsText(item.from)),
        to: Some(AsText(item.to)),
        ..MissingItemJson::of("contract")
    };
    shown.worth(item.committed)
}

fn unmatched(item: &UnmatchedValue) -> MissingItemJson {
    MissingItemJson {
        value: text(&item.value),
        nearest: item.nearest.as_ref().map(ToString::to_string),
        facts: Some(item.facts),
        ..MissingItemJson::of(kind_name(&item.kind))
    }
}

fn without_quota(item: &NoQuota) -> MissingItemJson {
    let paid = match item.paid {
        PaidWithoutQuota::Nothing => "nothing",
        PaidWithoutQuota::BaseRate => "base rate",
    };
    MissingItemJson {
        payee: text(&item.payee),
        plan: text(&item.plan),
        component: text(&item.component),
        from: Some(AsText(item.from)),
        paid: Some(paid),
        ..MissingItemJson::of("payee")
    }
}

fn unknown_account(item: &UnknownAccount) -> MissingItemJson {
    MissingItemJson {
        account: text(&item.account),
        booking: text(&item.booking),
        at: Some(AsText(item.at)),
        nearest: item.nearest.as_ref().map(ToString::to_string),
        facts: Some(item.bookings),
        ..MissingItemJson::of("account")
    }
}

fn far_booking(item: &FarBooking) -> MissingItemJson {
    MissingItemJson {
        account: text(&item.account),
        booking: text(&item.booking),
        at: Some(AsText(item.at)),
        to: Some(AsText(item.latest)),
        ..MissingItemJson::of("booking")
    }
}

fn unknown(item: &UnknownManager) -> MissingItemJson {
    MissingItemJson {
        payee: text(&item.payee),
        manager: text(&item.manager),
        at: Some(AsText(item.at)),
        nearest: item.nearest.as_ref().map(ToString::to_string),
        ..MissingItemJson::of("manager")
    }
}
