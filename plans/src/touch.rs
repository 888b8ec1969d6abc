//! Which lines something new can have moved: one table from what happened to the dates of items (architecture.md, What is
//! recomputed). It takes in too much rather than too little.

use std::borrow::Cow;
use std::collections::BTreeSet;

use ledger::date::{Day, Month, Span};
use ledger::id::{AccountId, ComponentId, Name};
use projections::knowledge::Knowledge;

use crate::calendar::PeriodSpan;
use crate::carried::{Months, TakenUp, Total};
use crate::dates::Dates;
use crate::named::{Naming, Stood};
use crate::picked::Picked;
use crate::plan::{
    Against, Baseline, ClawbackTrigger, Component, Condition, Credit, Earned, Measure, Mode, Per, Period, Take, Trigger,
};
use crate::rulebook::Published;

/// What happened to a payee's items, and to those of which account; `None`: to those of any.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Touch {
    pub what: What,
    pub account: Option<AccountId>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum What {
    /// Nobody can say what it reaches.
    All,
    /// Items dated from this day on: shares, accounts, assignments, quotas.
    From(Day),
    /// What was sold, signalled or read on this day.
    Dated(Day),
    /// Usage of these days.
    Used(Day, Day),
    /// Usage, on which gates of what was sold or signalled on this day may have looked.
    UsageGates(Day),
    /// A signal for what was sold or signalled on a day; `None`: for a contract's usage, of whatever month. One that is
    /// `fresh` lies in the month to be closed: conditions have not looked at it yet.
    SignalGates { name: Name, of: Option<Day>, fresh: bool },
}

impl What {
    pub fn of(self, account: &AccountId) -> Touch {
        Touch { what: self, account: Some(account.clone()) }
    }

    pub fn of_any(self) -> Touch {
        Touch { what: self, account: None }
    }
}

/// What of a component is worked out again.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Wanted {
    /// These items become lines.
    pub lines: Picked,
    /// These are needed for that, for what they add to running totals.
    pub values: Picked,
    /// Those of the lines of which something moved: the rest is only looked at because something may come up.
    pub moved: Picked,
    /// Items are rated by running totals that begin anew with each of these periods, and can be taken up at any month.
    pub runs: Option<(Period, u32)>,
    /// Every item is the sum of a month over contracts: on these dates, of these accounts, something of it moved.
    pub summed: Option<Picked>,
}

impl Wanted {
    /// What must be worked out up to a day, and where it takes up the running totals that the close before has left: nothing
    /// before the first item that is wanted in a period has moved since.
    pub fn taking_up<'t>(
        &self,
        totals: Option<&'t Months<Total>>,
        term_first: Day,
        day: Day,
    ) -> (Cow<'_, Picked>, TakenUp<'t>) {
        let (Some((period, year_start)), Some(totals)) = (self.runs, totals) else {
            return (Cow::Borrowed(&self.values), TakenUp::default());
        };
        let (mut dates, mut taken) = (Dates::none(), TakenUp::default());
        for (from, to) in self.lines.stretches() {
            let (mut from, to) = (*from, day.min(*to));
            while from <= to {
                let (span, month) = (PeriodSpan::of(period, year_start, from), Month::of(from));
                let is_inside = from > span.first_day() && from == month.first();
                let total = is_inside.then(|| totals.get(&(term_first, month.plus(-1)))).flatten();
                taken.0.extend(total.map(|total| (from, total)));
                dates.add(if total.is_some() { from } else { span.first_day() }, to.min(last_day(span)));
                from = last_day(span).next();
            }
        }
        (Cow::Owned(Picked::on(dates)), taken)
    }

    pub fn all() -> Wanted {
        let all = Picked::everything;
        Wanted { lines: all(), values: all(), moved: all(), runs: None, summed: None }
    }

    pub fn none() -> Wanted {
        Wanted::default()
    }

    /// What both want; running totals and sums are those of the first.
    pub fn extend(&mut self, other: &Wanted) {
        self.lines.extend(&other.lines);
        self.values.extend(&other.values);
        self.moved.extend(&other.moved);
    }
}

