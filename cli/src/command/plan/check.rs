//! `trueup plan check`: every mistake and doubt at once.

use std::path::PathBuf;

use clap::Args;
use ledger::id::PlanId;
use replay::record::publish::{CheckDone, check_plan};
use serde::Serialize;

use crate::arguments::Format;
use crate::as_of::AsOf;
use crate::failure::Failure;
use crate::input::files::{name_of, plan_text};
use crate::render::json::AsText;
use crate::render::worked::{PublishedWorked, WorkedPlan};
use crate::session::state::{Outcome, Session};
use crate::wording;
use crate::wording::problem::Problem;

/// Check a plan, and compare it with the versions that the book has published, if there is a book
#[derive(Args, Debug)]
pub struct Check {
    /// The plan, a TOML file; `-` is standard input
    file: PathBuf,
    #[command(flatten)]
    at: AsOf,
}

impl Check {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        let (file, text) = (name_of(&self.file), plan_text(&self.file)?);
        let checked = if session.has_book() || self.at.is_named() {
            check_plan(&*session.book_at(&self.at)?, &file, &text)
        } else {
            let checked = plans::check::check(&file, &text);
            CheckDone { plan: checked.plan, errors: checked.errors, warnings: checked.warnings }
        };
        let warnings = wording::plans::warnings(&checked.warnings);
        session.warn(&warnings);
        let Some(plan) = checked.plan else {
            return Err(Failure::Refused(wording::plans::refusals(&checked.errors)));
        };
        let worked = WorkedPlan::of(&plan);
        if session.options.format == Format::Json {
            session.json(&PlanWithoutErrors {
                plan: AsText(&plan.id),
                version: plan.version,
                warnings: warnings.len(),
                worked: worked.published(),
            })?;
            return Ok(Outcome::Done);
        }
        writeln!(session.out, "Version {} of plan `{}` has no errors{}.", plan.version, plan.id, doubts(&warnings))?;
        worked.write(&mut session.out)?;
        session.note(&format!("`trueup plan publish {}` puts it into the book.", self.file.display()));
        Ok(Outcome::Done)
    }
}

fn doubts(warnings: &[Problem]) -> String {
    match warnings.len() {
        0 => String::new(),
        1 => ", and 1 warning".to_owned(),
        more => format!(", and {more} warnings"),
    }
}

#[derive(Serialize)]
struct PlanWithoutErrors<'p> {
    plan: AsText<&'p PlanId>,
    version: u32,
    warnings: usize,
    #[serde(flatten)]
    worked: PublishedWorked,
}
