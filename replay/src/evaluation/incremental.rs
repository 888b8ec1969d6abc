//! The incremental evaluation: a close recomputes the items in the impact of new entries, and those that the wake-up
//! schedule names. The full evaluation is its judge (`close --full`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ledger::date::{Day, Month};
use ledger::id::{AccountId, BookingId, ComponentId, PayeeId, PlanId};
use ledger::item_key::ItemKey;
use ledger::money::Currency;
use plans::calendar::PeriodSpan;
use plans::context::{Context, Findings};
use plans::entitlement::{Entitlement, WakeUpKey, adjustments, entitlement_of};
use plans::incremental::carry_forward::CarryForward;
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
use crate::evaluation::impact::{Impact, Since};
use crate::evaluation::parallel;
use crate::evaluation::schedule::{CarriedByPayee, CarriedForward, Schedule, WakeUps};

/// What becomes of the schedule when a close is posted.
pub enum ScheduleUpdate {
    /// All of it is known anew.
    Whole(CarriedByPayee),
    /// Of these payees, what stands on the dates that were worked out.
    Of(Vec<(PayeeId, PayeeScope, CarriedForward)>),
}

impl Schedule {
    pub fn advance(&mut self, after: Position, update: ScheduleUpdate) {
        self.after = Some(after);
        match update {
            ScheduleUpdate::Whole(carried) => self.carried = carried,
            ScheduleUpdate::Of(payees) => {
                payees.into_iter().for_each(|(payee, payee_scope, carried)| self.replace(payee, &payee_scope, carried))
            }
        }
    }

