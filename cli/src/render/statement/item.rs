//! What a line rests on, as a seller would say it: the booking, usage or signal, and the part of it that falls due.

use ledger::date::{Day, Month};
use ledger::exact::Exact;
use ledger::fact::item_key::ItemKey;
use ledger::fact::{Account, Adjustment, Booking, Signal, VariantOf};
use ledger::field::FieldChange;
use ledger::id::{BookingId, ContractId};
use ledger::key::natural_key;
use ledger::money::Currency;
use plans::payment::condition::{passes, words};
use plans::payment::installment::WHOLE;
use plans::plan::{
    After, Anchor, BookingValue, Clawback, ClawbackTrigger, Component, Condition, Installment, LevelTest, Measure,
    Period, Plan, Take, Trigger,
};
use plans::why::{Step, StepKind};
use projections::knowledge::StoredFact;
use projections::lines::LineName;
use projections::validity::Visibility;
use projections::view::View;
use replay::book::Book;
use uuid::Uuid;

use crate::render::amount::{grouped, percent, percent_beside, rounded_percent};
use crate::render::layout::shorten;

/// The book as a statement saw it.
#[derive(Copy, Clone)]
pub struct BookView<'b> {
    pub book: &'b Book,
    pub view: View<'b>,
}

impl<'b> BookView<'b> {
    pub fn new(book: &'b Book, size: u64) -> BookView<'b> {
        BookView { book, view: View::new(book.state().knowledge(), size) }
    }

    /// A version of a plan; the last one, where none is named.
    pub fn plan(self, plan: &str, version: Option<u32>) -> Option<&'b Plan> {
        // A line may have been posted under a version that came after the size which its statement looked at.
        let mut versions = self.book.state().rules().versions(plan, Visibility::below(self.book.size()));
        let last = versions.next_back()?;
        let named = version.filter(|version| *version != last.plan.version);
        let found = named.and_then(|version| versions.find(|published| published.plan.version == version));
        Some(&found.unwrap_or(last).plan)
    }

    // The item -----------------------------------------------------------------------------------------------------

    /// What an item is, with the amount that is measured: `B-1 of Globex, arr 240,000 USD, signed 2027-01-01`.
    pub fn item(self, key: &ItemKey, measure: Option<&Measure>) -> String {
        let known = match key {
            ItemKey::Booking(id) => self.view.booking(id.as_str()).map(|booking| self.booking(booking.fact, measure)),
            ItemKey::ContractMonth { contract, month } => self.usage(contract, *month),
            ItemKey::Month(month) => Some(month_words(*month)),
            ItemKey::Period(_) => None,
            ItemKey::Fact(id) => self.by_id(*id),
        };
        known.unwrap_or_else(|| key.to_string())
    }

    /// What of a booking is measured, in its own currency.
    pub fn booked(self, booking: &BookingId, value: &BookingValue) -> Option<Exact> {
        self.view.booking(booking.as_str()).map(|booking| worth_of(booking.fact, value))
    }

    /// The value of a signal as it is now, by the id of the first of its corrections.
    pub fn signal_value(self, id: Uuid) -> Option<Exact> {
        let known = self.current(id)?;
        Signal::of(&known.fact.body)?.value.map(|value| value.exact())
    }

    /// What people call a contract: by its account's last name, where it has none of its own.
    pub fn contract(self, id: &str) -> String {
        let known = self.view.contract(id).filter(|known| known.account.as_str() == id);
        let last = Day::parse("9999-12-31").expect("a date");
        known.map_or_else(|| id.to_owned(), |known| self.account(known.account.as_str(), last))
    }

    /// The same without figures, where room is short.
    pub fn short_item(self, key: &ItemKey) -> String {
        match key {
            ItemKey::Booking(id) => self.short_booking(id.as_str()),
            ItemKey::ContractMonth { .. } | ItemKey::Month(_) | ItemKey::Period(_) | ItemKey::Fact(_) => {
                self.item(key, None)
            }
        }
    }

    /// A part of an item of a component: `phased: live of G-1 of Umber Mills`, or without the part where there is only one.
    pub fn part_of(self, name: &LineName) -> String {
        let (component, item) = (&name.component, self.short_item(&name.item));
        let Some(part) = name.part.as_ref().filter(|part| part.as_str() != WHOLE) else {
            return format!("{component}: {item}");
        };
        let plan = name.plan.as_ref().and_then(|plan| self.plan(plan.as_str(), None));
        let clawbacks = plan.and_then(|plan| plan.component(component.as_str())).map(|found| &found.clawbacks);
        let is_clawback = clawbacks.is_some_and(|clawbacks| clawbacks.iter().any(|clawback| clawback.id == *part));
        let kind = if is_clawback { "clawback " } else { "" };
        format!("{component}: {kind}{part} of {item}")
    }

