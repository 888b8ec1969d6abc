//! What each component pays at some parts of its quota, or at some round amounts (calculation.md 6).

use ledger::date::Day;
use ledger::exact::Exact;
use ledger::field::{Amount, Percent};
use ledger::id::ComponentId;
use ledger::money::Money;

use super::example::{Example, ExampleAssignment};
use crate::calendar::PeriodSpan;
use crate::check::earn::is_count;
use crate::entitlement::earned_by_one_item;
use crate::plan::{Component, Earned, Plan, Quota, Rate, Threshold};

/// The parts of a quota or a goal, in percent.
const PARTS: [i128; 5] = [50, 80, 100, 120, 150];

/// The values where there is no quota: of money, and of a count.
const AMOUNTS: [i128; 5] = [1_000, 10_000, 50_000, 100_000, 500_000];
const COUNTS: [i128; 5] = [1, 5, 10, 20, 50];

/// Where there is no quota but a highest threshold: so many halves of it.
const HALVES: [i128; 5] = [1, 2, 3, 4, 6];

/// One component, worked out.
pub struct WorkedComponent {
    /// The component.
    pub component: ComponentId,
    /// What the parts are of; `None` where there is neither quota nor goal.
    pub whole: Option<Whole>,
    /// Whether the component pays a rate of an amount of money, so that pay can be compared with the value.
    pub is_rate_of_money: bool,
    /// What the assignment gives, and the table had to make up.
    pub assumed: Vec<Assumption>,
    /// What it pays, from the smallest value to the largest.
    pub rows: Vec<WorkedRow>,
}

/// What attainment is measured against.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Whole {
    /// The quota of a period.
    Quota,
    /// The goal of a level.
    Goal,
}

/// A term that assignments give.
pub enum Assumption {
    /// The quota of a full period.
    Quota(Exact),
    /// The rate, as a fraction.
    Rate(Exact),
    /// The annual target pay.
    Target(Exact),
}

/// What one item of a value pays in a full period, before installments and clawbacks.
pub struct WorkedRow {
    /// The part of the quota or the goal, as a fraction; `None` where there is neither.
    pub part: Option<Exact>,
    /// The value of the item, or the level.
    pub value: Exact,
    /// What it pays.
    pub pays: Money,
}

/// What each component pays, in the order of the plan.
pub fn worked_table(plan: &Plan) -> Vec<WorkedComponent> {
    plan.components.iter().map(|component| worked(plan, component)).collect()
}

fn worked(plan: &Plan, component: &Component) -> WorkedComponent {
    let terms = Terms::of(component);
    let period = PeriodSpan::of(component.period, plan.year_start, first_day(plan, component));
    let example = Example::of(plan, terms.assignment(component, period));
    let values: Vec<(Option<Exact>, Exact)> = match terms.whole() {
        Some(whole) => {
            let parts = PARTS.iter().map(|percent| Exact::ratio(*percent, 100));
            parts.map(|part| (Some(part.clone()), &part * &whole)).collect()
        }
        None => round_values(component).into_iter().map(|value| (None, value)).collect(),
    };
    let rows = values.into_iter().map(|(part, value)| {
        let pays = example.ask(&component.id, |cell, published| earned_by_one_item(cell, published, period, &value));
        WorkedRow { part, value, pays }
    });
    let rows = rows.collect();
    let is_rate_of_money = matches!(component.earned, Earned::Rate { .. }) && !is_count(&component.measure);
    WorkedComponent {
        component: component.id.clone(),
        whole: terms.whole().map(|_| if component.measure.is_level() { Whole::Goal } else { Whole::Quota }),
        is_rate_of_money,
        assumed: terms.assumed(),
        rows,
    }
}

/// The first day on which the component measures.
fn first_day(plan: &Plan, component: &Component) -> Day {
    component.from.map_or(plan.effective, |from| from.max(plan.effective))
}

/// What is needed of an assignment, made up where the plan leaves it to assignments.
struct Terms {
    /// Quota or goal; `None` if there is neither.
    written: Option<Exact>,
    quota: Option<Amount>,
    rate: Option<Percent>,
    target: Option<Amount>,
}

