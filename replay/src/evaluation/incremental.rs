//! The incremental evaluation: a close recomputes the items in the impact of new entries, and those that the wake-up
//! schedule names. The full evaluation is its judge (`close --full`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ledger::date::{Day, Month};
use ledger::fact::item_key::ItemKey;
use ledger::id::{AccountId, BookingId, ComponentId, PayeeId, PlanId};
use ledger::money::Currency;
use plans::calendar::PeriodSpan;
use plans::context::{Context, Findings};
use plans::entitlement::{Entitlement, WakeUpKey, adjustments, entitlement_of};
use plans::incremental::carry_forward::PreviousTotals;
use plans::incremental::change::Change;
use plans::incremental::dependencies::Dependencies;
use plans::incremental::item_key::{ItemKeyKind, ItemLocation, is_in};
use plans::incremental::recompute_scope::RecomputeScope;
use plans::incremental::region::Region;
use plans::payment::draw::draws;
use plans::rulebook::Rulebook;
use plans::why::Detail;
use projections::knowledge::Knowledge;
use projections::lines::{LineName, PayeeCurrency, PostedLine, PostedLines};
use projections::position::Position;
use projections::validity::Visibility;
use projections::view::View;

use crate::evaluation::full::{Components, Evaluation, PayeeDue};
use crate::evaluation::impact::{CloseInterval, Impact};
use crate::evaluation::parallel;
use crate::evaluation::schedule::{CarryForward, CarryForwardByPayee, PayeeCarryForward, WakeUps};

/// How the schedule changes when a close is posted.
pub enum CarryForwardUpdate {
    /// The close evaluated everything: these values replace all others.
    Whole(CarryForwardByPayee),
    /// The close evaluated these payees in these scopes: these values replace those of the scopes.
    Of(Vec<(PayeeId, PayeeScope, PayeeCarryForward)>),
}

impl CarryForward {
    /// Takes the values that the close at a position leaves.
    pub fn advance(&mut self, after: Position, update: CarryForwardUpdate) {
        self.after = Some(after);
        match update {
            CarryForwardUpdate::Whole(carried) => self.carried = carried,
            CarryForwardUpdate::Of(payees) => {
                payees.into_iter().for_each(|(payee, payee_scope, carried)| self.replace(payee, &payee_scope, carried))
            }
        }
    }

    fn replace(&mut self, payee: PayeeId, payee_scope: &PayeeScope, carried: PayeeCarryForward) {
        let is_recomputed = |of: &WakeUpKey| {
            let scope = payee_scope.scope(of.plan.as_str(), &of.component);
            scope.is_some_and(|scope| scope.lines.contains(of.account.as_ref(), of.month.first()))
        };
        let known = self.carried.entry(payee.clone()).or_default();
        // An item that was evaluated in part keeps its earlier day. Waking it too early costs time and changes nothing.
        known.wake_ups.retain(|of, _| !is_recomputed(of));
        for (item, day) in carried.wake_ups {
            known.wake_ups.entry(item).and_modify(|known| *known = day.min(*known)).or_insert(day);
        }
        let scope = |plan: &PlanId, component: &ComponentId| payee_scope.scope(plan.as_str(), component);
        let is_whole = |scope: &RecomputeScope, month: Month| scope.lines.all().contains(month.first());
        known.totals.retain(|plan, component, month| {
            let is_open = |(period, year_start)| {
                // If a performance period ended with this month, the next one counts.
                PeriodSpan::of(period, year_start, payee_scope.day.next()).contains(month.first())
            };
            scope(plan, component).is_some_and(|scope| scope.runs.is_some_and(is_open) && !is_whole(scope, month))
        });
        known.totals.extend(carried.totals);
        known.sums.retain(|plan, component, month| {
            scope(plan, component).is_some_and(|scope| scope.summed.is_some() && !is_whole(scope, month))
        });
        known.sums.extend(carried.sums);
        if known.is_empty() {
            self.carried.remove(&payee);
        }
    }
}

/// The scope in which each component of one payee is evaluated.
#[derive(Clone)]
pub struct PayeeScope {
    of: Arc<BTreeMap<PlanId, BTreeMap<ComponentId, RecomputeScope>>>,
    /// The last day of the month to close.
    day: Day,
}