/// A component over all its versions, as far as it matters here.
pub struct Shape<'k> {
    versions: Vec<&'k Component>,
    /// Of all versions; `None` where they differ, and items of different periods may have one name.
    period: Option<(Period, u32)>,
    /// Items are performance periods, or all items of a period are rated by its total.
    by_period: bool,
    /// What an item earns depends on those before it.
    cumulative: bool,
    /// Every item is of an account and a date of its own.
    of_account: bool,
    /// And comes to what it does by itself.
    of_account_alone: bool,
    /// Every item is the sum of a month over contracts.
    is_summed: bool,
    usage_gates: bool,
    triggers: BTreeSet<&'k Name>,
    conditions: BTreeSet<&'k Name>,
    naming: Option<Naming>,
}

impl<'k> Shape<'k> {
    pub fn of(versions: impl Iterator<Item = &'k Published>, id: &ComponentId) -> Shape<'k> {
        let versions: Vec<(&'k Component, u32)> = versions
            .filter_map(|published| Some((published.plan.component(id.as_str())?, published.plan.year_start)))
            .collect();
        let mut periods: Vec<(Period, u32)> =
            versions.iter().map(|(component, year_start)| (component.period, *year_start)).collect();
        periods.dedup();
        let versions: Vec<&'k Component> = versions.into_iter().map(|(component, _)| component).collect();
        let any = |is: fn(&Component) -> bool| versions.iter().any(|component| is(component));
        let (by_period, cumulative) = (any(is_by_period), any(is_cumulative));
        let of_account = !by_period && !any(is_over_accounts);
        Shape {
            period: if let [period] = periods[..] { Some(period) } else { None },
            by_period,
            cumulative,
            of_account,
            of_account_alone: of_account && !cumulative,
            is_summed: versions.iter().all(|component| is_summed(component)),
            usage_gates: any(has_usage_gates),
            triggers: versions.iter().flat_map(|component| triggers(component)).collect(),
            conditions: versions.iter().flat_map(|component| conditions(component)).filter_map(named).collect(),
            naming: Naming::of(versions.iter().copied()),
            versions,
        }
    }

    /// What is worked out again for these touches, between the end of the last closed month and that of the one to be closed.
    /// `starts` are the first days of the payee's assignments to the plan, `waiting` the dates of items of which something
    /// comes up by the passing of time.
    pub fn wanted(
        &self,
        touches: &BTreeSet<Touch>,
        (closed, day): (Day, Day),
        starts: &[Day],
        waiting: &[(Option<&AccountId>, Month)],
    ) -> Wanted {
        let Some((period, year_start)) = self.period else { return Wanted::all() };
        let span = |day: Day| PeriodSpan::of(period, year_start, day);
        let (mut moved, mut released) = (Picked::nothing(), Picked::nothing());
        let mut summed = Picked::nothing();
        let months = |picked: &mut Picked, account, from, to| {
            picked.add(account, Month::of(from).first(), Month::of(to).last());
        };
        if closed < day {
            months(&mut moved, None, closed.next(), day);
            months(&mut summed, None, closed.next(), day);
        }
        for Touch { what, account: whose } in touches {
            // What moves takes others along, what is released only itself.
            let released_of = whose.as_ref().filter(|_| self.of_account);
            let account = whose.as_ref().filter(|_| self.of_account_alone);
            match what {
                What::All => return self.all(),
                What::From(from) => {
                    moved.add(account, span(*from).first_day(), Day::LAST);
                    summed.add(whose.as_ref(), span(*from).first_day(), Day::LAST);
                }
                What::Dated(day) if self.is_dated() => months(&mut moved, account, *day, *day),
                What::Used(from, to) => {
                    for (from, to) in self.used(*from, *to, starts, &span).stretches() {
                        moved.add(account, *from, *to);
                        summed.add(whose.as_ref(), *from, *to);
                    }
                }
                What::UsageGates(day) if self.usage_gates => months(&mut released, released_of, *day, *day),
                What::SignalGates { name, of, fresh } if self.looks_at(name, *fresh) => match of {
                    Some(day) => months(&mut released, released_of, *day, *day),
                    None if self.is_by_contract() => released.add(released_of, Day::FIRST, Day::LAST),
                    None => {}
                },
                What::Dated(_) | What::UsageGates(_) | What::SignalGates { .. } => {}
            }
        }
        let mut wanted = self.with_running_totals(&moved, &released, &span);
        let mut coming = Picked::nothing();
        for (account, month) in waiting {
            coming.add(account.filter(|_| self.of_account), month.first(), month.last());
        }
        let coming = self.with_running_totals(&Picked::nothing(), &coming, &span);
        wanted.lines.extend(&coming.lines);
        wanted.values.extend(&coming.values);
        debug_assert!(!self.is_summed || !self.of_account, "BUG: a sum over contracts is of an account");
        let mut moved = summed.stretches().iter();
        debug_assert!(!self.is_summed || moved.all(|(from, to)| wanted.lines.all().covers(*from, *to)));
        Wanted { runs: self.runs(), summed: self.is_summed.then_some(summed), ..wanted }
    }

    /// Everything.
    pub fn all(&self) -> Wanted {
        Wanted { runs: self.runs(), summed: self.is_summed.then(Picked::everything), ..Wanted::all() }
    }

    /// The periods with which running totals begin anew, where items are rated by them, one after the other.
    fn runs(&self) -> Option<(Period, u32)> {
        self.period.filter(|_| self.cumulative && !self.by_period)
    }

    /// What moved takes those behind it along, where it counts for them; what was released only itself.
    fn with_running_totals(&self, moved: &Picked, released: &Picked, span: &dyn Fn(Day) -> PeriodSpan) -> Wanted {
        if !self.by_period && !self.cumulative {
            let mut lines = moved.clone();
            lines.extend(released);
            return Wanted { values: lines.clone(), moved: lines.clone(), lines, runs: None, summed: None };
        }
        let mut lines = Picked::nothing();
        for (from, to) in moved.all().stretches() {
            let from = if self.by_period { span(*from).first_day() } else { *from };
            lines.add(None, from, last_day(span(*to)));
        }
        match self.by_period {
            true => {
                for (from, to) in released.stretches() {
                    lines.add(None, span(*from).first_day(), last_day(span(*to)));
                }
            }
            false => lines.extend(released),
        }
        let mut values = Dates::none();
        lines.stretches().iter().for_each(|(from, to)| values.add(span(*from).first_day(), *to));
        Wanted { values: Picked::on(values), moved: lines.clone(), lines, runs: None, summed: None }
    }

    /// How items are named and in which month their years begin, where the name says on which dates they stand.
    pub fn naming(&self) -> Option<(Naming, u32)> {
        let (_, year_start) = self.period?;
        Some((self.naming?, year_start))
    }

    /// Whose credit the versions pay on.
    pub fn credits(&self) -> impl Iterator<Item = &'k Credit> {
        self.versions.iter().map(|component| &component.credit)
    }

    /// Where the item of a line may stand, told from its name; `None` where nobody can say.
    pub fn ever<'n>(&self, knowledge: &'n Knowledge, item: &str) -> Option<Vec<Stood<'n>>> {
        let (naming, year_start) = self.naming()?;
        Some(naming.ever(knowledge, item, year_start))
    }

    /// What must be worked out for the lines of an item; `None` where nobody can say.
    pub fn around_item(&self, knowledge: &Knowledge, item: &str) -> Option<Wanted> {
        let (period, year_start) = self.period?;
        let stood = self.ever(knowledge, item).filter(|stood| !stood.is_empty())?;
        let mut found = Picked::nothing();
        for (from, to, account) in stood {
            let account = account.filter(|_| self.of_account);
            found.add(account, Month::of(from).first(), Month::of(to).last());
        }
        Some(self.with_running_totals(&Picked::nothing(), &found, &|day| PeriodSpan::of(period, year_start, day)))
    }

    /// Which items usage of some days moves.
    fn used(&self, from: Day, to: Day, starts: &[Day], span: &dyn Fn(Day) -> PeriodSpan) -> Dates {
        let mut moved = Dates::none();
        for component in &self.versions {
            match &component.measure {
                Measure::Usage { per, .. } => {
                    moved.add_months(from, to);
                    if let Per::MonthAbove(Baseline::PreviousPeriod(_)) = per {
                        moved.add(from, last_day(span(last_day(span(to)).next().min(Day::LAST))));
                    }
                }
                Measure::Growth { window, against, .. } => {
                    let started = |start: &&Day| window.before(**start) <= to && from < **start;
                    let open = starts.iter().find(started);
                    match (against, open) {
                        (_, Some(start)) => moved.add((*start).min(from), Day::LAST),
                        (Against::HighWater, None) => moved.add(from, Day::LAST),
                        (Against::Rolling | Against::PeriodStart, None) => {
                            moved.add(from, last_day(span(twice(*window, last_day(span(to))))))
                        }
                    }
                }
                Measure::Retention { over, .. } => moved.add(from, last_day(span(twice(*over, to)))),
                Measure::Booking(_) | Measure::Signal { .. } | Measure::Metric { .. } => {}
            }
        }
        moved
    }

    fn is_dated(&self) -> bool {
        self.versions.iter().any(|component| {
            matches!(component.measure, Measure::Booking(_) | Measure::Signal { .. } | Measure::Metric { .. })
        })
    }

    fn is_by_contract(&self) -> bool {
        self.versions.iter().any(|component| matches!(component.measure, Measure::Usage { .. }))
    }

    fn looks_at(&self, name: &Name, fresh: bool) -> bool {
        self.triggers.contains(name) || !fresh && self.conditions.contains(name)
    }
}

