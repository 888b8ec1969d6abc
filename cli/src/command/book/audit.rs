//! `trueup audit`: derives every close again from the log alone, and names every cent that differs.

use std::mem::ManuallyDrop;
use std::path::PathBuf;

use clap::Args;
use ledger::date::{Day, Month};
use ledger::entry::recorded_text;
use ledger::fact::Reason;
use ledger::id::PayeeId;
use ledger::money::{Currency, Money};
use projections::lines::LineName;
use replay::audit::difference::{AuditDifference, DerivedSide, DifferenceClass, DifferenceKind, PostedSide};
use replay::audit::{Audit, audit_alone};
use replay::book::Book;
use replay::statements::statement::steps;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::arguments::{Format, month};
use crate::as_of::AsOf;
use crate::command::pay::statement::closed;
use crate::failure::Failure;
use crate::output;
use crate::output::evidence::SampleRequest;
use crate::output::folder::must_be_free;
use crate::render::amount::{amount, grouped};
use crate::render::audit::difference::{field, finding, line, subject, word};
use crate::render::json::{AsText, written};
use crate::render::statement::explain::{EntryWords, line_steps, write_steps};
use crate::render::statement::item::BookView;
use crate::render::statement::lines::reason_words;
use crate::session::state::{Outcome, Session};
use crate::terminal::progress::Counter;

/// Derive every close again from the log alone, and name every cent that differs
///
/// Each close is evaluated in full from the facts known when it was made. Its lines, draws, settlements and digest are compared with what
/// the log has; so are approvals, payouts and what they rest on, signatures and the policy in force then. A difference is `engine` if a later
/// close posted exactly the opposite with the reason `calculation`, and `altered` otherwise; then the status is 1.
#[derive(Args, Debug)]
pub struct AuditBook {
    /// The month whose close is audited; by default all of them
    #[arg(value_parser = month)]
    period: Option<Month>,
    /// Write the evidence for so many lines of these closes, drawn at random
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), requires = "seed", requires = "evidence")]
    sample: Option<u32>,
    /// What decides which lines are drawn: the same seed draws the same lines
    #[arg(long, value_name = "TEXT", requires = "sample")]
    seed: Option<String>,
    /// The folder for the evidence, which is new or empty
    #[arg(long, value_name = "DIR", requires = "sample")]
    evidence: Option<PathBuf>,
    #[command(flatten)]
    at: AsOf,
}

impl AuditBook {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        if let Some(folder) = &self.evidence {
            must_be_free(folder, &session.options.book)?;
        }
        let book = session.book_at(&self.at)?;
        if let Some(period) = self.period {
            closed(&book, period)?;
        }
        let counter = if session.shows_progress() { Counter::of("closes audited") } else { Counter::silent() };
        let folder = Some(session.options.book.as_path());
        let book = ManuallyDrop::into_inner(book);
        let (book, found) = audit_alone(book, self.period, folder, &mut |done, all| counter.reach(done, all))?;
        let book = ManuallyDrop::new(book);
        counter.finish();
        let mut drawn = None;
        if let Some(asked) = self.sample_request() {
            let wait = session.wait("writing evidence");
            drawn = Some(output::evidence::write(&book, &found, &asked)?);
            drop(wait);
        }
        match session.options.format {
            Format::Json => session.json(&AuditJson::of(&book, &found))?,
            Format::Csv => table(&found, session)?,
            Format::Text => text(&book, &found, session)?,
        }
        if let (Some(drawn), Some(folder)) = (drawn, &self.evidence) {
            let (all, folder) = (grouped(&found.posted.len().to_string()), folder.display());
            session
                .note(&format!("Wrote the evidence for {drawn} of {all} lines into `{folder}`; index.csv lists it."));
        }
        Ok(if found.is_altered() { Outcome::Found } else { Outcome::Done })
    }

    fn sample_request(&self) -> Option<SampleRequest<'_>> {
        let (count, seed, folder) = (self.sample?, self.seed.as_deref()?, self.evidence.as_deref()?);
        Some(SampleRequest { seed, count: count as usize, period: self.period, folder })
    }
}

/// How many differences are shown as text, with their traces.
const SHOWN_MAX: usize = 50;