impl PayeeScope {
    /// The scope of a component; `None` if the payee never had the plan.
    pub fn scope(&self, plan: &str, component: &ComponentId) -> Option<&RecomputeScope> {
        self.of.get(plan)?.get(component)
    }
}

/// The months and accounts of each component with an item on the wake-up schedule.
type DueWakeUps<'s> = BTreeMap<(&'s PlanId, &'s ComponentId), Vec<(Option<&'s AccountId>, Month)>>;

/// Plans what an incremental close evaluates for each payee.
pub struct RecomputePlan<'k> {
    knowledge: &'k Knowledge,
    rules: &'k Rulebook,
    interval: CloseInterval,
    dependencies_of: BTreeMap<PlanId, BTreeMap<ComponentId, Dependencies<'k>>>,
    /// The scope of payees without a change and without a wake-up that is due.
    default_scope: PayeeScope,
    impact: Impact,
}

/// The result of evaluating one payee in its scope.
pub struct PartialResult {
    /// The lines in the scope, and the draws.
    pub due: PayeeDue,
    /// The scope.
    pub payee_scope: PayeeScope,
    /// The posted lines in the scope. They are compared even if they are not due any more.
    pub compared: BTreeSet<(Currency, LineName)>,
}

impl<'k> RecomputePlan<'k> {
    pub fn of(
        knowledge: &'k Knowledge,
        rules: &'k Rulebook,
        interval: CloseInterval,
        impact: Impact,
    ) -> RecomputePlan<'k> {
        let view = View::new(knowledge, interval.to);
        let dependencies_of = rules.plans().map(|(id, _)| {
            let components = rules.component_ids(id.as_str(), view.visibility).into_iter();
            let dependencies_of = components.map(|component| {
                (component.clone(), Dependencies::of(rules.versions(id.as_str(), view.visibility), component))
            });
            (id.clone(), dependencies_of.collect())
        });
        let default_scope = PayeeScope { of: Arc::default(), day: interval.day };
        let mut recompute_plan = RecomputePlan {
            knowledge,
            rules,
            interval,
            dependencies_of: dependencies_of.collect(),
            default_scope,
            impact,
        };
        recompute_plan.default_scope = recompute_plan.scope_with(&BTreeSet::new(), &BTreeMap::new(), None);
        recompute_plan
    }

    fn scope_with(
        &self,
        changes: &BTreeSet<Change>,
        waiting: &DueWakeUps<'_>,
        starts: Option<&BTreeMap<&str, Vec<Day>>>,
    ) -> PayeeScope {
        let days = (self.interval.closed, self.interval.day);
        // Only plans that the payee was ever assigned to.
        let assigned = |id: &&PlanId| starts.is_none_or(|starts| starts.contains_key(id.as_str()));
        let plans = self.dependencies_of.iter().filter(|(id, _)| assigned(id)).map(|(id, dependencies_of)| {
            let starts = starts.and_then(|starts| starts.get(id.as_str())).map_or(&[][..], Vec::as_slice);
            let scope = dependencies_of.iter().map(|(component, dependencies)| {
                let waiting = waiting.get(&(id, component)).map_or(&[][..], Vec::as_slice);
                (component.clone(), dependencies.recompute_scope(changes, days, starts, waiting))
            });
            (id.clone(), scope.collect())
        });
        PayeeScope { of: Arc::new(plans.collect()), day: self.interval.day }
    }

    /// What a component depends on; `None` if there is no such component.
    pub fn dependencies(&self, plan: &PlanId, component: &ComponentId) -> Option<&Dependencies<'k>> {
        self.dependencies_of.get(plan)?.get(component)
    }

    /// Replaces the impact.
    pub fn set_impact(&mut self, impact: Impact) {
        self.impact = impact;
    }

    /// Whether the impact contains a line, given the scope of its payee.
    pub fn may_affect(&self, payee: &PayeeId, payee_scope: &PayeeScope, name: &LineName) -> bool {
        let Some(plan) = &name.plan else { return self.impact.adjusted.contains(payee) };
        let scope = payee_scope.scope(plan.as_str(), &name.component);
        let locations = self
            .dependencies(plan, &name.component)
            .and_then(|dependencies| dependencies.item_locations(self.knowledge, &name.item));
        match (scope, locations) {
            (Some(scope), Some(locations)) => {
                let is_met = |at: &ItemLocation<'_>| scope.lines.may_contain(at.account, at.from, at.to);
                locations.is_empty() || locations.iter().any(is_met)
            }
            // The item's location is unknown, so the line may be affected.
            (Some(_) | None, _) => true,
        }
    }

    /// The scope in which a payee is evaluated: its changes, the wake-ups that are due, and the month itself.
    pub fn payee_scope(&self, payee: &PayeeId, wake_ups: Option<&WakeUps>) -> PayeeScope {
        let nothing = BTreeSet::new();
        let changes = self.impact.changes.get(payee).unwrap_or(&nothing);
        let mut due = DueWakeUps::new();
        for (of, _) in wake_ups.into_iter().flatten().filter(|(_, day)| **day <= self.interval.day) {
            due.entry((&of.plan, &of.component)).or_default().push((of.account.as_ref(), of.month));
        }
        if changes.is_empty() && due.is_empty() {
            return self.default_scope.clone();
        }
        // All assignments ever recorded: an affected item can belong to one that was replaced since, or is hidden.
        let mut starts: BTreeMap<&str, Vec<Day>> = BTreeMap::new();
        for assignment in View::new(self.knowledge, self.interval.to).assignments_ever(payee.as_str()) {
            starts.entry(assignment.plan.as_str()).or_default().push(assignment.at);
        }
        self.scope_with(changes, &due, Some(&starts))
    }

    /// The scopes that determine the items of some lines.
    pub fn scopes_around<'l>(&self, lines: impl Iterator<Item = &'l LineName>) -> Components<'l> {
        let mut asked = Components::new();
        for name in lines {
            let Some(plan) = &name.plan else { continue };
            let dependencies = self.dependencies(plan, &name.component);
            let scope = dependencies.and_then(|dependencies| dependencies.around_item(self.knowledge, &name.item));
            asked
                .entry((plan, &name.component))
                .or_insert_with(RecomputeScope::none)
                .extend(&scope.unwrap_or_else(RecomputeScope::all));
        }
        asked
    }

    /// Evaluates each of these payees in its scope, in several threads. The results are in the order of the payees.
    pub fn partial_results(
        &self,
        payees: &[&'k PayeeId],
        schedule: &CarryForward,
        lines: &PostedLines,
    ) -> (Vec<PartialResult>, Findings) {
        let view = |size| View::new(self.knowledge, size);
        let none = PayeeCarryForward::default();
        let (results, findings) = parallel::each(
            payees,
            || {
                let now = Context::new(view(self.interval.to), self.rules, self.interval.day, Detail::Figures);
                let then = Context::new(view(self.interval.from), self.rules, self.interval.closed, Detail::Figures);
                (now, then)
            },
            |(now, then), payee| {
                let carried = schedule.carried.get(*payee).unwrap_or(&none);
                let payee_scope = self.payee_scope(payee, Some(&carried.wake_ups));
                let compared = self.compared(then, payee, &payee_scope, lines);
                let last = PreviousTotals { totals: &carried.totals, sums: &carried.sums, previous: then };
                PartialResult { due: self.due(now, payee, &payee_scope, last), payee_scope, compared }
            },
            |(now, _)| now.findings(),
        );
        (results, Findings::together(findings))
    }

    fn due(
        &self,
        now: &Context<'k>,
        payee: &'k PayeeId,
        payee_scope: &PayeeScope,
        last: PreviousTotals<'_, 'k>,
    ) -> PayeeDue {
        let id = payee.as_str();
        let mut entitlement = payee_scope.entitlement(now, id, Some(last), |_, _, _| true);
        if self.impact.adjusted.contains(payee) {
            adjustments(now, id, &mut entitlement);
        }
        PayeeDue { entitlement, draws: draws(now, id) }
    }

    /// The lines that were in the scope at the last close. Most lines are found by the item in their names; components whose items
    /// have no such key are evaluated with the facts of the last close.
    fn compared(
        &self,
        then: &Context<'k>,
        payee: &'k PayeeId,
        payee_scope: &PayeeScope,
        lines: &PostedLines,
    ) -> BTreeSet<(Currency, LineName)> {
        // A wake-up alone does not remove a line, so only changed dates count.
        let is_open = |scope: &RecomputeScope| scope.changed.first_day().is_some_and(|first| first <= then.day);
        let mut evaluated = payee_scope.entitlement(then, payee.as_str(), None, |plan, component, scope| {
            is_open(scope) && self.dependencies(plan, component).and_then(Dependencies::item_key_kind).is_none()
        });
        if self.impact.adjusted.contains(payee) {
            adjustments(then, payee.as_str(), &mut evaluated);
        }
        let mut compared: BTreeSet<(Currency, LineName)> = evaluated.lines.into_keys().collect();
        for (plan, components) in &*payee_scope.of {
            let open = components.iter().filter(|(_, scope)| is_open(scope));
            let named = open.filter_map(|(component, scope)| {
                let dependencies = self.dependencies(plan, component)?;
                Some((component, scope, dependencies, dependencies.item_key_kind()?))
            });
            let named: Vec<_> = named.collect();
            let posted = if named.is_empty() { Vec::new() } else { self.posted_of(payee, plan, lines) };
            for (component, scope, dependencies, item_key_kind) in named {
                for (currency, lines) in &posted {
                    let lines = PostedOf { lines, plan, component };
                    let in_scope: Vec<&LineName> = match item_key_kind {
                        ItemKeyKind::Booking => {
                            let ids = bookings(then, payee, dependencies, &scope.changed);
                            ids.into_iter().flat_map(|id| lines.of_item(ItemKey::Booking(id.clone()))).collect()
                        }
                        ItemKeyKind::ContractMonth | ItemKeyKind::Period => lines
                            .all()
                            .filter(|name| {
                                item_key_kind.is_of(&name.item) && is_in(&name.item, then.view, &scope.changed)
                            })
                            .collect(),
                    };
                    compared.extend(in_scope.into_iter().map(|name| (*currency, name.clone())));
                }
            }
        }
        compared
    }

    /// The posted lines of a payee in the currencies of a plan.
    fn posted_of<'l>(
        &self,
        payee: &PayeeId,
        plan: &PlanId,
        lines: &'l PostedLines,
    ) -> Vec<(Currency, &'l BTreeMap<LineName, PostedLine>)> {
        let versions = self.rules.versions(plan.as_str(), Visibility::below(self.interval.to));
        let currencies: BTreeSet<Currency> = versions.map(|published| published.plan.currency).collect();
        let of = |currency| Some((currency, lines.posted.get(&(payee.clone(), currency))?));
        currencies.into_iter().filter_map(of).collect()
    }
}

