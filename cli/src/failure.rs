//! Why a command did not do what it was asked, and its exit status. The words are in `wording`.

use std::io::{self, ErrorKind};
use std::path::Path;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue};
use ledger::keyring::KeysError;
use ledger::log::LogError;
use replay::audit::AuditError;
use replay::authority::refusal::{AuthorityError, AuthorityRefusal};
use replay::book::BookError;
use replay::close::CloseError;
use replay::derived::rejected::CacheRejected;
use replay::disputes::refusal::DisputeError;
use replay::pay::refusal::PayError;
use replay::record::RecordError;
use replay::record::publish::PublishError;
use replay::verify::VerifyError;

use crate::refusal::CommandRefusal;
use crate::render::layout::paint::{ERROR, PLAIN, PaintedLine};
use crate::render::problem::{Severity, problems_json};
use crate::terminal::inert::shown;
use crate::terminal::screen::{self, say, say_json};
use crate::wording::book::{
    Blame, book_error, derived_unwritten, is_damage, keys_error, log_error, verify_error, what_to_do,
};
use crate::wording::problem::Problem;
use crate::wording::{self, Wording};

/// How a command ends, for whoever called it.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum ExitStatus {
    Done = 0,
    /// Refused, or a check found something.
    Refused = 1,
    Usage = 2,
    /// Some lines were recorded, and others were set aside.
    SetAside = 3,
    /// A broken invariant of ours.
    Bug = 70,
    /// Input or output.
    World = 74,
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> ExitCode {
        ExitCode::from(status as u8)
    }
}

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub enum Failure {
    /// The user's: refused, with reasons.
    Refused(Vec<Problem>),
    /// The world's: which file, what we were doing.
    World(Box<Problem>),
    /// Standard output takes no more.
    Output(io::Error),
}

impl Failure {
    pub fn refused(refusal: CommandRefusal) -> Failure {
        Failure::Refused(vec![wording::command::refused(&refusal).into()])
    }

    pub fn world(problem: Problem) -> Failure {
        Failure::World(Box::new(problem))
    }

    /// A file that cannot be read or written; or that is refused, by what reads it.
    pub fn file(doing: &str, path: &Path, error: &io::Error) -> Failure {
        if let Some(problem) = refusal(error) {
            return Failure::Refused(vec![problem.clone()]);
        }
        let message = format!("{doing} `{}` failed: {error}", path.display());
        Failure::world(Problem::new("io", message, what_to_do(error)))
    }

    /// A file that can be made again could not be written.
    pub fn derived(doubt: &CacheRejected) -> Failure {
        Failure::world(derived_unwritten(doubt).into())
    }

    /// The same failure, of a command that had recorded something by then: the log has this size, or nothing was recorded.
    pub fn after(self, committed: Option<u64>) -> Failure {
        match (self, committed) {
            (Failure::Output(error), Some(size)) if error.kind() != ErrorKind::BrokenPipe => {
                let message = format!("it is recorded (the log has {size} entries), and showing it failed: {error}");
                let help =
                    "nothing has to be done again; look at where standard output goes, and at the room on the disk";
                Failure::world(Problem::new("output-lost", message, help))
            }
            (failure, _) => failure,
        }
    }

    /// Whether the book's bytes are not what was written: what lies before the damage may be sound.
    pub fn is_damage(&self) -> bool {
        match self {
            Failure::World(problem) => is_damage(problem.code),
            Failure::Refused(_) | Failure::Output(_) => false,
        }
    }

    /// The message and help of the first thing that is wrong.
    pub fn first(self) -> (String, String) {
        let first = self.problems().into_iter().next();
        first.map(|problem| (problem.message, problem.help)).unwrap_or_default()
    }

    pub fn status(&self) -> ExitStatus {
        match self {
            Failure::Refused(_) => ExitStatus::Refused,
            Failure::World(_) => ExitStatus::World,
            // Whoever reads has enough: `trueup log | head`.
            Failure::Output(error) if error.kind() == ErrorKind::BrokenPipe => ExitStatus::Done,
            Failure::Output(_) => ExitStatus::World,
        }
    }

    /// What there is to say about it; nothing, when nobody listens.
    pub fn problems(self) -> Vec<Problem> {
        match self {
            Failure::Refused(problems) => problems,
            Failure::World(problem) => vec![*problem],
            Failure::Output(error) if error.kind() == ErrorKind::BrokenPipe => Vec::new(),
            Failure::Output(error) => vec![Problem::new(
                "io",
                format!("writing to standard output failed: {error}"),
                "look at where it goes, and at the room on the disk",
            )],
        }
    }
}

/// What a reader refuses to read on for. It passes through whatever reads.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct UnreadableInput(Problem);

/// An error of reading that says what is wrong with the file.
pub fn refused_reading(problem: Problem) -> io::Error {
    io::Error::other(UnreadableInput(problem))
}

/// What is wrong with the file, where that is why it was not read.
pub fn refusal(error: &io::Error) -> Option<&Problem> {
    error.get_ref()?.downcast_ref::<UnreadableInput>().map(|refusal| &refusal.0)
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure::Output(error)
    }
}

impl From<RecordError> for Failure {
    fn from(error: RecordError) -> Failure {
        match error {
            RecordError::Refused(refusals) => Failure::Refused(wording::replay::refusals(&refusals)),
            RecordError::Book(error) => error.into(),
        }
    }
}

