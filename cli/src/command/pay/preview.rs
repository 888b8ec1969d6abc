//! `trueup preview`: what a close would post: first what is missing, then what is due.

use clap::Args;
use data_encoding::HEXLOWER;
use ledger::date::Month;
use replay::bridge::preview::preview_bridge;
use replay::bridge::rows::Bridge;
use replay::close::preview_of;
use replay::close::{CloseRequest, Preview};
use replay::missing::missing_of_close;
use replay::statements::readiness::{Readiness, readiness};
use replay::statements::statement::Figures;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::arguments::{Format, month};
use crate::as_of::AsOf;
use crate::command::compare::diff::show;
use crate::command::pay::statement::payments_csv;
use crate::failure::Failure;
use crate::input::opening_lines::OpeningArgs;
use crate::render::bridge::json::BridgeJson;
use crate::render::bridge::words::BridgeWords;
use crate::render::json::written;
use crate::render::layout::table::Table;
use crate::render::missing::{MissingJson, MissingReport};
use crate::render::problem::{ProblemJson, Severity, draw};
use crate::render::readiness::{ReadinessJson, completeness, movers};
use crate::render::statement::payments::{self, PaymentRow};
use crate::render::statement::settled_and_withheld::{SettledJson, WithheldJson, beside};
use crate::session::state::{Outcome, Session};
use crate::wording;
use crate::wording::problem::Problem;

/// Show what closing a month would post, without posting it
#[derive(Args, Debug)]
pub struct PreviewOf {
    /// The month, like 2027-04; the next open one or a later one
    #[arg(value_parser = month)]
    period: Month,
    #[command(flatten)]
    opening: OpeningArgs,
    /// Show the bridge from what the last close left to what this one would: which lines differ, and which entries make the difference
    #[arg(long, conflicts_with = "opening")]
    bridge: bool,
    #[command(flatten)]
    at: AsOf,
}

impl PreviewOf {
    /// Whether it can be drawn.
    pub fn has_chart(&self) -> bool {
        self.bridge
    }

    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        let opening = self.opening.read()?;
        let book = session.book_at(&self.at)?;
        let asked = CloseRequest { opening: opening.as_ref(), ..CloseRequest::of(self.period, Some(book.size())) };
        let wait = session.wait("evaluating");
        let preview = preview_of(book.state(), &asked)?;
        let missing = MissingReport::of(&missing_of_close(book.state(), &preview));
        let readiness = readiness(&book, &preview)?;
        let bridge = self.bridge.then(|| preview_bridge(book.state(), &preview));
        drop(wait);
        session.warn_of_disputes(&book);
        if let (Some(bridge), Format::Text | Format::Csv) = (&bridge, session.options.format) {
            problems(&preview).for_each(|(severity, problem)| session.tell(severity, &[problem]));
            show(bridge, BridgeWords::default(), session)?;
            return Ok(outcome(&preview));
        }
        match session.options.format {
            Format::Json => json((&preview, &readiness, bridge.as_ref()), &missing, book.name().as_str(), session)?,
            Format::Csv => {
                payments_csv(preview.statements.iter(), &mut session.out)?;
                let missing = missing.problems().map(|problem| (Severity::Warning, problem.clone()));
                problems(&preview).chain(missing).for_each(|(severity, problem)| session.tell(severity, &[problem]));
            }
            Format::Text => {
                let next = book.state().posted_state().last_close().map(|last| last.close.period.next());
                for line in completeness(&readiness, self.period) {
                    writeln!(session.out, "{line}")?;
                }
                session.out.blank()?;
                missing_first(&preview, &missing, session)?;
                text((&preview, &readiness), next.filter(|next| *next < self.period), &self.opening, session)?
            }
        }
        Ok(outcome(&preview))
    }
}

/// With faults, a close would be refused.
fn outcome(preview: &Preview) -> Outcome {
    if preview.faults.is_empty() { Outcome::Done } else { Outcome::Found }
}

/// What keeps the month open, before what is only odd.
fn problems(preview: &Preview) -> impl Iterator<Item = (Severity, Problem)> {
    let faults = wording::close::faults(&preview.faults).into_iter().map(|problem| (Severity::Error, problem));
    let warnings = wording::close::warnings(&preview.warnings).into_iter();
    faults.chain(warnings.map(|problem| (Severity::Warning, problem)))
}

