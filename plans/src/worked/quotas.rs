//! The quotas of the first periods under a ramp (calculation.md 5).

use ledger::date::Day;
use ledger::exact::Exact;
use ledger::field::Amount;
use ledger::id::ComponentId;

use super::example::{Example, ExampleAssignment};
use crate::calendar::PeriodSpan;
use crate::earning::quota::period_quota;
use crate::plan::{Component, Plan, Quota};

/// The number of periods that are shown.
const PERIODS: i32 = 6;

/// The quota of a full period where the assignment gives it: any amount shows the percents.
const ASSIGNED: &str = "100000";

/// The quotas of one component for somebody who starts on a day.
pub struct RampedQuotas {
    /// The component.
    pub component: ComponentId,
    /// The first day of the assignment.
    pub start: Day,
    /// The quota of a full period without the ramp.
    pub full: Exact,
    /// Whether that quota is made up, because assignments give it.
    pub is_assumed: bool,
    /// The first periods, in order.
    pub periods: Vec<RampedQuota>,
}

/// The quota of one period.
pub struct RampedQuota {
    /// The period.
    pub period: PeriodSpan,
    /// Its name, such as `2027-Q1`.
    pub name: String,
    /// Its quota.
    pub quota: Exact,
}

/// For each component with a ramp, the quotas of six periods: once for a start with a period, once for one in its midst.
pub fn ramped_quotas(plan: &Plan) -> Vec<RampedQuotas> {
    let ramped = plan.components.iter().filter(|component| !component.ramp.is_empty() && component.quota.is_some());
    ramped.flat_map(|component| starts(plan, component).map(|start| quotas(plan, component, start))).collect()
}

/// The first day of the first whole period of the plan, and a day in the midst of that period.
fn starts(plan: &Plan, component: &Component) -> [Day; 2] {
    let span = |day| PeriodSpan::of(component.period, plan.year_start, day);
    let first = span(plan.effective);
    let whole = if first.first_day() < plan.effective { span(first.last_day().next()) } else { first };
    [whole.first_day(), whole.first.plus(whole.months / 2).first().plus_days(15)]
}

fn quotas(plan: &Plan, component: &Component, start: Day) -> RampedQuotas {
    let assumed = Amount::parse(ASSIGNED).expect("an amount");
    let (full, is_assumed) = match &component.quota {
        Some(Quota::Amount(amount)) => (amount.clone(), false),
        Some(Quota::Assigned) | None => (assumed.exact(), true),
    };
    let quota = [(component.id.clone(), assumed)].into();
    let assignment = ExampleAssignment { at: start, ramp_from: None, quota, rates: Default::default(), target: None };
    let example = Example::of(plan, assignment);
    let first = PeriodSpan::of(component.period, plan.year_start, start);
    let periods = (0..PERIODS).map(|number| {
        let period = PeriodSpan { first: first.first.plus(number * first.months), months: first.months };
        let quota = example.ask(&component.id, |cell, published| {
            let component = published.plan.component(component.id.as_str());
            component.and_then(|component| period_quota(cell, component, period)).map(|quota| quota.amount)
        });
        RampedQuota { period, name: period.key(plan.year_start).to_string(), quota: quota.unwrap_or(Exact::ZERO) }
    });
    RampedQuotas { component: component.id.clone(), start, full, is_assumed, periods: periods.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::check;
    use crate::check::example::component;

    fn quotas_of(rest: &str) -> Vec<(String, Vec<String>)> {
        let plan = check("p.toml", &component(rest)).plan.expect("a plan");
        let quotas = ramped_quotas(&plan).into_iter();
        quotas
            .map(|of| (of.start.to_string(), of.periods.iter().map(|period| period.quota.to_string()).collect()))
            .collect()
    }

    #[test]
    fn a_ramp_by_period_gives_each_period_its_percent() {
        let every =
            "period = \"quarter\"\nquota = 90000\nramp = { every = \"3 months\", percents = [\"25%\", \"50%\"] }";
        let full = ["22500", "45000", "90000", "90000", "90000", "90000"].map(str::to_owned).to_vec();
        assert_eq!(quotas_of(every)[0], ("2027-01-01".to_owned(), full));
        // From 16 February: 13 days of February and March at 25 % in Q1; April at 25 %, May and June at 50 % in Q2.
        let (start, midst) = quotas_of(every).remove(1);
        assert_eq!((start.as_str(), midst[1].as_str()), ("2027-02-16", "37500"));
    }

    #[test]
    fn a_ramp_by_month_is_over_with_the_first_quarter() {
        let by_month = "period = \"quarter\"\nquota = 90000\nramp = [\"25%\", \"50%\", \"75%\"]";
        let full = ["45000", "90000", "90000", "90000", "90000", "90000"].map(str::to_owned).to_vec();
        assert_eq!(quotas_of(by_month)[0].1, full);
    }

    #[test]
    fn without_a_ramp_there_is_nothing_to_show() {
        assert!(quotas_of("period = \"quarter\"\nquota = 90000").is_empty());
    }
}