/// Two windows, and a day for either end, behind a day.
fn twice(window: Span, day: Day) -> Day {
    window.after(window.after(day)).plus_days(2).min(Day::LAST)
}

fn last_day(period: PeriodSpan) -> Day {
    period.last_day().min(Day::LAST)
}

fn is_by_period(component: &Component) -> bool {
    let retroactive =
        matches!(&component.earned, Earned::Rate { mode: Mode::Retroactive, tiers, .. } if !tiers.is_empty());
    let target = matches!(component.earned, Earned::Target { .. });
    retroactive || target || matches!(component.measure, Measure::Growth { .. }) || component.measure.is_level()
}

/// Items over all accounts, or of none.
fn is_over_accounts(component: &Component) -> bool {
    match &component.measure {
        Measure::Usage { per, .. } => *per != Per::Contract,
        Measure::Booking(_) | Measure::Signal { .. } => false,
        Measure::Metric { .. } | Measure::Growth { .. } | Measure::Retention { .. } => true,
    }
}

/// One item a month that is the sum over contracts, and nothing beside.
fn is_summed(component: &Component) -> bool {
    let by_month = matches!(component.measure, Measure::Usage { per: Per::Month, .. });
    by_month && !matches!(component.earned, Earned::Target { .. })
}

fn is_cumulative(component: &Component) -> bool {
    let runs = match &component.earned {
        Earned::Rate { tiers, mode, .. } => !tiers.is_empty() && *mode != Mode::PerItem,
        Earned::Curve { mode, .. } => *mode != Mode::PerItem,
        Earned::Amount(_) => false,
        Earned::Target { .. } => true,
    };
    runs || component.cap_period.is_some()
}

