//! `trueup plan`: the rules, checked, published, listed, and as text.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use ledger::fact::{Payload, Record};
use ledger::problem::Problem;
use plans::rulebook::Published;
use projections::life::Sees;
use replay::book::Book;
use replay::publish::CheckDone;

use crate::arguments::{At, Format};
use crate::desk::{Desk, Outcome};
use crate::failure::Failure;
use crate::input::{name_of, plan_text};

/// Check, publish and show plans
#[derive(Subcommand, Debug)]
pub enum Plan {
    Check(Check),
    Publish(Publish),
}

impl Plan {
    pub fn run(self, desk: &mut Desk) -> Result<Outcome, Failure> {
        match self {
            Plan::Check(command) => command.run(desk),
            Plan::Publish(command) => command.run(desk),
        }
    }
}

/// Check a plan as a compiler checks a program; against the book's versions of it, if there is a book
#[derive(Args, Debug)]
pub struct Check {
    /// The plan, a TOML file; `-` is standard input
    file: PathBuf,
}

impl Check {
    fn run(self, desk: &mut Desk) -> Result<Outcome, Failure> {
        let (file, text) = (name_of(&self.file), plan_text(&self.file)?);
        let checked = match desk.has_book() {
            true => desk.book()?.check_plan(&file, &text),
            false => {
                let checked = plans::check::check(&file, &text);
                CheckDone { plan: checked.plan, errors: checked.errors, warnings: checked.warnings }
            }
        };
        desk.warn(&checked.warnings);
        let Some(plan) = checked.plan else { return Err(Failure::Refused(checked.errors)) };
        if desk.options.format == Format::Json {
            desk.json(|out| {
                out.object(|out| {
                    out.name("plan").text(&plan.id);
                    out.name("version").number(plan.version);
                    out.name("warnings").number(checked.warnings.len() as u64);
                })
            })?;
            return Ok(Outcome::Done);
        }
        writeln!(desk.out, "Version {} of plan `{}` has no errors{}.", plan.version, plan.id, doubts(&checked.warnings))?;
        desk.note(&format!("`trueup plan publish {}` puts it into the book.", self.file.display()));
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

/// Put a plan's text into the book, verbatim
#[derive(Args, Debug)]
pub struct Publish {
    /// The plan, a TOML file; `-` is standard input
    file: PathBuf,
}

impl Publish {
    fn run(self, desk: &mut Desk) -> Result<Outcome, Failure> {
        let text = plan_text(&self.file)?;
        let mut book = desk.book_to_write()?;
        let done = book.publish(&name_of(&self.file), &text, &desk.stamp()?)?;
        desk.warn(&done.warnings);
        if desk.options.format == Format::Json {
            desk.json(|out| {
                out.object(|out| {
                    out.name("plan").text(&done.plan);
                    out.name("version").number(done.version);
                    out.name("position").number(done.position);
                    out.name("size").number(done.size);
                })
            })?;
            return Ok(Outcome::Done);
        }
        let (version, plan, position) = (done.version, &done.plan, done.position);
        writeln!(desk.out, "Version {version} of plan `{plan}` is published, at position {position}.")?;
        Ok(Outcome::Done)
    }
}