    fn replace(&mut self, payee: PayeeId, payee_scope: &PayeeScope, carried: CarriedForward) {
        let is_recomputed = |of: &WakeUpKey| {
            let scope = payee_scope.scope(of.plan.as_str(), &of.component);
            scope.is_some_and(|scope| scope.lines.contains(of.account.as_ref(), of.month.first()))
        };
        let known = self.carried.entry(payee.clone()).or_default();
        // Of what was worked out in part, the rest still waits; a day too early does no harm.
        known.wake_ups.retain(|of, _| !is_recomputed(of));
        for (item, day) in carried.wake_ups {
            known.wake_ups.entry(item).and_modify(|known| *known = day.min(*known)).or_insert(day);
        }
        let scope = |plan: &PlanId, component: &ComponentId| payee_scope.scope(plan.as_str(), component);
        let is_whole = |scope: &RecomputeScope, month: Month| scope.lines.all().contains(month.first());
        known.totals.retain(|plan, component, month| {
            let is_open = |(period, year_start)| {
                // Which begins with the next month, if the last one has ended with this.
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

/// What is recomputed of each component, for one payee.
#[derive(Clone)]
pub struct PayeeScope {
    of: Arc<BTreeMap<PlanId, BTreeMap<ComponentId, RecomputeScope>>>,
    /// E.
    day: Day,
}

impl PayeeScope {
    pub fn scope(&self, plan: &str, component: &ComponentId) -> Option<&RecomputeScope> {
        self.of.get(plan)?.get(component)
    }
}

/// Of which months and accounts something comes up.
type DueWakeUps<'s> = BTreeMap<(&'s PlanId, &'s ComponentId), Vec<(Option<&'s AccountId>, Month)>>;

/// What is recomputed for each payee.
pub struct RecomputePlan<'k> {
    knowledge: &'k Knowledge,
    rules: &'k Rulebook,
    since: Since,
    dependencies_of: BTreeMap<PlanId, BTreeMap<ComponentId, Dependencies<'k>>>,
    /// For payees without a change and without a due wake-up.
    default_scope: PayeeScope,
    impact: Impact,
}

/// Of one payee: what it is due of what was looked at, and what that had come to before.
pub struct PartialResult {
    pub due: PayeeDue,
    pub payee_scope: PayeeScope,
    /// Lines that stood on the dates looked at when the last close was made.
    pub before: BTreeSet<(Currency, LineName)>,
}

impl<'k> RecomputePlan<'k> {
    pub fn of(knowledge: &'k Knowledge, rules: &'k Rulebook, since: Since, impact: Impact) -> RecomputePlan<'k> {
        let view = View::new(knowledge, since.to);
        let dependencies_of = rules.plans().map(|(id, _)| {
            let components = rules.component_ids(id.as_str(), view.visibility).into_iter();
            let dependencies_of = components.map(|component| {
                (component.clone(), Dependencies::of(rules.versions(id.as_str(), view.visibility), component))
            });
            (id.clone(), dependencies_of.collect())
        });
        let default_scope = PayeeScope { of: Arc::default(), day: since.day };
        let mut recompute_plan = RecomputePlan {
            knowledge,
            rules,
            since,
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
        let days = (self.since.closed, self.since.day);
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
        PayeeScope { of: Arc::new(plans.collect()), day: self.since.day }
    }

    pub fn dependencies(&self, plan: &PlanId, component: &ComponentId) -> Option<&Dependencies<'k>> {
        self.dependencies_of.get(plan)?.get(component)
    }

    /// Plans for another impact from now on.
    pub fn set_impact(&mut self, impact: Impact) {
        self.impact = impact;
    }

    /// Whether what was reached can have moved a line, by what is worked out for its payee.
    pub fn may_affect(&self, payee: &PayeeId, payee_scope: &PayeeScope, name: &LineName) -> bool {
        let Some(plan) = &name.plan else { return self.impact.adjusted.contains(payee) };
        let scope = payee_scope.scope(plan.as_str(), &name.component);
        let stood = self
            .dependencies(plan, &name.component)
            .and_then(|dependencies| dependencies.item_locations(self.knowledge, &name.item));
        match (scope, stood) {
            (Some(scope), Some(stood)) => {
                let is_met = |at: &ItemLocation<'_>| scope.lines.may_contain(at.account, at.from, at.to);
                stood.is_empty() || stood.iter().any(is_met)
            }
            // Its location is unknown, so it may be affected.
            (Some(_) | None, _) => true,
        }
    }

    /// What is recomputed for a payee.
    pub fn payee_scope(&self, payee: &PayeeId, wake_ups: Option<&WakeUps>) -> PayeeScope {
        let nothing = BTreeSet::new();
        let changes = self.impact.changes.get(payee).unwrap_or(&nothing);
        let mut due = DueWakeUps::new();
        for (of, _) in wake_ups.into_iter().flatten().filter(|(_, day)| **day <= self.since.day) {
            due.entry((&of.plan, &of.component)).or_default().push((of.account.as_ref(), of.month));
        }
        if changes.is_empty() && due.is_empty() {
            return self.default_scope.clone();
        }
        // Of all that were ever recorded: what is between two closes, or hidden, may have begun with one that is gone.
        let mut starts: BTreeMap<&str, Vec<Day>> = BTreeMap::new();
        for assignment in View::new(self.knowledge, self.since.to).assignments_ever(payee.as_str()) {
            starts.entry(assignment.plan.as_str()).or_default().push(assignment.at);
        }
        self.scope_with(changes, &due, Some(&starts))
    }

    /// What the items of some lines are worked out from.
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

    /// Evaluates each of these payees in its scope.
    pub fn partial_results(
        &self,
        payees: &[&'k PayeeId],
        schedule: &Schedule,
        lines: &PostedLines,
    ) -> (Vec<PartialResult>, Findings) {
        let view = |size| View::new(self.knowledge, size);
        let none = CarriedForward::default();
        let (results, findings) = parallel::each(
            payees,
            || {
                let now = Context::new(view(self.since.to), self.rules, self.since.day, Detail::Figures);
                let then = Context::new(view(self.since.from), self.rules, self.since.closed, Detail::Figures);
                (now, then)
            },
            |(now, then), payee| {
                let carried = schedule.carried.get(*payee).unwrap_or(&none);
                let payee_scope = self.payee_scope(payee, Some(&carried.wake_ups));
                let before = self.before(then, payee, &payee_scope, lines);
                let last = CarryForward { totals: &carried.totals, sums: &carried.sums, previous: then };
                PartialResult { due: self.due(now, payee, &payee_scope, last), payee_scope, before }
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
        last: CarryForward<'_, 'k>,
    ) -> PayeeDue {
        let id = payee.as_str();
        let mut entitlement = payee_scope.entitlement(now, id, Some(last), |_, _, _| true);
        if self.impact.adjusted.contains(payee) {
            adjustments(now, id, &mut entitlement);
        }
        PayeeDue { entitlement, draws: draws(now, id) }
    }

    /// Lines that stood on the dates looked at when the last close was made: their names say so of nearly all, and the others
    /// are worked out as they were then.
    fn before(
        &self,
        then: &Context<'k>,
        payee: &'k PayeeId,
        payee_scope: &PayeeScope,
        lines: &PostedLines,
    ) -> BTreeSet<(Currency, LineName)> {
        // By the passing of time alone no line is gone.
        let is_open = |scope: &RecomputeScope| scope.changed.first_day().is_some_and(|first| first <= then.day);
        let mut evaluated = payee_scope.entitlement(then, payee.as_str(), None, |plan, component, scope| {
            is_open(scope) && self.dependencies(plan, component).and_then(Dependencies::item_key_kind).is_none()
        });
        if self.impact.adjusted.contains(payee) {
            adjustments(then, payee.as_str(), &mut evaluated);
        }
        let mut before: BTreeSet<(Currency, LineName)> = evaluated.lines.into_keys().collect();
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
                    let stood: Vec<&LineName> = match item_key_kind {
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
                    before.extend(stood.into_iter().map(|name| (*currency, name.clone())));
                }
            }
        }
        before
    }

    /// What was posted to a payee in the currencies of a plan.
    fn posted_of<'l>(
        &self,
        payee: &PayeeId,
        plan: &PlanId,
        lines: &'l PostedLines,
    ) -> Vec<(Currency, &'l BTreeMap<LineName, PostedLine>)> {
        let versions = self.rules.versions(plan.as_str(), Visibility::below(self.since.to));
        let currencies: BTreeSet<Currency> = versions.map(|published| published.plan.currency).collect();
        let of = |currency| Some((currency, lines.posted.get(&(payee.clone(), currency))?));
        currencies.into_iter().filter_map(of).collect()
    }
}

/// The bookings that stood among what is picked.
fn bookings<'k>(
    then: &Context<'k>,
    payee: &'k PayeeId,
    dependencies: &Dependencies<'k>,
    region: &Region,
) -> BTreeSet<&'k BookingId> {
    let given = dependencies.credits().map(|credit| then.credit.sources(payee.as_str(), credit));
    let bookings = given.flat_map(|given| then.credit.bookings_of(&given, region));
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
    /// A payee's lines of what is wanted, where it passes a test.
    fn entitlement<'k>(
        &self,
        context: &Context<'k>,
        payee: &'k str,
        last: Option<CarryForward<'_, 'k>>,
        passes: impl Fn(&PlanId, &ComponentId, &RecomputeScope) -> bool,
    ) -> Entitlement {
        let none = RecomputeScope::none();
        entitlement_of(context, payee, last, |term, component| {
            let scope = self.scope(term.plan(), component);
            scope.filter(|scope| passes(&term.assignment.fact.plan, component, scope)).unwrap_or(&none)
        })
    }
}

