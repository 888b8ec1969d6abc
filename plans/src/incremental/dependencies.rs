//! What a component reads, over all its versions, and so the items that a change can affect. It may name too many
//! items, never too few.

use std::collections::BTreeSet;

use ledger::date::{Day, Month, Span};
use ledger::fact::item_key::ItemKey;
use ledger::id::{AccountId, ComponentId, Name};
use projections::knowledge::Knowledge;

use super::change::{Change, ChangeKind};
use super::day_ranges::DayRanges;
use super::item_key::{ItemKeyKind, ItemLocation, locations};
use super::recompute_scope::RecomputeScope;
use super::region::Region;
use crate::calendar::PeriodSpan;
use crate::plan::{
    Against, Baseline, ClawbackTrigger, Component, Condition, Credit, Earned, Measure, Mode, Per, Period, Take, Trigger,
};
use crate::rulebook::Published;

/// What the items of one component depend on, over all its versions.
pub struct Dependencies<'k> {
    versions: Vec<&'k Component>,
    /// The performance period and the first month of the fiscal year; `None` if versions differ, because then items
    /// of different periods may have the same key.
    period: Option<(Period, u32)>,
    /// Whether an item depends on its whole period: it is the period, or all items of a period are rated by the
    /// period's total.
    by_period: bool,
    /// Whether what an item earns depends on the items before it in its period.
    cumulative: bool,
    /// Whether every item has one account and a date of its own.
    of_account: bool,
    /// Whether every item also earns without regard to other items.
    of_account_alone: bool,
    /// Whether every item is a month's sum over contracts.
    is_summed: bool,
    /// Whether an installment or clawback depends on usage.
    usage_gates: bool,
    /// Signals that set off an installment or clawback.
    triggers: BTreeSet<&'k Name>,
    /// Signals and metrics that conditions test.
    conditions: BTreeSet<&'k Name>,
    /// The kind of the items' keys, if all versions share one that says where the item is.
    item_key_kind: Option<ItemKeyKind>,
}

