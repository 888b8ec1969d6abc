//! A plan's text goes into the log verbatim (plan.md).

use std::cell::OnceCell;

use ledger::fact::{Plan as PlanRecord, Record};
use ledger::field::Words;
use ledger::problem::Problem;
use plans::check::{check, check_next};
use plans::plan::Plan;
use projections::validity::Visibility;
use projections::view::View;

use crate::book::{Book, BookError};
use crate::stamp::{Scribe, Stamp};
use crate::statements::plan_impact::{Foreseen, Tally};

/// What came of publishing.
#[derive(Debug)]
pub struct PublishDone {
    pub plan: String,
    pub version: u32,
    pub position: u64,
    pub size: u64,
    pub warnings: Vec<Problem>,
}

#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    #[error("{} problems", .0.len())]
    Refused(Vec<Problem>),
    #[error(transparent)]
    Book(#[from] BookError),
}

/// What a check of a text against the book finds.
pub struct CheckDone {
    pub plan: Option<Plan>,
    pub errors: Vec<Problem>,
    pub warnings: Vec<Problem>,
}

impl Book {
    /// Checks a text by itself and against the versions that are published.
    pub fn check_plan(&self, file: &str, text: &str) -> CheckDone {
        let checked = check(file, text);
        let (mut errors, mut warnings) = (checked.errors, checked.warnings);
        if let Some(plan) = &checked.plan {
            let versions = self.state.rules.versions(plan.id.as_str(), Visibility::below(self.size()));
            let versions: Vec<Plan> = versions.map(|published| published.plan.clone()).collect();
            // Only asked for where lines may have been posted, for it takes two evaluations.
            let foreseen = OnceCell::new();
            let foreseen = || foreseen.get_or_init(|| self.foresee(plan)).as_ref();
            let brought = |component: &str, part: Option<&str>| {
                foreseen().map(|foreseen| foreseen.reversed(component, part).to_string())
            };
            let (next_errors, next_warnings) = check_next(&versions, plan, &brought, file, text);
            if next_errors.is_empty() {
                warnings.extend(self.closed_months(plan, || foreseen().map(Foreseen::moved)));
            }
            errors.extend(next_errors);
            warnings.extend(next_warnings);
        }
        CheckDone { plan: checked.plan.filter(|_| errors.is_empty()), errors, warnings }
    }

    /// A version that takes effect in closed months makes the next close post differences: says which.
    fn closed_months(&self, plan: &Plan, moved: impl FnOnce() -> Option<Tally>) -> Option<Problem> {
        let last = self.state.accounts.last_close()?;
        let view = View::new(&self.state.knowledge, self.size());
        let assigned = self
            .state
            .knowledge
            .payees
            .keys()
            .any(|payee| view.assignments(payee.as_str()).iter().any(|assignment| assignment.fact.plan == plan.id));
        (assigned && plan.effective <= last.close.period.last()).then(|| {
            let (version, id, closed) = (plan.version, &plan.id, last.close.period);
            let effective = plan.effective;
            let moved = moved().map(|moved| format!("; it changes {moved}")).unwrap_or_default();
            let message =
                format!("version {version} of plan `{id}` takes effect on {effective}, and {closed} is closed{moved}");
            let next = closed.next();
            let help = format!("the close of {next} will post the differences; `trueup preview {next}` shows them");
            Problem::new("plan-warn-closed", message, help)
        })
    }

    pub fn publish(&mut self, file: &str, text: &str, stamp: &Stamp) -> Result<PublishDone, PublishError> {
        let checked = self.check_plan(file, text);
        let Some(plan) = checked.plan else { return Err(PublishError::Refused(checked.errors)) };
        let record = Record::Plan(PlanRecord {
            plan: plan.id.clone(),
            version: plan.version,
            effective: plan.effective,
            text: Words(text.to_owned()),
        });
        let size = self.log.size();
        let mut scribe = Scribe::begin(&mut self.log, stamp, self.state.recorded, Some(size))?;
        let entry = scribe.record(record).map_err(BookError::from)?;
        let committed = scribe.commit().map_err(BookError::from)?;
        let position = entry.position;
        self.state.fold(entry);
        Ok(PublishDone {
            plan: plan.id.to_string(),
            version: plan.version,
            position,
            size: committed.size,
            warnings: checked.warnings,
        })
    }
}