fn json(
    (preview, readiness, bridge): (&Preview, &Readiness, Option<&Bridge>),
    missing: &MissingReport,
    book: &str,
    session: &mut Session,
) -> Result<(), Failure> {
    let before = wording::close::warnings(&preview.told_before).into_iter();
    let problems: Vec<(Severity, Problem)> =
        problems(preview).chain(before.map(|problem| (Severity::Warning, problem))).collect();
    let told =
        problems.iter().map(|(severity, problem)| MissingOrProblem::Problem(ProblemJson::of(*severity, problem)));
    session.json(&PreviewJson {
        statements: written(|out| {
            out.list(|out| preview.statements.iter().for_each(|figures| figures.json(book, out)));
        }),
        size: preview.known,
        digest: HEXLOWER.encode(&preview.digest),
        missing: told.chain(missing.json().into_iter().map(MissingOrProblem::Missing)).collect(),
        settled: preview.settled.iter().map(SettledJson::of).collect(),
        withheld: preview.withheld.iter().map(WithheldJson::of).collect(),
        readiness: ReadinessJson::of(readiness),
        bridge: bridge.map(BridgeJson::of),
    })
}

#[derive(Serialize)]
struct PreviewJson<'p> {
    statements: Box<RawValue>,
    size: u64,
    digest: String,
    missing: Vec<MissingOrProblem<'p>>,
    settled: Vec<SettledJson<'p>>,
    withheld: Vec<WithheldJson<'p>>,
    readiness: ReadinessJson<'p>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bridge: Option<BridgeJson<'p>>,
}

/// An error or a warning; one that is about a class of what is missing has members besides.
#[derive(Serialize)]
#[serde(untagged)]
enum MissingOrProblem<'p> {
    Problem(ProblemJson<'p>),
    Missing(MissingJson<'p>),
}

/// Errors, warnings, and what is missing.
fn missing_first(preview: &Preview, missing: &MissingReport, session: &mut Session) -> Result<(), Failure> {
    let missing = missing.problems().map(|problem| (Severity::Warning, problem.clone()));
    for (severity, problem) in problems(preview).chain(missing) {
        for line in draw(severity, &problem) {
            session.out.line(&line)?;
        }
        session.out.blank()?;
    }
    Ok(())
}

/// `before` is the month that has to be closed first.
fn text(
    (preview, readiness): (&Preview, &Readiness),
    before: Option<Month>,
    opening: &OpeningArgs,
    session: &mut Session,
) -> Result<(), Failure> {
    let (period, size, digest) = (preview.period, preview.known, HEXLOWER.encode(&preview.digest));
    if preview.statements.is_empty() {
        writeln!(session.out, "Nothing is due in {period}.")?;
    } else {
        due(preview).write(&mut session.out)?;
    }
    session.out.blank()?;
    if readiness.before.is_some() {
        movers(readiness, &mut session.out)?;
        session.out.blank()?;
    }
    beside(&preview.settled, preview.frozen, &preview.withheld, &mut session.out)?;
    if !preview.settled.is_empty() && preview.withheld.is_empty() {
        session.out.blank()?;
    }
    writeln!(session.out, "size    {size}")?;
    writeln!(session.out, "digest  {digest}")?;
    match (preview.faults.len(), before) {
        (0, None) => {
            let opening = opening.text();
            session.note(&format!("`trueup close {period} --at {size} --expect {digest}{opening}` posts exactly this."))
        }
        (0, Some(before)) => session.note(&format!(
            "{period} cannot be closed before {before} is: until then this is what would be due of all months up to {period}."
        )),
        _ => session.note(&format!("{period} cannot be closed before the errors above are mended.")),
    }
    Ok(())
}

/// What each payee is due.
fn due(preview: &Preview) -> Table {
    let row = |figures: &Figures| {
        let (settled, (payee, currency)) = (&figures.settled, &figures.holder);
        let names = vec![payee.to_string(), currency.to_string(), figures.lines.len().to_string()];
        PaymentRow { names, parts: settled.into(), clawback_balance: settled.closing.owed }
    };
    payments::table(&["payee", "currency", "lines"], &preview.statements.iter().map(row).collect::<Vec<_>>())
}