impl From<PublishError> for Failure {
    fn from(error: PublishError) -> Failure {
        match error {
            PublishError::Refused(findings) => Failure::Refused(wording::plans::refusals(&findings)),
            PublishError::NotAllowed(refusal) => refusal.into(),
            PublishError::Book(error) => error.into(),
        }
    }
}

impl From<CloseError> for Failure {
    fn from(error: CloseError) -> Failure {
        match error {
            CloseError::Refused(refusal) => Failure::Refused(vec![wording::close::refused(&refusal).into()]),
            CloseError::Faults(findings) => Failure::Refused(wording::close::faults(&findings)),
            CloseError::NotAllowed(refusal) => refusal.into(),
            CloseError::Book(error) => error.into(),
            // A broken invariant of ours, as any other (bug.rs).
            CloseError::Differs(_) => panic!("{error}"),
        }
    }
}

impl From<AuthorityRefusal> for Failure {
    fn from(refusal: AuthorityRefusal) -> Failure {
        Failure::Refused(wording::pay::authority::refused(&refusal))
    }
}

impl From<AuthorityError> for Failure {
    fn from(error: AuthorityError) -> Failure {
        match error {
            AuthorityError::Refused(refusal) => refusal.into(),
            AuthorityError::Book(error) => error.into(),
        }
    }
}

impl From<PayError> for Failure {
    fn from(error: PayError) -> Failure {
        match error {
            PayError::Refused(refusal) => Failure::Refused(vec![wording::pay::payments::refused(&refusal).into()]),
            PayError::NotAllowed(refusal) => refusal.into(),
            PayError::Confirmation(refused) => {
                let lines =
                    refused.iter().map(|(_, refusal)| wording::pay::payments::confirmation_refused(refusal).into());
                Failure::Refused(lines.collect())
            }
            PayError::Book(error) => error.into(),
        }
    }
}

impl From<DisputeError> for Failure {
    fn from(error: DisputeError) -> Failure {
        match error {
            DisputeError::Refused(refused) => Failure::Refused(wording::pay::disputes::problems(&refused)),
            DisputeError::NotAllowed(refusal) => refusal.into(),
            DisputeError::Book(error) => error.into(),
        }
    }
}

impl From<BookError> for Failure {
    fn from(error: BookError) -> Failure {
        if let BookError::Io { source, .. } = &error
            && let Some(problem) = refusal(source)
        {
            return Failure::Refused(vec![problem.clone()]);
        }
        blamed(book_error(&error))
    }
}

impl From<LogError> for Failure {
    fn from(error: LogError) -> Failure {
        blamed(log_error(&error))
    }
}

impl From<AuditError> for Failure {
    fn from(error: AuditError) -> Failure {
        match error {
            AuditError::Book(error) => error.into(),
            AuditError::Verify(error) => error.into(),
        }
    }
}

impl From<VerifyError> for Failure {
    fn from(error: VerifyError) -> Failure {
        blamed(verify_error(&error))
    }
}

impl From<&KeysError> for Failure {
    fn from(error: &KeysError) -> Failure {
        blamed(keys_error(error))
    }
}

pub fn blamed((blame, wording): (Blame, Wording)) -> Failure {
    match blame {
        Blame::User => Failure::Refused(vec![wording.into()]),
        Blame::World => Failure::world(wording.into()),
    }
}

/// What clap says about the arguments: help is data, a mistake is not.
pub fn usage(mut error: clap::Error) -> ExitStatus {
    use clap::error::ErrorKind as Kind;
    match error.kind() {
        Kind::DisplayHelp | Kind::DisplayVersion => {
            screen::help(&error);
            return ExitStatus::Done;
        }
        Kind::DisplayHelpOnMissingArgumentOrSubcommand => {
            screen::help(&error);
            return ExitStatus::Usage;
        }
        _ => {}
    }
    make_inert(&mut error);
    let text = error.render().to_string();
    if wants_json() {
        let message = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
        let problem = Problem::new("usage", message, "`trueup --help` and `trueup help COMMAND` say what there is");
        say_json(&problems_json(&[(Severity::Error, &problem)]));
    } else {
        text.lines().for_each(|line| say(&usage_line(line)));
    }
    ExitStatus::Usage
}

fn usage_line(line: &str) -> PaintedLine {
    match line.strip_prefix("error:") {
        Some(rest) => PaintedLine::default().with(ERROR, "error:").with(PLAIN, rest),
        None => PaintedLine::from(line),
    }
}

/// What was typed is in clap's words as it came, line ends too: it is shown instead, before clap makes lines of it.
fn make_inert(error: &mut clap::Error) {
    let typed: Vec<(ContextKind, ContextValue)> = error.context().map(|(kind, value)| (kind, value.clone())).collect();
    for (kind, value) in typed {
        let inert = match value {
            ContextValue::String(text) => ContextValue::String(shown(&text).into_owned()),
            ContextValue::Strings(texts) => {
                ContextValue::Strings(texts.iter().map(|text| shown(text).into_owned()).collect())
            }
            // Words of clap's own: usage and suggestions.
            _ => continue,
        };
        error.insert(kind, inert);
    }
}

/// Asked before the arguments are understood.
fn wants_json() -> bool {
    let arguments: Vec<String> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    arguments.iter().any(|word| word == "--format=json")
        || arguments.windows(2).any(|pair| pair[0] == "--format" && pair[1] == "json")
        || std::env::var("TRUEUP_FORMAT").is_ok_and(|format| format == "json")
}