fn text(book: &Book, found: &Audit, session: &mut Session) -> Result<(), Failure> {
    for (index, difference) in found.differences.iter().take(SHOWN_MAX).enumerate() {
        if index > 0 {
            session.out.blank()?;
        }
        write_difference(book, difference, session)?;
    }
    if let more @ 1.. = found.differences.len().saturating_sub(SHOWN_MAX) {
        session.out.blank()?;
        writeln!(session.out, "and {more} more differences (`--format json` has all)")?;
    }
    if !found.differences.is_empty() {
        session.out.blank()?;
    }
    writeln!(session.out, "{}", verdict(found))?;
    writeln!(session.out, "Audited {}.", looked_at(found))?;
    let engines: Vec<String> = found.engines.iter().map(u16::to_string).collect();
    if !engines.is_empty() {
        let noun = if engines.len() == 1 { "engine number" } else { "engine numbers" };
        let ours = found.engine;
        session.note(&format!("The closes record {noun} {}; this program has {ours}.", engines.join(", ")));
    }
    session.note(&what_next(found));
    Ok(())
}

fn verdict(found: &Audit) -> String {
    let count = |class| found.differences.iter().filter(|difference| difference.class == class).count();
    let plural = |count: usize| if count == 1 { "1 difference".to_owned() } else { format!("{count} differences") };
    match (count(DifferenceClass::Altered), count(DifferenceClass::Engine)) {
        (0, 0) => "Audited: everything is as it is derived.".to_owned(),
        (0, engine) => format!("Audited: {} of the engine, which a later close has corrected.", plural(engine)),
        (altered, 0) => format!("Altered: {}.", plural(altered)),
        (altered, engine) => {
            format!(
                "Altered: {}, and {} of the engine, which a later close has corrected.",
                plural(altered),
                plural(engine)
            )
        }
    }
}

fn what_next(found: &Audit) -> String {
    if found.is_altered() {
        return "Look at the entries at these positions (`trueup show POSITION`, `trueup history LINE`), and at who recorded them. Nothing was \
                changed: what is wrong in a closed month is corrected by a fact, and posted by the next close."
            .to_owned();
    }
    "This cannot show whether the log was written anew as a whole: `trueup verify --against FILE` does, with a checkpoint that you keep \
     elsewhere."
        .to_owned()
}

fn looked_at(found: &Audit) -> String {
    let plural = |count: u64, one: &str| {
        if count == 1 { format!("1 {one}") } else { format!("{} {one}s", grouped(&count.to_string())) }
    };
    let rest = [(found.decisions, "approval or rejection"), (found.payouts, "payout"), (found.signatures, "signature")];
    let rest = rest.into_iter().filter(|(count, _)| *count > 0).map(|(count, one)| match one {
        "approval or rejection" if count != 1 => format!("{} approvals and rejections", grouped(&count.to_string())),
        one => plural(count, one),
    });
    let first = [plural(found.closes, "close"), plural(found.lines, "line"), plural(found.settlements, "settlement")];
    first.into_iter().chain(rest).collect::<Vec<_>>().join(", ")
}

fn write_difference(book: &Book, difference: &AuditDifference, session: &mut Session) -> Result<(), Failure> {
    let period = difference.period.map(|period| format!("{period} ")).unwrap_or_default();
    let holder =
        difference.holder.as_ref().map(|(payee, currency)| format!("{payee} {currency}, ")).unwrap_or_default();
    let position = difference.position.map(|position| format!(" (entry {position})")).unwrap_or_default();
    let (class, what) = (difference.class.word(), subject(&difference.what));
    writeln!(session.out, "{class}: {period}{holder}{what}{position}: {}", finding(difference))?;
    if let Some(back) = &difference.taken_back {
        let reason = back.reason.map(|reason| format!(" ({})", reason_words(reason))).unwrap_or_default();
        writeln!(session.out, "│  The close of {} posted the opposite{reason}.", back.period)?;
    }
    let Some(trace) = &difference.trace else { return Ok(()) };
    if let Some(PostedSide { position, recorded, author, before, entitled, .. }) = &trace.posted {
        let (from, to) = (amount(*before), amount(*entitled));
        let when = recorded_text(*recorded);
        writeln!(session.out, "├─ posted: from {from} to {to}; entry {position}, recorded {when} by {author}")?;
    } else {
        writeln!(session.out, "├─ posted: nothing")?;
    }
    match &trace.derived {
        None => writeln!(session.out, "└─ derived: nothing is due that was not posted before")?,
        Some(DerivedSide { line, why }) => {
            writeln!(session.out, "├─ derived: from {} to {}", amount(line.before), amount(line.entitled))?;
            let steps = line_steps(line, why, BookView::new(book, book.size()), &mut EntryWords::of(book))?;
            write_steps(&steps, &mut session.out)?;
        }
    }
    Ok(())
}

const HEADER: [&str; 11] =
    ["class", "period", "payee", "currency", "what", "field", "line", "posted", "derived", "position", "finding"];