    /// The day on which the booking of a line was cancelled, if it was by a day and the plan forfeits what is not due by then.
    pub fn cancelled_on(self, name: &LineName, by: Option<Day>) -> Option<Day> {
        let ItemKey::Booking(booking) = &name.item else { return None };
        let component = self.plan(name.plan.as_ref()?.as_str(), None)?.component(name.component.as_str())?;
        if component.after_cancellation != After::Forfeit {
            return None;
        }
        self.view.cancellation_by(booking, by.unwrap_or(Day::LAST)).map(|cancellation| cancellation.fact.at)
    }

    /// A booking and its account.
    pub fn short_booking(self, id: &str) -> String {
        match self.view.booking(id) {
            Some(booking) => format!("{id} of {}", self.account(booking.fact.account.as_str(), booking.fact.at)),
            None => id.to_owned(),
        }
    }

    fn booking(self, fact: &Booking, measure: Option<&Measure>) -> String {
        let (booking, currency, at) = (&fact.booking, fact.currency, fact.at);
        let (value, pays) = match measure {
            Some(Measure::Booking { value, pays }) => (value, pays.as_ref().filter(|pays| *pays != value)),
            Some(_) | None => (&BookingValue::Arr, None),
        };
        let amount = |value| grouped(&priced(&worth_of(fact, value), currency));
        let shown = |value| shows(value).map(|name| format!(", {name} {} {currency}", amount(value)));
        let worth: String = [Some(value), pays].into_iter().flatten().filter_map(shown).collect();
        format!("{booking} of {}{worth}, signed {at}", self.account(fact.account.as_str(), at))
    }

    fn usage(self, contract: &ContractId, month: Month) -> Option<String> {
        let known = self.view.contract(contract.as_str())?;
        let account = self.account(known.account.as_str(), month.last());
        let of = if known.account.as_str() == contract.as_str() { account } else { format!("{contract} of {account}") };
        Some(format!("usage of {of} in {}", month_words(month)))
    }

    /// Signals and adjustments are named by the id of the first of their corrections.
    fn by_id(self, id: Uuid) -> Option<String> {
        let known = self.current(id)?;
        if let Some(signal) = Signal::of(&known.fact.body) {
            return Some(self.signal(signal));
        }
        let adjustment = Adjustment::of(&known.fact.body)?;
        let on = adjustment.line.as_ref().map(|line| format!(", on {}", shorten::reason(&line.0))).unwrap_or_default();
        let id = adjustment.adjustment.as_ref().map(|id| format!("{id}: ")).unwrap_or_default();
        Some(format!("{id}{}{on} (entry {})", shorten::reason(&adjustment.reason.0), known.position))
    }