impl Terms {
    fn of(component: &Component) -> Terms {
        let count = is_count(&component.measure);
        let amount = |text| Some(Amount::parse(text).expect("an amount"));
        let (written, target) = match &component.earned {
            Earned::Target { goal, .. } => (goal.clone(), amount("100000")),
            Earned::Rate { .. } | Earned::Amount(_) | Earned::Curve { .. } => (None, None),
        };
        let rate = match &component.earned {
            Earned::Rate { base: Rate::Assigned, .. } => Some(Percent::parse("10%").expect("a percent")),
            Earned::Rate { .. } | Earned::Target { .. } | Earned::Amount(_) | Earned::Curve { .. } => None,
        };
        let (written, quota) = match (&component.quota, written) {
            (_, Some(goal)) => (Some(goal), None),
            (Some(Quota::Amount(quota)), None) => (Some(quota.clone()), None),
            (Some(Quota::Assigned), None) => (None, amount(if count { "10" } else { "100000" })),
            (None, None) => (None, None),
        };
        Terms { written: written.filter(|written| !written.is_zero()), quota, rate, target }
    }

    fn whole(&self) -> Option<Exact> {
        self.written.clone().or(self.quota.map(Amount::exact))
    }

    /// An assignment that has long begun, so that no ramp and no proration reduces the quota.
    fn assignment(&self, component: &Component, period: PeriodSpan) -> ExampleAssignment {
        let of_component = component.id.clone();
        ExampleAssignment {
            at: period.first_day(),
            ramp_from: Some(Day::FIRST),
            quota: self.quota.map(|quota| (of_component.clone(), quota)).into_iter().collect(),
            rates: self.rate.map(|rate| (of_component, rate)).into_iter().collect(),
            target: self.target,
        }
    }

    fn assumed(&self) -> Vec<Assumption> {
        let quota = self.quota.map(|quota| Assumption::Quota(quota.exact()));
        let rate = self.rate.map(|rate| Assumption::Rate(rate.exact()));
        let target = self.target.map(|target| Assumption::Target(target.exact()));
        quota.into_iter().chain(rate).chain(target).collect()
    }
}

/// Values around the highest threshold, or else some round ones.
fn round_values(component: &Component) -> Vec<Exact> {
    let highest = match &component.earned {
        Earned::Rate { tiers, .. } => tiers
            .iter()
            .filter_map(|tier| match &tier.from {
                Threshold::Amount(amount) => Some(amount.clone()),
                Threshold::Quota(_) => None,
            })
            .max(),
        Earned::Curve { curve, .. } => curve.points.last().map(|point| point.at.clone()),
        Earned::Amount(_) | Earned::Target { .. } => None,
    };
    match highest.filter(Exact::is_positive) {
        Some(highest) => HALVES.iter().map(|halves| &highest * &Exact::ratio(*halves, 2)).collect(),
        None if is_count(&component.measure) => COUNTS.iter().map(|count| Exact::whole(*count)).collect(),
        None => AMOUNTS.iter().map(|amount| Exact::whole(*amount)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::check;
    use crate::check::example::component;

    fn pays(rest: &str) -> Vec<String> {
        let plan = check("p.toml", &component(rest)).plan.expect("a plan");
        worked_table(&plan)[0].rows.iter().map(|row| row.pays.text()).collect()
    }

    #[test]
    fn tiers_of_a_quota_pay_more_above_it() {
        let rest = "period = \"year\"\nquota = 100000\ntiers = [{ from = \"100%\", times = \"2\" }]";
        assert_eq!(pays(rest), ["5000.00", "8000.00", "10000.00", "14000.00", "20000.00"]);
        let assigned = rest.replace("100000", "\"assigned\"");
        assert_eq!(pays(&assigned), pays(rest));
        let capped = format!("{rest}\ncap = 12000");
        assert_eq!(pays(&capped)[3..], ["12000.00", "12000.00"]);
    }

    #[test]
    fn without_a_quota_the_values_are_around_the_highest_threshold() {
        assert_eq!(
            pays("tiers = [{ from = 2000, rate = \"20%\" }]"),
            ["100.00", "200.00", "400.00", "600.00", "1000.00"]
        );
        assert_eq!(pays(""), ["100.00", "1000.00", "5000.00", "10000.00", "50000.00"]);
    }

    #[test]
    fn a_ramp_and_an_end_of_the_component_do_not_matter() {
        let rest = "until = 2027-01-10\nquota = 100000\nramp = [\"50%\"]\ntiers = [{ from = \"100%\", times = \"2\" }]";
        assert_eq!(pays(rest)[2..4], ["10000.00", "14000.00"]);
    }
}
