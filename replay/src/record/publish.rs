//! Checks and publishes plans. The log keeps the text of a plan as it was written (docs/plans.md).

use std::cell::OnceCell;

use ledger::fact::{PlanRecord, PolicyRole, Record};
use ledger::field::FreeText;
use ledger::finding::Finding;
use ledger::id::ComponentId;
use plans::check::{check, check_next};
use plans::plan::Plan;
use plans::refusal::{LineTally, PlanRefusals, PlanWarnings, VersionWarning};
use projections::validity::Visibility;
use projections::view::View;

use crate::authority::refusal::AuthorityRefusal;
use crate::authority::{Act, must_be_allowed};
use crate::book::Book;
use crate::error::BookError;
use crate::missing::values::unseen_values;
use crate::stamp::Stamp;
use crate::statements::plan_impact::{PlanImpact, evaluate_plan_impact};

/// A published version.
#[derive(Debug)]
pub struct PublishDone {
    /// The id of the plan.
    pub plan: String,
    /// The number of the version.
    pub version: u32,
    /// The position of its entry in the log.
    pub position: u64,
    /// The size of the log afterwards.
    pub size: u64,
    /// What is doubtful about the text.
    pub warnings: PlanWarnings,
}

/// Why a text was not published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The text is refused.
    #[error("{} problems", .0.len())]
    Refused(PlanRefusals),
    /// The policy does not allow it to those who sign it.
    #[error("not allowed: {0:?}")]
    NotAllowed(#[from] AuthorityRefusal),
    /// The world failed, or the book is damaged.
    #[error(transparent)]
    Book(#[from] BookError),
}

/// The result of checking a plan's text against the book.
pub struct CheckDone {
    /// The plan; `None` if it is refused.
    pub plan: Option<Plan>,
    /// Why it is refused; empty if it is not.
    pub errors: PlanRefusals,
    /// What is doubtful about the text.
    pub warnings: PlanWarnings,
}

/// Checks a plan's text by itself and against the published versions. `file` is the name of the text's file, for places in
/// refusals. Nothing is written.
pub fn check_plan(book: &Book, file: &str, text: &str) -> CheckDone {
    check_plan_with(book, file, text, PostedLinesOf::Evaluated)
}

/// Whether the posted lines that a version would change are looked for, which takes two evaluations.
#[derive(Copy, Clone, PartialEq, Eq)]
pub(crate) enum PostedLinesOf {
    /// They are, for the warnings about them.
    Evaluated,
    /// They are not: the caller compares all lines by itself.
    LeftOut,
}

/// Checks a plan as [`check_plan`] does, with or without the lines that it would change.
pub(crate) fn check_plan_with(book: &Book, file: &str, text: &str, posted_lines: PostedLinesOf) -> CheckDone {
    let checked = check(file, text);
    let (mut errors, mut warnings) = (checked.errors, checked.warnings);
    if let Some(plan) = &checked.plan {
        let versions = book.state.rules.versions(plan.id.as_str(), Visibility::below(book.state.size()));
        let versions: Vec<Plan> = versions.map(|published| published.plan.clone()).collect();
        // Computed only if lines may have been posted, because it takes two evaluations.
        let plan_impact = OnceCell::new();
        let evaluated = || match posted_lines {
            PostedLinesOf::Evaluated => evaluate_plan_impact(&book.state, plan),
            PostedLinesOf::LeftOut => None,
        };
        let plan_impact = || plan_impact.get_or_init(evaluated).as_ref();
        let posted = |component: &ComponentId, part: Option<&str>| {
            plan_impact().map(|plan_impact| plan_impact.reversed(component.as_str(), part))
        };
        let (next_errors, next_warnings) = check_next(&versions, plan, &posted, file, text);
        if next_errors.is_empty() {
            warnings.extend(
                closed_months(book, plan, || plan_impact().map(PlanImpact::difference))
                    .map(|warning| Finding::new(warning.into())),
            );
        }
        errors.extend(next_errors);
        warnings.extend(next_warnings);
        let view = View::new(&book.state.knowledge, book.state.size());
        warnings.extend(unseen_values(view, plan).into_iter().map(Finding::new));
    }
    CheckDone { plan: checked.plan.filter(|_| errors.is_empty()), errors, warnings }
}

/// The warning about a version that takes effect in closed months: the next close posts the differences.
fn closed_months(book: &Book, plan: &Plan, moved: impl FnOnce() -> Option<LineTally>) -> Option<VersionWarning> {
    let last = book.state.posted.last_close()?;
    let view = View::new(&book.state.knowledge, book.size());
    let assigned = book
        .state
        .knowledge
        .payees
        .keys()
        .any(|payee| view.assignments(payee.as_str()).iter().any(|assignment| assignment.fact.plan == plan.id));
    (assigned && plan.effective <= last.close.period.last()).then(|| VersionWarning::ClosedMonth {
        plan: plan.id.clone(),
        version: plan.version,
        effective: plan.effective,
        closed: last.close.period,
        changed: moved(),
    })
}

/// Checks a plan's text, as [`check_plan`] does, and appends it as the next version of its plan. Refused if the check finds an
/// error.
pub fn publish(book: &mut Book, file: &str, text: &str, stamp: &Stamp) -> Result<PublishDone, PublishError> {
    let checked = check_plan(book, file, text);
    let Some(plan) = checked.plan else { return Err(PublishError::Refused(checked.errors)) };
    must_be_allowed(&book.state, stamp, &Act::of(PolicyRole::Publish, Vec::new()))?;
    let record = Record::Plan(PlanRecord {
        plan: plan.id.clone(),
        version: plan.version,
        effective: plan.effective,
        text: FreeText(text.to_owned()),
    });
    let position = book.size();
    let size = book.append(vec![record], stamp)?;
    Ok(PublishDone { plan: plan.id.to_string(), version: plan.version, position, size, warnings: checked.warnings })
}