fn table(found: &Audit, session: &mut Session) -> Result<(), Failure> {
    session.out.row(&HEADER)?;
    for difference in &found.differences {
        let holder = difference.holder.as_ref();
        let text = |value: Option<String>| value.unwrap_or_default();
        session.out.row(&[
            difference.class.word().to_owned(),
            text(difference.period.map(|period| period.to_string())),
            text(holder.map(|(payee, _)| payee.to_string())),
            text(holder.map(|(_, currency)| currency.to_string())),
            word(&difference.what).to_owned(),
            field(&difference.what).to_owned(),
            text(line(&difference.what).map(|line| line.to_string())),
            difference.posted.clone(),
            difference.derived.clone(),
            text(difference.position.map(|position| position.to_string())),
            finding(difference),
        ])?;
    }
    Ok(())
}

#[derive(Serialize)]
struct AuditJson<'a> {
    size: u64,
    closes: u64,
    lines: u64,
    settlements: u64,
    decisions: u64,
    payouts: u64,
    signatures: u64,
    engines: Vec<u16>,
    differences: Vec<DifferenceJson<'a>>,
}

impl<'a> AuditJson<'a> {
    fn of(book: &Book, found: &'a Audit) -> AuditJson<'a> {
        AuditJson {
            size: book.size(),
            closes: found.closes,
            lines: found.lines,
            settlements: found.settlements,
            decisions: found.decisions,
            payouts: found.payouts,
            signatures: found.signatures,
            engines: found.engines.iter().copied().collect(),
            differences: found.differences.iter().map(DifferenceJson::of).collect(),
        }
    }
}

#[derive(Serialize)]
struct DifferenceJson<'a> {
    period: Option<AsText<Month>>,
    payee: Option<AsText<&'a PayeeId>>,
    currency: Option<AsText<Currency>>,
    line: Option<AsText<&'a LineName>>,
    what: &'static str,
    field: &'static str,
    posted: &'a str,
    derived: &'a str,
    difference: Option<AsText<Money>>,
    class: &'static str,
    position: Option<u64>,
    finding: String,
    taken_back: Option<TakenBackJson>,
    trace: Option<TraceJson<'a>>,
}

#[derive(Serialize)]
struct TakenBackJson {
    period: AsText<Month>,
    position: Option<u64>,
    reason: Option<AsText<Reason>>,
}

#[derive(Serialize)]
struct TraceJson<'a> {
    posted: Option<PostedSideJson<'a>>,
    derived: Option<DerivedSideJson>,
}

#[derive(Serialize)]
struct PostedSideJson<'a> {
    position: u64,
    recorded: String,
    author: &'a str,
    before: AsText<Money>,
    entitled: AsText<Money>,
    due: AsText<Day>,
    reason: Option<AsText<Reason>>,
}

#[derive(Serialize)]
struct DerivedSideJson {
    before: AsText<Money>,
    entitled: AsText<Money>,
    due: AsText<Day>,
    reason: Option<AsText<Reason>>,
    why: Box<RawValue>,
}

impl<'a> DifferenceJson<'a> {
    fn of(found: &'a AuditDifference) -> DifferenceJson<'a> {
        let difference = match &found.what {
            DifferenceKind::LineAmount { difference, .. } => Some(AsText(*difference)),
            _other => None,
        };
        DifferenceJson {
            period: found.period.map(AsText),
            payee: found.holder.as_ref().map(|(payee, _)| AsText(payee)),
            currency: found.holder.as_ref().map(|(_, currency)| AsText(*currency)),
            line: line(&found.what).map(AsText),
            what: word(&found.what),
            field: field(&found.what),
            posted: &found.posted,
            derived: &found.derived,
            difference,
            class: found.class.word(),
            position: found.position,
            finding: finding(found),
            taken_back: found.taken_back.map(|back| TakenBackJson {
                period: AsText(back.period),
                position: back.position,
                reason: back.reason.map(AsText),
            }),
            trace: found.trace.as_ref().map(|trace| TraceJson {
                posted: trace.posted.as_ref().map(PostedSideJson::of),
                derived: trace.derived.as_ref().map(DerivedSideJson::of),
            }),
        }
    }
}

impl PostedSideJson<'_> {
    fn of(side: &PostedSide) -> PostedSideJson<'_> {
        PostedSideJson {
            position: side.position,
            recorded: recorded_text(side.recorded),
            author: &side.author,
            before: AsText(side.before),
            entitled: AsText(side.entitled),
            due: AsText(side.due),
            reason: side.reason.map(AsText),
        }
    }
}

impl DerivedSideJson {
    fn of(side: &DerivedSide) -> DerivedSideJson {
        DerivedSideJson {
            before: AsText(side.line.before),
            entitled: AsText(side.line.entitled),
            due: AsText(side.line.due),
            reason: side.line.reason.map(AsText),
            why: written(|out| steps(&side.why, out)),
        }
    }
}
