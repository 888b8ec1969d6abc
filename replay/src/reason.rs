//! Why a line was posted again: which kind of news made the difference (calculation.md 9).
//!
//! A kind of news is behind a difference if the line would have come to another amount without it. Kinds are asked for in
//! the order of precedence; what none of them explains is a true-up.

use std::collections::{BTreeMap, BTreeSet};

use ledger::date::Day;
use ledger::fact::{Body, Nature, Reason};
use ledger::id::{ComponentId, PayeeId, PlanId};
use plans::context::{Context, Findings};
use plans::draw::MonthsDraws;
use plans::entitlement::{Entitlement, adjustments, entitlement_of};
use plans::rulebook::Rulebook;
use plans::touch::Wanted;
use plans::why::Detail;
use projections::accounts::Closed;
use projections::knowledge::{Knowledge, Known};
use projections::life::{Position, Sees};
use projections::lines::{Holder, LineName};
use projections::view::View;

use crate::close::ENGINE;
use crate::evaluate::{Due, Evaluation};
use crate::parallel;
use crate::partial::Extent;

/// What the previous close looked at, and what this one does.
pub struct News<'n> {
    pub knowledge: &'n Knowledge,
    pub rules: &'n Rulebook,
    pub last: &'n Closed,
    /// K of this close.
    pub size: u64,
    /// E of this close.
    pub day: Day,
    /// What was worked out; `None`: everything. Whatever is hidden of the news, nothing else comes to anything else.
    pub extents: Option<&'n BTreeMap<PayeeId, Extent>>,
}

/// A line that is posted again, and what it comes to now and came to before.
pub struct Again {
    pub holder: Holder,
    pub name: LineName,
    pub nature: Nature,
    pub entitled: i128,
    pub before: i128,
}

/// The reason of each line, in the order given.
pub fn reasons(news: &News<'_>, lines: &[Again]) -> Vec<Reason> {
    if lines.is_empty() {
        return Vec::new();
    }
    let mut asked: BTreeMap<PayeeId, BTreeSet<(&PlanId, &ComponentId)>> = BTreeMap::new();
    for line in lines {
        let components = asked.entry(line.holder.0.clone()).or_default();
        components.extend(line.name.plan.as_ref().map(|plan| (plan, &line.name.component)));
    }
    let without =
        |hidden: Vec<Position>| (!hidden.is_empty()).then(|| news.evaluate(&asked, news.size, news.day, &hidden));
    let without_cancellations = without(news.cancellations());
    let without_versions = without(news.versions());
    let calculated =
        (news.last.close.engine != ENGINE).then(|| news.evaluate(&asked, news.last.close.known, news.last_day(), &[]));
    let without_late = without(news.late());
    let reason = |line: &Again| {
        let amount = |evaluation: &Evaluation| {
            evaluation.line(&line.holder, &line.name).map_or(0, |entitled| entitled.amount.minor)
        };
        let explains = |evaluation: &Option<Evaluation>| {
            evaluation.as_ref().is_some_and(|evaluation| amount(evaluation) != line.entitled)
        };
        let table = [
            (line.nature == Nature::Clawback, Reason::Clawback),
            (explains(&without_cancellations), Reason::Cancellation),
            (explains(&without_versions), Reason::PlanChange),
            (calculated.as_ref().is_some_and(|evaluation| amount(evaluation) != line.before), Reason::Calculation),
            (explains(&without_late), Reason::Correction),
        ];
        table.into_iter().find(|(applies, _)| *applies).map_or(Reason::TrueUp, |(_, reason)| reason)
    };
    lines.iter().map(reason).collect()
}

/// Lines of some components, on the dates of an extent where there is one.
fn of_components<'k>(
    context: &Context<'k>,
    payee: &'k PayeeId,
    components: &BTreeSet<(&PlanId, &ComponentId)>,
    extent: Option<&Extent>,
) -> Entitlement {
    let (all, none) = (Wanted::all(), Wanted::none());
    entitlement_of(context, payee.as_str(), |term, component| {
        let is_asked = components.contains(&(&term.assignment.fact.plan, component));
        match extent {
            _ if !is_asked => &none,
            Some(extent) => extent.wanted(term.plan(), component).unwrap_or(&none),
            None => &all,
        }
    })
}