fn conditions(component: &Component) -> impl Iterator<Item = &Condition> {
    let installments = component.installments.iter().flat_map(|installment| &installment.when);
    installments.chain(component.clawbacks.iter().flat_map(|clawback| &clawback.when))
}

/// The signal or metric that a condition looks at.
fn named(condition: &Condition) -> Option<&Name> {
    match condition {
        Condition::Metric { name, .. } | Condition::Signal(name) => Some(name),
        Condition::Burn { .. } => None,
    }
}

/// Signals and metrics on which an installment or clawback waits, or at which its conditions look.
pub fn gate_names(component: &Component) -> impl Iterator<Item = &Name> {
    triggers(component).chain(conditions(component).filter_map(named))
}

fn triggers(component: &Component) -> impl Iterator<Item = &Name> {
    let installments = component.installments.iter().filter_map(|installment| match &installment.trigger {
        Trigger::Signal(name) => Some(name),
        Trigger::ItemDate | Trigger::After(_) | Trigger::Consumed(_) => None,
    });
    let clawbacks = component.clawbacks.iter().filter_map(|clawback| match &clawback.trigger {
        ClawbackTrigger::Signal(name) => Some(name),
        ClawbackTrigger::After(_) | ClawbackTrigger::Cancellation => None,
    });
    installments.chain(clawbacks)
}

/// Whether an installment or clawback looks at usage.
pub fn has_usage_gates(component: &Component) -> bool {
    let burns = conditions(component).any(|condition| matches!(condition, Condition::Burn { .. }));
    let consumed = component.installments.iter().any(|part| matches!(part.trigger, Trigger::Consumed(_)));
    let unconsumed = component.clawbacks.iter().any(|clawback| matches!(clawback.take, Take::Unconsumed(_)));
    burns || consumed || unconsumed
}