/// The bookings in a region that the payee had credit of at the last close.
fn bookings<'k>(
    then: &Context<'k>,
    payee: &'k PayeeId,
    dependencies: &Dependencies<'k>,
    region: &Region,
) -> BTreeSet<&'k BookingId> {
    let sources = dependencies.credits().map(|credit| then.credit.sources(payee.as_str(), credit));
    let bookings = sources.flat_map(|sources| then.credit.bookings_of(&sources, region));
    bookings.map(|booking| &booking.fact.booking).collect()
}

/// Posted lines of one component.
#[derive(Copy, Clone)]
struct PostedOf<'l> {
    lines: &'l BTreeMap<LineName, PostedLine>,
    plan: &'l PlanId,
    component: &'l ComponentId,
}

impl<'l> PostedOf<'l> {
    fn all(self) -> impl Iterator<Item = &'l LineName> {
        // No key has a text before this one.
        let first = ItemKey::Booking(BookingId::new("!").expect("a name"));
        self.from(first).take_while(move |name| self.is_mine(name))
    }

    fn of_item(self, item: ItemKey) -> impl Iterator<Item = &'l LineName> {
        self.from(item.clone()).take_while(move |name| self.is_mine(name) && name.item == item)
    }

    fn from(self, item: ItemKey) -> impl Iterator<Item = &'l LineName> + use<'l> {
        let (plan, component) = (Some(self.plan.clone()), self.component.clone());
        let first = LineName { plan, component, item, part: None };
        self.lines.range(first..).map(|(name, _)| name)
    }

    fn is_mine(self, name: &LineName) -> bool {
        name.plan.as_ref() == Some(self.plan) && name.component == *self.component
    }
}

