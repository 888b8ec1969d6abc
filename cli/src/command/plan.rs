//! `trueup plan`: the rules, checked, published, listed, and as text.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use ledger::fact::{Payload, Record};
use ledger::json::Writer;
use ledger::problem::{Problem, nearest};
use plans::rulebook::Published;
use projections::life::Sees;
use replay::book::Book;
use replay::publish::CheckDone;

use crate::arguments::{At, Format};
use crate::desk::{Desk, Outcome};
use crate::failure::Failure;
use crate::input::{name_of, plan_text};
use crate::render::csv;
use crate::render::table::{Align, Table};

/// Check, publish and show plans
#[derive(Subcommand, Debug)]
pub enum Plan {
    Check(Check),
    Publish(Publish),
    List(List),
    Show(Show),
}

impl Plan {
    pub fn run(self, desk: &mut Desk) -> Result<Outcome, Failure> {
        match self {
            Plan::Check(command) => command.run(desk),
            Plan::Publish(command) => command.run(desk),
            Plan::List(command) => command.run(desk),
            Plan::Show(command) => command.run(desk),
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
        writeln!(
            desk.out,
            "Version {} of plan `{}` has no errors{}.",
            plan.version,
            plan.id,
            doubts(&checked.warnings)
        )?;
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

/// List the published plans, every version
#[derive(Args, Debug)]
pub struct List {
    #[command(flatten)]
    at: At,
}

const HEADER: [&str; 6] = ["plan", "version", "effective", "currency", "position", "title"];

impl List {
    fn run(self, desk: &mut Desk) -> Result<Outcome, Failure> {
        let book = desk.book()?;
        let sees = Sees::below(self.at.size(&book)?);
        let versions = book.rules().plans().flat_map(|(_, versions)| versions);
        let versions: Vec<&Published> = versions.filter(|published| sees.sees(published.position)).collect();
        match desk.options.format {
            Format::Json => desk.json(|out| out.list(|out| versions.iter().for_each(|one| row_json(one, out))))?,
            Format::Csv => {
                csv::row(&mut desk.out, &HEADER)?;
                for published in versions {
                    csv::row(&mut desk.out, &cells(published))?;
                }
            }
            Format::Text if versions.is_empty() => {
                desk.note("No plan is published yet. `trueup plan publish FILE` publishes one.");
            }
            Format::Text => {
                let mut table =
                    Table::new(&[Align::Left, Align::Right, Align::Left, Align::Left, Align::Right, Align::Left]);
                table.row(HEADER);
                versions.iter().for_each(|published| table.row(cells(published)));
                table.write(&mut desk.out)?;
            }
        }
        Ok(Outcome::Done)
    }
}

fn cells(Published { position, plan }: &Published) -> [String; 6] {
    let title = plan.title.clone().unwrap_or_default();
    let (version, effective) = (plan.version.to_string(), plan.effective.to_string());
    [plan.id.to_string(), version, effective, plan.currency.to_string(), position.to_string(), title]
}

fn row_json(Published { position, plan }: &Published, out: &mut Writer) {
    out.object(|out| {
        out.name("plan").text(&plan.id);
        out.name("version").number(plan.version);
        out.name("effective").text(plan.effective);
        out.name("currency").text(plan.currency);
        out.name("position").number(*position);
        out.name("title").maybe(plan.title.as_ref());
    });
}

/// Print a plan's text as it was published
#[derive(Args, Debug)]
pub struct Show {
    /// The plan's id
    id: String,
    /// Which version; the last, unless given
    #[arg(long, value_name = "N")]
    version: Option<u32>,
    #[command(flatten)]
    at: At,
}

impl Show {
    fn run(self, desk: &mut Desk) -> Result<Outcome, Failure> {
        let book = desk.book()?;
        let published = self.published(&book)?;
        let Payload::Record(Record::Plan(record)) = book.entry(u64::from(published.position))?.payload else {
            unreachable!("BUG: position {} is no plan", published.position)
        };
        match desk.options.format {
            Format::Json => desk.json(|out| {
                out.object(|out| {
                    out.name("plan").text(&record.plan);
                    out.name("version").number(record.version);
                    out.name("effective").text(record.effective);
                    out.name("position").number(published.position);
                    out.name("text").text(&record.text.0);
                })
            })?,
            // Verbatim: the text that was hashed, to the last byte.
            Format::Text | Format::Csv => desk.bytes(record.text.0.as_bytes())?,
        }
        Ok(Outcome::Done)
    }

    fn published<'b>(&self, book: &'b Book) -> Result<&'b Published, Failure> {
        let sees = Sees::below(self.at.size(book)?);
        let versions: Vec<&Published> = book
            .rules()
            .plans()
            .filter(|(id, _)| id.as_str() == self.id)
            .flat_map(|(_, versions)| versions)
            .filter(|published| sees.sees(published.position))
            .collect();
        let Some(last) = versions.last() else { return Err(self.unknown(book)) };
        let wanted = self.version.unwrap_or(last.plan.version);
        versions.iter().find(|published| published.plan.version == wanted).copied().ok_or_else(|| {
            let message = format!("plan `{}` has no version {wanted}", self.id);
            Failure::refused("plan-unknown", message, format!("its last one is {}", last.plan.version))
        })
    }

    fn unknown(&self, book: &Book) -> Failure {
        let help = match nearest(&self.id, book.rules().plans().map(|(id, _)| id.as_str())) {
            Some(id) if id != self.id => format!("did you mean `{id}`?"),
            Some(_) | None => "`trueup plan list` lists what is published".to_owned(),
        };
        Failure::refused("plan-unknown", format!("there is no plan `{}`", self.id), help)
    }
}