impl<'k> Dependencies<'k> {
    /// The dependencies of the component `id` in these versions of its plan.
    pub fn of(versions: impl Iterator<Item = &'k Published>, id: &ComponentId) -> Dependencies<'k> {
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
        let is_summed = !versions.is_empty() && versions.iter().all(|component| is_summed(component));
        assert!(!(is_summed && of_account), "BUG: a sum over contracts is of one account");
        Dependencies {
            period: if let [period] = periods[..] { Some(period) } else { None },
            by_period,
            cumulative,
            of_account,
            of_account_alone: of_account && !cumulative,
            is_summed,
            usage_gates: any(has_usage_gates),
            triggers: versions.iter().flat_map(|component| triggers(component)).collect(),
            conditions: versions.iter().flat_map(|component| conditions(component)).filter_map(named).collect(),
            item_key_kind: ItemKeyKind::of(versions.iter().copied()),
            versions,
        }
    }

    /// The items that a close must recompute because of changes. `closed` is the last day of the previous close,
    /// `day` that of this one. `starts` are the first days of the payee's assignments to the plan; `waiting` the
    /// accounts and months of items on the wake-up schedule.
    pub fn recompute_scope(
        &self,
        changes: &BTreeSet<Change>,
        (closed, day): (Day, Day),
        starts: &[Day],
        waiting: &[(Option<&AccountId>, Month)],
    ) -> RecomputeScope {
        let Some((period, year_start)) = self.period else { return RecomputeScope::all() };
        let span = |day: Day| PeriodSpan::of(period, year_start, day);
        let (mut changed, mut released) = (Region::nothing(), Region::nothing());
        let mut summed = Region::nothing();
        let months = |region: &mut Region, account, from, to| {
            region.add(account, Month::of(from).first(), Month::of(to).last());
        };
        if closed < day {
            months(&mut changed, None, closed.next(), day);
            months(&mut summed, None, closed.next(), day);
        }
        for Change { kind, account: whose } in changes {
            // A changed value affects later items of the period, too; a changed condition only its own item.
            let released_of = whose.as_ref().filter(|_| self.of_account);
            let account = whose.as_ref().filter(|_| self.of_account_alone);
            match kind {
                ChangeKind::All => return self.all(),
                ChangeKind::From(from) => {
                    changed.add(account, span(*from).first_day(), Day::LAST);
                    summed.add(whose.as_ref(), span(*from).first_day(), Day::LAST);
                }
                ChangeKind::Dated(day) if self.is_dated() => months(&mut changed, account, *day, *day),
                ChangeKind::Used(from, to) => {
                    for (from, to) in self.used(*from, *to, starts, &span).ranges() {
                        changed.add(account, *from, *to);
                        summed.add(whose.as_ref(), *from, *to);
                    }
                }
                ChangeKind::UsageGates(day) if self.usage_gates => months(&mut released, released_of, *day, *day),
                ChangeKind::SignalGates { name, of, fresh } if self.looks_at(name, *fresh) => match of {
                    Some(day) => months(&mut released, released_of, *day, *day),
                    None if self.is_by_contract() => released.add(released_of, Day::FIRST, Day::LAST),
                    None => {}
                },
                ChangeKind::Dated(_) | ChangeKind::UsageGates(_) | ChangeKind::SignalGates { .. } => {}
            }
        }
        let mut scope = self.with_running_totals(&changed, &released, &span);
        let mut coming = Region::nothing();
        for (account, month) in waiting {
            coming.add(account.filter(|_| self.of_account), month.first(), month.last());
        }
        let coming = self.with_running_totals(&Region::nothing(), &coming, &span);
        scope.lines.extend(&coming.lines);
        scope.values.extend(&coming.values);
        let mut changed = summed.ranges().iter();
        let is_covered = !self.is_summed || changed.all(|(from, to)| scope.lines.all().covers(*from, *to));
        assert!(is_covered, "BUG: months of a sum changed whose lines are not recomputed");
        RecomputeScope { runs: self.runs(), summed: self.is_summed.then_some(summed), ..scope }
    }

    /// The scope with all items.
    pub fn all(&self) -> RecomputeScope {
        RecomputeScope { runs: self.runs(), summed: self.is_summed.then(Region::everything), ..RecomputeScope::all() }
    }

    /// The periods with which running totals start anew; `None` if items are not rated by a running total.
    fn runs(&self) -> Option<(Period, u32)> {
        self.period.filter(|_| self.cumulative && !self.by_period)
    }

    /// The scope with changed and released items, and the later items of the period that depend on changed ones. A
    /// released item, whose conditions changed, affects only itself.
    fn with_running_totals(
        &self,
        changed: &Region,
        released: &Region,
        span: &dyn Fn(Day) -> PeriodSpan,
    ) -> RecomputeScope {
        if !self.by_period && !self.cumulative {
            let mut lines = changed.clone();
            lines.extend(released);
            return RecomputeScope { values: lines.clone(), changed: lines.clone(), lines, runs: None, summed: None };
        }
        let mut lines = Region::nothing();
        for (from, to) in changed.all().ranges() {
            let from = if self.by_period { span(*from).first_day() } else { *from };
            lines.add(None, from, span(*to).capped_last_day());
        }
        if self.by_period {
            for (from, to) in released.ranges() {
                lines.add(None, span(*from).first_day(), span(*to).capped_last_day());
            }
        } else {
            lines.extend(released)
        }
        let mut values = DayRanges::none();
        lines.ranges().iter().for_each(|(from, to)| values.add(span(*from).first_day(), *to));
        RecomputeScope { values: Region::on(values), changed: lines.clone(), lines, runs: None, summed: None }
    }

    /// The kind of the items' keys; `None` if versions differ or if keys do not say where an item is.
    pub fn item_key_kind(&self) -> Option<ItemKeyKind> {
        self.period.and(self.item_key_kind)
    }

    /// The kinds of credit that the versions pay on.
    pub fn credits(&self) -> impl Iterator<Item = &'k Credit> {
        self.versions.iter().map(|component| &component.credit)
    }