impl PayeeScope {
    /// The entitlement of a payee in the scopes that pass a test.
    fn entitlement<'k>(
        &self,
        context: &Context<'k>,
        payee: &'k str,
        last: Option<PreviousTotals<'_, 'k>>,
        passes: impl Fn(&PlanId, &ComponentId, &RecomputeScope) -> bool,
    ) -> Entitlement {
        let none = RecomputeScope::none();
        entitlement_of(context, payee, last, |term, component| {
            let scope = self.scope(term.plan(), component);
            scope.filter(|scope| passes(&term.assignment.fact.plan, component, scope)).unwrap_or(&none)
        })
    }
}

/// Takes out the values for the next close.
fn take_carried(due: &mut PayeeDue) -> PayeeCarryForward {
    let Entitlement { wake_ups, totals, sums, .. } = &mut due.entitlement;
    PayeeCarryForward { wake_ups: std::mem::take(wake_ups), totals: std::mem::take(totals), sums: std::mem::take(sums) }
}

/// The evaluation of a close, full or incremental.
pub struct CloseEvaluation {
    /// The entitlements and draws.
    pub evaluation: Evaluation,
    /// By payee, the posted lines to compare besides those that are due; `None`: all posted lines.
    compared: Option<BTreeMap<PayeeId, BTreeSet<(Currency, LineName)>>>,
    /// The scopes that were evaluated; `None`: everything.
    pub payee_scopes: Option<BTreeMap<PayeeId, PayeeScope>>,
    /// The values for the next close.
    pub carry_forward_update: CarryForwardUpdate,
}