impl News<'_> {
    fn last_day(&self) -> Day {
        self.last.close.period.last()
    }

    /// The components that are asked about, of what was worked out of them.
    fn evaluate(
        &self,
        asked: &BTreeMap<PayeeId, BTreeSet<(&PlanId, &ComponentId)>>,
        size: u64,
        day: Day,
        hidden: &[Position],
    ) -> Evaluation {
        let view = View { knowledge: self.knowledge, sees: Sees { hidden, ..Sees::below(size) } };
        let asked: Vec<(&PayeeId, &BTreeSet<(&PlanId, &ComponentId)>)> = asked.iter().collect();
        let (due, _) = parallel::each(
            &asked,
            || Context::new(view, self.rules, day, Detail::Figures),
            |context, (payee, components)| {
                let extent = self.extents.and_then(|extents| extents.get(*payee));
                let mut entitlement = of_components(context, payee, components, extent);
                adjustments(context, payee.as_str(), &mut entitlement);
                Due { entitlement, draws: MonthsDraws::default() }
            },
            |_| (),
        );
        let payees = asked.into_iter().map(|(payee, _)| payee.clone()).zip(due).collect();
        Evaluation { payees, findings: Findings::default() }
    }

    fn is_new(&self, position: Position) -> bool {
        (self.last.close.known..self.size).contains(&u64::from(position))
    }

    fn facts(&self) -> impl Iterator<Item = &Known> {
        self.knowledge.facts().iter().filter(|known| u64::from(known.position) < self.size)
    }

    /// Cancellations that were recorded or took effect since, and what undid one.
    fn cancellations(&self) -> Vec<Position> {
        let cancels = |known: &Known| match &known.fact.body {
            Body::Cancellation(fact) => {
                self.is_new(known.position) || (fact.at > self.last_day() && fact.at <= self.day)
            }
            Body::Retraction(_) => self.is_new(known.position) && self.retracts_cancellation(known.position),
            _ => false,
        };
        self.facts().filter(|known| cancels(known)).map(|known| known.position).collect()
    }

    fn retracts_cancellation(&self, by: Position) -> bool {
        let retracted = self.facts().filter(|known| known.life.retracted_by.contains(&by));
        retracted.into_iter().any(|known| matches!(known.fact.body, Body::Cancellation(_)))
    }

    /// Plan versions published since.
    fn versions(&self) -> Vec<Position> {
        let published = self.rules.plans().flat_map(|(_, versions)| versions).map(|published| published.position);
        let mut new: Vec<Position> = published.filter(|position| self.is_new(*position)).collect();
        new.sort();
        new
    }

    /// Facts recorded since that are dated in the time that was closed, or take the place of such.
    fn late(&self) -> Vec<Position> {
        let closed = self.last_day();
        let mut dates: BTreeMap<Position, Day> = BTreeMap::new();
        let mut touch = |position: Position, day: Day| {
            if self.is_new(position) {
                dates.entry(position).and_modify(|known| *known = day.min(*known)).or_insert(day);
            }
        };
        for known in self.facts() {
            if let Some(at) = known.fact.body.at() {
                touch(known.position, at);
                known.life.replaced_by.iter().chain(&known.life.retracted_by).for_each(|by| touch(*by, at));
            }
        }
        for contract in self.knowledge.contracts() {
            for metered in View::new(self.knowledge, self.size).runs_of(contract) {
                let run = &metered.run;
                run.new_since(self.last.close.known).for_each(|(position, from)| touch(position, from));
                for ended in run.ended() {
                    let life = &ended.life;
                    touch(ended.snapshot.position, ended.snapshot.from);
                    life.replaced_by.iter().chain(&life.retracted_by).for_each(|by| touch(*by, ended.snapshot.from));
                }
            }
        }
        dates.into_iter().filter(|(_, day)| *day <= closed).map(|(position, _)| position).collect()
    }
}