    /// Where the item of a line may be, by its key. `None` if keys do not say.
    pub fn item_locations<'n>(&self, knowledge: &'n Knowledge, item: &ItemKey) -> Option<Vec<ItemLocation<'n>>> {
        let kind = self.item_key_kind()?;
        Some(if kind.is_of(item) { locations(item, knowledge) } else { Vec::new() })
    }

    /// The items to recompute for the lines of one item. `None` if its key does not say where it is.
    pub fn around_item(&self, knowledge: &Knowledge, item: &ItemKey) -> Option<RecomputeScope> {
        let (period, year_start) = self.period?;
        let locations = self.item_locations(knowledge, item).filter(|locations| !locations.is_empty())?;
        let mut found = Region::nothing();
        for ItemLocation { from, to, account } in locations {
            let account = account.filter(|_| self.of_account);
            found.add(account, Month::of(from).first(), Month::of(to).last());
        }
        Some(self.with_running_totals(&Region::nothing(), &found, &|day| PeriodSpan::of(period, year_start, day)))
    }

    /// The dates of items whose value depends on usage of `from ..= to`.
    fn used(&self, from: Day, to: Day, starts: &[Day], span: &dyn Fn(Day) -> PeriodSpan) -> DayRanges {
        let mut changed = DayRanges::none();
        for component in &self.versions {
            match &component.measure {
                Measure::Usage { per, .. } => {
                    changed.add_months(from, to);
                    if let Per::MonthAbove(Baseline::PreviousPeriod(_)) = per {
                        changed.add(from, span(span(to).capped_last_day().next().min(Day::LAST)).capped_last_day());
                    }
                }
                Measure::Growth { window, against, .. } => {
                    let started = |start: &&Day| window.before(**start) <= to && from < **start;
                    let open = starts.iter().find(started);
                    match (against, open) {
                        (_, Some(start)) => changed.add((*start).min(from), Day::LAST),
                        (Against::HighWater, None) => changed.add(from, Day::LAST),
                        (Against::Rolling | Against::PeriodStart, None) => {
                            changed.add(from, span(twice(*window, span(to).capped_last_day())).capped_last_day())
                        }
                    }
                }
                Measure::Retention { over, .. } => changed.add(from, span(twice(*over, to)).capped_last_day()),
                Measure::Booking { .. } | Measure::Signal { .. } | Measure::Metric { .. } => {}
            }
        }
        changed
    }

    fn is_dated(&self) -> bool {
        self.versions.iter().any(|component| {
            matches!(component.measure, Measure::Booking { .. } | Measure::Signal { .. } | Measure::Metric { .. })
        })
    }

    fn is_by_contract(&self) -> bool {
        self.versions.iter().any(|component| matches!(component.measure, Measure::Usage { .. }))
    }

    fn looks_at(&self, name: &Name, fresh: bool) -> bool {
        self.triggers.contains(name) || !fresh && self.conditions.contains(name)
    }
}

/// The day two windows after a day, and one more day for the end of each.
fn twice(window: Span, day: Day) -> Day {
    window.after(window.after(day)).plus_days(2).min(Day::LAST)
}

fn is_by_period(component: &Component) -> bool {
    let retroactive =
        matches!(&component.earned, Earned::Rate { mode: Mode::Retroactive, tiers, .. } if !tiers.is_empty());
    let target = matches!(component.earned, Earned::Target { .. });
    retroactive || target || matches!(component.measure, Measure::Growth { .. }) || component.measure.is_level()
}

/// Whether items are over all accounts, or of none.
fn is_over_accounts(component: &Component) -> bool {
    match &component.measure {
        Measure::Usage { per, .. } => *per != Per::Contract,
        Measure::Booking { .. } | Measure::Signal { .. } => false,
        Measure::Metric { .. } | Measure::Growth { .. } | Measure::Retention { .. } => true,
    }
}

/// Whether each item is just a month's sum over contracts.
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

/// Signals and metrics that an installment or clawback waits for or tests.
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

/// Whether an installment or clawback depends on usage.
pub fn has_usage_gates(component: &Component) -> bool {
    let burns = conditions(component).any(|condition| matches!(condition, Condition::Burn { .. }));
    let consumed = component.installments.iter().any(|part| matches!(part.trigger, Trigger::Consumed(_)));
    let unconsumed = component.clawbacks.iter().any(|clawback| matches!(clawback.take, Take::Unconsumed(_)));
    burns || consumed || unconsumed
}