    /// The last of a fact's corrections.
    fn current(self, id: Uuid) -> Option<&'b StoredFact> {
        let mut known = self.view.knowledge.fact_at(self.view.knowledge.position_of(id)?)?;
        while let Some(next) = self.next(known) {
            known = next;
        }
        Some(known)
    }

    /// What took the place of a fact that is not in force any more.
    fn next(self, known: &'b StoredFact) -> Option<&'b StoredFact> {
        let by = known.validity.replaced_by.iter().rev().find(|by| self.view.visibility.includes(**by))?;
        self.view.knowledge.fact_at(*by)
    }

    fn signal(self, fact: &Signal) -> String {
        let booking = fact.booking.as_ref().map(|id| id.to_string());
        let contract = || fact.contract.as_ref().map(|id| id.to_string());
        let account = || fact.account.as_ref().map(|id| self.account(id.as_str(), fact.at));
        let of = booking.or_else(contract).or_else(account).map(|of| format!(" of {of}")).unwrap_or_default();
        let value = fact.value.map(|value| format!(", {}", grouped(&value.to_string()))).unwrap_or_default();
        format!("{}{of} on {}{value}", fact.signal, fact.at)
    }

    /// What an account is called on a day, or its id.
    fn account(self, id: &str, day: Day) -> String {
        let named = || {
            let account = ledger::id::AccountId::new(id)?;
            let facts = self.view.live(self.view.knowledge.accounts.get(&account)?);
            let names = facts.filter_map(|known| {
                let fact = Account::of(&known.fact.body).filter(|fact| fact.at <= day)?;
                (fact.name != FieldChange::Keep).then_some((fact.at, known.position, &fact.name))
            });
            match names.max_by_key(|(at, position, _)| (*at, *position))?.2 {
                FieldChange::Set(name) => Some(shorten::name(&name.0.0)),
                FieldChange::Keep | FieldChange::Clear => None,
            }
        };
        named().unwrap_or_else(|| id.to_owned())
    }

    // The part -----------------------------------------------------------------------------------------------------

    /// The conditions of the line's installment or clawback, if it has one.
    pub fn conditions(self, name: &LineName, version: Option<u32>) -> &'b [Condition] {
        let component = || self.plan(name.plan.as_ref()?.as_str(), version)?.component(name.component.as_str());
        let (Some(part), Some(component)) = (&name.part, component()) else { return &[] };
        let installment = component.installments.iter().find(|one| one.id == *part).map(|one| &one.when);
        let clawback = || component.clawbacks.iter().find(|one| one.id == *part).map(|one| &one.when);
        installment.or_else(clawback).map_or(&[], Vec::as_slice)
    }

    /// The trigger of the line's installment, if it has one.
    pub fn trigger(self, name: &LineName, version: Option<u32>) -> Option<&'b Trigger> {
        let component = self.plan(name.plan.as_ref()?.as_str(), version)?.component(name.component.as_str())?;
        let part = name.part.as_ref()?;
        component.installments.iter().find(|one| one.id == *part).map(|one| &one.trigger)
    }

    /// Which part of what was earned this is, when it is due and on what condition: `checkpoint: 50%, 90 days after the
    /// start, if burn 90 days >= 25% (31.20%: met)`. `None` where it is all of it.
    pub fn part(self, name: &LineName, version: Option<u32>, why: &[Step]) -> Option<String> {
        let part = name.part.as_ref()?;
        let component = self.plan(name.plan.as_ref()?.as_str(), version)?.component(name.component.as_str())?;
        let installment = component.installments.iter().find(|one| one.id == *part);
        let clawback = component.clawbacks.iter().find(|one| one.id == *part);
        let on_item_date = if matches!(name.item, ItemKey::Booking(_)) { " at signature" } else { " at once" };
        let words = installment.map(|one| format!("{}{}", installment_words(one, on_item_date), paid_at(component)));
        let words = words.or_else(|| clawback.map(|one| clawback_words(component, one, why)))?;
        Some(format!("{part}: {words}{}", conditions(self.conditions(name, version), why)))
    }

    /// What an id or key of the log is about.
    pub fn thing(self, reference: &str) -> String {
        let position = Uuid::parse_str(reference).ok().and_then(|id| self.view.knowledge.position_of(id));
        let Some(position) = position else { return reference.to_owned() };
        if let Some(known) = self.view.knowledge.fact_at(position) {
            if let Some(signal) = Signal::of(&known.fact.body) {
                return self.signal(signal);
            }
            if let Some(adjustment) = Adjustment::of(&known.fact.body) {
                return format!("the adjustment for {}", shorten::reason(&adjustment.reason.0));
            }
            return natural_key(&known.fact.body)
                .unwrap_or_else(|| format!("{} at {position}", known.fact.body.word()));
        }
        let usage = self.view.knowledge.run_at(position).map(|metered| {
            let contract = &self.view.knowledge.contract(metered.contract).id;
            let days = metered.run.interval_of(position).map(|(from, to)| format!(" on {from}..{to}"));
            format!("usage of {contract}{}", days.unwrap_or_default())
        });
        usage.unwrap_or_else(|| reference.to_owned())
    }
}

/// Whole amounts without decimals, others with all that the currency has.
fn priced(amount: &Exact, currency: Currency) -> String {
    let text = amount.text();
    let digits = currency.digits() as usize;
    match text.split_once('.') {
        Some((whole, decimals)) if decimals.len() < digits => format!("{whole}.{decimals:0<digits$}"),
        Some(_) | None => text,
    }
}

fn worth_of(fact: &Booking, value: &BookingValue) -> Exact {
    match value {
        BookingValue::Arr => fact.arr.exact(),
        BookingValue::Tcv => fact.tcv(),
        BookingValue::Named(name) => fact.amounts.get(name).map_or(Exact::ZERO, |amount| amount.exact()),
        BookingValue::Count => Exact::ONE,
    }
}

fn installment_words(part: &Installment, on_item_date: &str) -> String {
    let when = match &part.trigger {
        Trigger::ItemDate => on_item_date.to_owned(),
        Trigger::After(span) => format!(", {span} after {}", anchor(part.anchor)),
        Trigger::Consumed(consumed) => format!(" when {} is consumed", percent(consumed)),
        Trigger::Signal(name) => format!(" on the signal {name}"),
    };
    let share = if part.share == Exact::ONE { "all of it".to_owned() } else { percent(&part.share) };
    format!("{share}{when}")
}