/// What the next close needs is taken out.
fn take_carried(due: &mut PayeeDue) -> CarriedForward {
    let Entitlement { wake_ups, totals, sums, .. } = &mut due.entitlement;
    CarriedForward { wake_ups: std::mem::take(wake_ups), totals: std::mem::take(totals), sums: std::mem::take(sums) }
}

/// What was worked out for a close, of everything or of what is new.
pub struct CloseEvaluation {
    pub evaluation: Evaluation,
    /// By payee, the lines that are to be compared beside those that are due; `None`: all that were ever posted.
    before: Option<BTreeMap<PayeeId, BTreeSet<(Currency, LineName)>>>,
    /// What was looked at; `None`: everything.
    pub payee_scopes: Option<BTreeMap<PayeeId, PayeeScope>>,
    pub schedule_update: ScheduleUpdate,
}

impl CloseEvaluation {
    pub fn of(payees: &[&PayeeId], results: Vec<PartialResult>, findings: Findings) -> CloseEvaluation {
        let mut evaluation = Evaluation { payees: BTreeMap::new(), findings };
        let (mut before, mut payee_scopes, mut carried) =
            (BTreeMap::new(), BTreeMap::new(), Vec::with_capacity(payees.len()));
        for (payee, mut result) in payees.iter().zip(results) {
            carried.push(((*payee).clone(), result.payee_scope.clone(), take_carried(&mut result.due)));
            before.insert((*payee).clone(), result.before);
            payee_scopes.insert((*payee).clone(), result.payee_scope);
            evaluation.payees.insert((*payee).clone(), result.due);
        }
        CloseEvaluation {
            evaluation,
            before: Some(before),
            payee_scopes: Some(payee_scopes),
            schedule_update: ScheduleUpdate::Of(carried),
        }
    }

    /// A line that is to be compared whatever was worked out.
    pub fn compare_also(&mut self, payee: &PayeeId, currency: Currency, name: LineName) {
        if let Some(before) = &mut self.before {
            before.entry(payee.clone()).or_default().insert((currency, name));
        }
    }

    /// The result of a full evaluation.
    pub fn full(mut evaluation: Evaluation) -> CloseEvaluation {
        let all = evaluation.payees.iter_mut().map(|(payee, due)| (payee.clone(), take_carried(due)));
        let schedule_update = ScheduleUpdate::Whole(all.filter(|(_, carried)| !carried.is_empty()).collect());
        CloseEvaluation { evaluation, before: None, payee_scopes: None, schedule_update }
    }

    /// The posted lines of a payee that are to be compared.
    pub fn before<'w>(
        &'w self,
        holder: &PayeeCurrency,
        posted: &'w BTreeMap<LineName, PostedLine>,
    ) -> Vec<&'w LineName> {
        match &self.before {
            None => posted.keys().collect(),
            Some(before) => {
                let lines = before.get(&holder.0).into_iter().flatten();
                lines.filter(|(currency, _)| *currency == holder.1).map(|(_, name)| name).collect()
            }
        }
    }

    /// Whose lines these are.
    pub fn holders_before(
        &self,
        posted: &BTreeMap<PayeeCurrency, BTreeMap<LineName, PostedLine>>,
    ) -> Vec<PayeeCurrency> {
        match &self.before {
            None => posted.keys().cloned().collect(),
            Some(before) => {
                let holders = before
                    .iter()
                    .flat_map(|(payee, lines)| lines.iter().map(|(currency, _)| (payee.clone(), *currency)));
                holders.collect()
            }
        }
    }
}
