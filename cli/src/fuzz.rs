//! What the fuzz targets need of this crate (docs/testing.md): rows through a mapping into a book, and problems as they are
//! told. It is there only when they are built.

use crate::wording::problem::Problem;
use ledger::finding::Finding;
use plans::refusal::{PlanRefusal, PlanWarning};
use replay::book::Book;
use replay::record::{OnSuperseded, RecordError, RecordOptions, Rejects, Source};
use replay::stamp::Stamp;

use crate::failure::Failure;
use crate::input::limits::Limits;
use crate::input::time_zone::Zone;
use crate::mapping::mapped::{MapText, Mapped};
use crate::mapping::transform::batch::Keep;
use crate::render::layout::paint::Paint;
use crate::render::problem::{Severity, draw as draw_one, problems_json};
use crate::wording;
pub use crate::wording::replay::{refusals, warnings};

/// `record --map`, with and without `--dry-run`; where something is refused, again with `--rejects`.
pub fn record_map(map: &str, rows: &[u8], book: &mut Book, stamp: &Stamp) {
    let map = MapText { name: "map.toml".to_owned(), text: map.to_owned() };
    let files = vec![Source { name: "rows".to_owned(), open: Box::new(|| Ok(Box::new(rows))) }];
    let mapped = match Mapped::of(map, files, Zone::Unnamed, Keep::All, &Limits::default()) {
        Ok(mapped) => mapped,
        Err(Failure::Refused(problems)) => return draw(&problems),
        Err(Failure::World(_) | Failure::Output(_)) => return,
    };
    draw(&mapped.warnings);
    let Ok(run) = mapped.dry_run() else { return };
    draw(&run.problems);
    drop(run.lines());
    for rejects in [Rejects::Refuse, Rejects::SetAside] {
        match mapped.record(
            book,
            RecordOptions { superseded: OnSuperseded::Refuse, rejects, ..RecordOptions::default() },
            stamp,
        ) {
            Ok(recorded) => recorded.rejected.iter().for_each(|rejected| draw(&refusals(&rejected.refusals))),
            Err(RecordError::Refused(found)) => draw(&refusals(&found)),
            Err(error) => drop(error),
        }
    }
}

/// Every finding about a plan, in both of its forms.
pub fn draw_plan(refusals: &[Finding<PlanRefusal>], warnings: &[Finding<PlanWarning>]) {
    draw(&wording::plans::refusals(refusals));
    draw(&wording::plans::warnings(warnings));
}

/// Every problem in both of its forms.
pub fn draw(problems: &[Problem]) {
    for problem in problems {
        for paint in [Paint::Plain, Paint::Colour] {
            drop(draw_one(Severity::Error, problem, paint));
        }
        let json = problems_json(&[(Severity::Warning, problem)]);
        ledger::json::read(&json).expect("problems are JSON");
    }
}