/// The end of the fiscal period at which a component pays.
fn paid_at(component: &Component) -> &'static str {
    match component.due {
        None => "",
        Some(Period::Month) => ", paid at the month's end",
        Some(Period::Quarter) => ", paid at the end of the fiscal quarter",
        Some(Period::Half) => ", paid at the end of the fiscal half-year",
        Some(Period::Year) => ", paid at the end of the fiscal year",
    }
}

fn clawback_words(component: &Component, part: &Clawback, why: &[Step]) -> String {
    let ids = part.reverse.as_ref().map(|places| {
        let ids = places.iter().filter_map(|place| component.installments.get(*place)).map(|part| part.id.as_str());
        ids.collect::<Vec<_>>().join(" and ")
    });
    let what = ids.unwrap_or_else(|| "what was paid".to_owned());
    // What is worked out of months or use is the first of two steps.
    let mut steps = why.iter().filter(|step| step.step == StepKind::Clawback);
    let share =
        steps.next().filter(|_| steps.next().is_some()).map(|step| format!(" ({})", rounded_percent(&step.out)));
    let share = share.unwrap_or_default();
    let take = match &part.take {
        Take::Share(share) if *share == Exact::ONE => what,
        Take::Share(share) => format!("{} of {what}", percent(share)),
        Take::RemainingMonths => format!("{what} for the months that remain{share}"),
        Take::Unconsumed(span) => format!("the part of {what} that was not consumed in {span}{share}"),
    };
    let when = match &part.trigger {
        ClawbackTrigger::After(span) => format!(", {span} after {}", anchor(part.anchor)),
        ClawbackTrigger::Signal(name) => format!(", on the signal {name}"),
        ClawbackTrigger::Cancellation => ", on cancellation".to_owned(),
    };
    format!("claws back {take}{when}")
}

fn anchor(anchor: Anchor) -> &'static str {
    match anchor {
        Anchor::Start => "the start",
        Anchor::Item => "its date",
    }
}

/// What a condition is held against.
pub fn bound(test: &LevelTest) -> &Exact {
    match test {
        LevelTest::AtLeast(bound) | LevelTest::Below(bound) => bound,
    }
}

/// Whether the condition of a step is met, in a few words.
pub fn verdict(step: &Step, test: &LevelTest) -> String {
    match step.awaits_usage_through {
        Some(day) => format!("undecided, waits for usage through {day}"),
        None if passes(&step.out, test) => "met".to_owned(),
        None => "not met".to_owned(),
    }
}

/// With what each was found to be, where the reasons have a step for each. A clawback of what was not consumed has one more, behind
/// them.
fn conditions(when: &[Condition], why: &[Step]) -> String {
    let steps: Vec<&Step> = why.iter().filter(|step| step.step == StepKind::Condition).collect();
    let found = |index: usize, condition: &Condition| match condition {
        Condition::Burn { test, .. } if steps.len() >= when.len() => {
            let value = &steps[index].out;
            format!(" ({}: {})", percent_beside(value, bound(test)), verdict(steps[index], test))
        }
        Condition::Metric { test, .. } if steps.len() >= when.len() => {
            let value = &steps[index].out;
            format!(" ({}: {})", value.text(), verdict(steps[index], test))
        }
        Condition::Burn { .. } | Condition::Metric { .. } | Condition::Signal(_) => String::new(),
    };
    let list: Vec<String> =
        when.iter().enumerate().map(|(index, one)| format!("{}{}", words(one), found(index, one))).collect();
    if list.is_empty() { String::new() } else { format!(", if {}", list.join(" and ")) }
}

/// What the booking's name says: nothing of a count, for that is one.
fn shows(value: &BookingValue) -> Option<&str> {
    match value {
        BookingValue::Arr => Some("arr"),
        BookingValue::Tcv => Some("tcv"),
        BookingValue::Named(name) => Some(name.as_str()),
        BookingValue::Count => None,
    }
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `April 2027`.
pub fn month_words(month: Month) -> String {
    format!("{} {}", MONTHS[month.month() as usize - 1], month.year())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_have_names() {
        let words = |text| Month::parse(text).map(month_words);
        assert_eq!(words("2027-01").as_deref(), Some("January 2027"));
        assert_eq!(words("2027-12").as_deref(), Some("December 2027"));
    }
}