impl CloseEvaluation {
    pub fn of(payees: &[&PayeeId], results: Vec<PartialResult>, findings: Findings) -> CloseEvaluation {
        let mut evaluation = Evaluation { payees: BTreeMap::new(), findings };
        let (mut compared, mut payee_scopes, mut carried) =
            (BTreeMap::new(), BTreeMap::new(), Vec::with_capacity(payees.len()));
        for (payee, mut result) in payees.iter().zip(results) {
            carried.push(((*payee).clone(), result.payee_scope.clone(), take_carried(&mut result.due)));
            compared.insert((*payee).clone(), result.compared);
            payee_scopes.insert((*payee).clone(), result.payee_scope);
            evaluation.payees.insert((*payee).clone(), result.due);
        }
        CloseEvaluation {
            evaluation,
            compared: Some(compared),
            payee_scopes: Some(payee_scopes),
            carry_forward_update: CarryForwardUpdate::Of(carried),
        }
    }

    /// Adds a posted line to compare.
    pub fn compare_also(&mut self, payee: &PayeeId, currency: Currency, name: LineName) {
        if let Some(compared) = &mut self.compared {
            compared.entry(payee.clone()).or_default().insert((currency, name));
        }
    }

    /// The result of a full evaluation.
    pub fn full(mut evaluation: Evaluation) -> CloseEvaluation {
        let all = evaluation.payees.iter_mut().map(|(payee, due)| (payee.clone(), take_carried(due)));
        let carry_forward_update = CarryForwardUpdate::Whole(all.filter(|(_, carried)| !carried.is_empty()).collect());
        CloseEvaluation { evaluation, compared: None, payee_scopes: None, carry_forward_update }
    }

    /// The posted lines of a payee in one currency that are to be compared.
    pub fn compared<'w>(
        &'w self,
        holder: &PayeeCurrency,
        posted: &'w BTreeMap<LineName, PostedLine>,
    ) -> Vec<&'w LineName> {
        match &self.compared {
            None => posted.keys().collect(),
            Some(compared) => {
                let lines = compared.get(&holder.0).into_iter().flatten();
                lines.filter(|(currency, _)| *currency == holder.1).map(|(_, name)| name).collect()
            }
        }
    }

    /// The payees and currencies with a posted line to compare.
    pub fn compared_holders(
        &self,
        posted: &BTreeMap<PayeeCurrency, BTreeMap<LineName, PostedLine>>,
    ) -> Vec<PayeeCurrency> {
        match &self.compared {
            None => posted.keys().cloned().collect(),
            Some(compared) => {
                let holders = compared
                    .iter()
                    .flat_map(|(payee, lines)| lines.iter().map(|(currency, _)| (payee.clone(), *currency)));
                holders.collect()
            }
        }
    }
}
