//! A broken invariant of ours: one clear line, and an exit status of its own. What was not committed did not happen.

use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook};

use crate::wording::problem::Problem;
use replay::derived::index::THREAD;

use crate::arguments::Format;
use crate::failure::ExitStatus;
use crate::render::layout::paint::PaintedLine;
use crate::render::problem::{Severity, problems_json};
use crate::terminal::screen::{say, say_json};

const HELP: &str = "`trueup log` shows what was recorded; please report this with the command that led here";

/// Runs a command; a panic ends it with a line on standard error.
pub fn catch(format: Format, run: impl FnOnce() -> ExitStatus) -> ExitStatus {
    set_hook(Box::new(move |info| {
        // The index is done without, and what was wrong with it is a note.
        if std::thread::current().name() != Some(THREAD) {
            tell(format, info);
        }
    }));
    catch_unwind(AssertUnwindSafe(run)).unwrap_or(ExitStatus::Bug)
}

fn tell(format: Format, info: &PanicHookInfo<'_>) {
    let payload = info.payload();
    let text = payload.downcast_ref::<String>().map(String::as_str).or(payload.downcast_ref::<&str>().copied());
    let words = text.unwrap_or("a panic without words").replace('\n', " ");
    let words = if words.starts_with("BUG:") { words } else { format!("BUG: {words}") };
    let place = info.location().map(|place| format!(" ({place})")).unwrap_or_default();
    let message = format!("{words}{place}");
    match format {
        Format::Json => say_json(&problems_json(&[(Severity::Error, &Problem::new("bug", message, HELP))])),
        Format::Text | Format::Csv => say(&PaintedLine::from(format!("error[bug]: {message}; {HELP}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_has_an_exit_status_of_its_own() {
        assert!(catch(Format::Text, || ExitStatus::Done) == ExitStatus::Done);
        assert!(catch(Format::Text, || panic!("BUG: 1 is 2")) == ExitStatus::Bug);
        assert!(catch(Format::Json, || panic!("without the word")) == ExitStatus::Bug);
    }
}
