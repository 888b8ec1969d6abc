//! What a compensation team does with a book of this size: each job timed in an open process, unless it says otherwise.

use std::path::{Path, PathBuf};
use std::process::Command;

use ledger::date::Month;
use ledger::id::PayeeId;
use ledger::log::Log;
use ledger::store::Files;
use projections::posted_state::ClosedPeriod;
use replay::book::{Book, BookError};
use replay::close::{CloseRequest, EvaluationMode};
use replay::record::publish::{check_plan, publish};

use super::audited::audited;
use super::company::plans::raised;
use super::company::seat::{POD, SELLER_FIRST, payee};
use super::company::world::World;
use super::folder::Folder;
use super::memory::most;
use super::month::{Months, base_of, close, record, record_facts, stamp};
use super::own_process::numbers_of;
use super::report::{Report, bounds};
use super::took::{Took, timed};

/// Facts that come late, spread over all months before.
const LATE: usize = 1_000;
/// No more statements are told once they took this long together.
const STATEMENTS_SECONDS: f64 = 60.0;
/// How often each of two months is measured, one after the other.
const TURNS: usize = 5;

pub fn run(mut world: World, folder: &Folder, months: &Months, wanted: &dyn Fn(&str) -> bool, report: &mut Report) {
    if wanted("replay") {
        replay(&folder.book(), report);
    }
    open(&folder.book(), report);
    let book = Book::open_read(&folder.book()).expect("a book");
    if wanted("statements") {
        statements(&book, &world, report);
    }
    if wanted("lead") {
        lead(&book, report);
    }
    drop(book);
    if wanted("audit") {
        audited(&folder.book(), report);
    }
    if wanted("late") || wanted("raise") {
        let place = folder.expendable();
        let mut book = Book::open(&place).expect("a book").0;
        if wanted("late") {
            book = late((book, &place), &mut world, folder, months, wanted, report);
        }
        if wanted("raise") {
            raise(book, world.size.months, report);
        }
    }
    report.gib("memory at most, all jobs", bounds(3.0, 2.0), most());
}

/// In a process of its own, as every command does, three times: the middle one.
fn open(place: &Path, report: &mut Report) {
    let one = |_| {
        let [size, clock, processor] = numbers_of(&["open-of", &place.to_string_lossy()]);
        (size, Took { clock, processor })
    };
    let mut opened: Vec<(f64, Took)> = (0..3).map(one).collect();
    opened.sort_by(|a, b| a.1.clock.total_cmp(&b.1.clock));
    let (size, took) = opened[1];
    let job = "open with a snapshot, as if it had 10 M entries";
    report.seconds(job, bounds(1.0, 0.3), took.map(|seconds| seconds * 10e6 / size));
}

/// The month after the last against that of thirty months before, previewed one after the other in new processes, for what
/// lies an hour of closes apart is measured on another machine, more or less. The middle one of each.
fn by_turns(book: &mut Book, place: &Path, folder: &Folder, count: usize, report: &mut Report) {
    let Some(base) = base_of(count + 1) else { return };
    let before = folder.before_close(World::month(base - 1));
    if !before.exists() {
        return report.missing("previews by turns: the folder has no copy of an early book");
    }
    book.keep_now().unwrap_or_else(|doubt| panic!("{doubt}"));
    // What is not on disk yet would be waited for by whoever comes next.
    Command::new("sync").status().expect("it runs");
    let one = |place: &Path, number: usize| {
        let month = World::month(number - 1).to_string();
        let [clock, processor] = numbers_of(&["preview-of", &place.to_string_lossy(), &month]);
        Took { clock, processor }
    };
    let mut turns: Vec<(Took, Took)> = (0..TURNS).map(|_| (one(&before, base), one(place, count + 1))).collect();
    let mut middle = |of: fn(&(Took, Took)) -> Took| {
        turns.sort_by(|a, b| of(a).clock.total_cmp(&of(b).clock));
        of(&turns[TURNS / 2])
    };
    let (early, last) = (middle(|turn| turn.0), middle(|turn| turn.1));
    report.seconds(&format!("preview of month {base}, in a new process"), None, early);
    report.factor(&format!("preview of month {} against it, by turns", count + 1), bounds(2.0, 1.2), last, early);
}

/// Opens a book and prints the seconds that previewing a month takes, and those of the processor.
pub fn preview_of(place: &Path, month: Month) {
    let book = Book::open_read(place).expect("a book");
    let (_, took) = timed(|| replay::close::preview(book.state(), month, None).expect("a preview"));
    println!("{} {}", took.clock, took.processor);
}

/// Opens a book and prints its size, the seconds that it took, and those of the processor.
pub fn open_of(place: &Path) {
    let (book, took) = timed(|| Book::open_read(place).expect("a book"));
    println!("{} {} {}", book.size(), took.clock, took.processor);
}

/// The log from its first entry to knowledge, its hashes trusted and checked; and by the program that trusts nothing.
fn replay(place: &Path, report: &mut Report) {
    let of = |make: fn(Log, PathBuf) -> Result<Book, BookError>| {
        let log = Log::open_read(Box::new(Files::at(place.join("log")))).expect("a log");
        make(log, place.with_extension("keys")).expect("a book")
    };
    let (book, folded) = timed(|| of(Book::of));
    let count = book.size() as f64;
    drop(book);
    report.rate("replay from the first entry, hashes not checked", bounds(2e6, 8e6), count, folded);
    let (_, checked) = timed(|| of(Book::of_checked));
    report.rate("replay from the first entry, hashes checked on the mode", bounds(1.5e6, 5e6), count, checked);
    let (verified, took) = timed(|| replay::verify::verify(place).expect("verified"));
    assert!(verified.problems.is_empty(), "the book is consistent with its head");
    report.rate("verify alone: every byte, hash and root", None, count, took);
}

/// What some sellers were told a year ago, by what was known then.
fn statements(book: &Book, world: &World, report: &mut Report) {
    let (closed, ago) = a_year_ago(book);
    let sellers = (0..world.seats.len()).filter(|number| number % POD >= SELLER_FIRST);
    let step = (sellers.clone().count() / 20).max(1);
    // The first in the seat, who was there from the first day.
    let payees: Vec<PayeeId> = sellers.step_by(step).filter_map(|number| PayeeId::new(&payee(number))).collect();
    let mut times: Vec<Took> = Vec::new();
    for payee in &payees {
        times.push(statement(book, closed, payee));
        if times.iter().map(|took| took.clock).sum::<f64>() > STATEMENTS_SECONDS {
            break;
        }
    }
    times.sort_by(|a, b| a.clock.total_cmp(&b.clock));
    let (middle, last) = (times[times.len() / 2], times[times.len() - 1]);
    let job = format!("statement of one payee as known {ago} months ago, the middle one");
    report.seconds(&job, bounds(1.0, 0.05), middle);
    report.seconds(&format!("the same, the slowest of {} sellers", times.len()), bounds(1.0, 0.05), last);
}

/// The lead of the first pod is paid on what ten pods are credited: the longest statement that there is.
fn lead(book: &Book, report: &mut Report) {
    let (closed, _) = a_year_ago(book);
    let took = statement(book, closed, &PayeeId::new(&payee(0)).expect("an id"));
    report.seconds("the same, of a lead of two hundred", bounds(1.0, 0.05), took);
}

fn statement(book: &Book, closed: &ClosedPeriod, payee: &PayeeId) -> Took {
    timed(|| replay::statements::build::statements(book, closed, Some(payee)).expect("told")).1
}

/// The close of a year before the last one, or the first; and how many months before that is.
fn a_year_ago(book: &Book) -> (&ClosedPeriod, i32) {
    let closes = &book.state().posted_state().closes;
    let (closed, last) = (&closes[closes.len().saturating_sub(13)], &closes[closes.len() - 1]);
    (closed, last.close.period.number() - closed.close.period.number())
}

/// One more month, with facts that reach into all months before; on request the full evaluation is asked first, whether it
/// gives the same result.
fn late(
    (mut book, place): (Book, &Path),
    world: &mut World,
    folder: &Folder,
    months: &Months,
    wanted: &dyn Fn(&str) -> bool,
    report: &mut Report,
) -> Book {
    let month = World::month(world.size.months);
    let mut facts = world.live(world.size.months);
    record_facts(&mut book, month, &facts, folder);
    let usage = folder.usage(month);
    world.usage(month, &usage);
    record(&mut book, &usage, month);
    std::fs::remove_file(&usage).expect("removed");
    let (_, plain) = timed(|| replay::close::preview(book.state(), month, None).expect("a preview"));
    report.seconds("the month after, without late facts, preview", None, plain);
    if wanted("turns") {
        by_turns(&mut book, place, folder, world.size.months, report);
    }
    facts.clear();
    world.late(LATE, month, &mut facts);
    let (recorded, _) = record_facts(&mut book, month, &facts, folder);
    println!("  {} late facts, {} reach into closed months", facts.count, recorded.into_closed);
    let is_judged = wanted("judge");
    let asked = CloseRequest {
        mode: if is_judged { EvaluationMode::Both } else { EvaluationMode::BySize },
        ..CloseRequest::of(month, None)
    };
    let (preview, took) = timed(|| replay::close::preview_of(book.state(), &asked).expect("a preview"));
    assert_eq!(preview.compared, is_judged, "the preview was worked out both ways, if that was asked");
    if is_judged {
        report.seconds("the same with 1,000 late facts, worked out both ways and compared", None, took);
    } else {
        let job = "preview with 1,000 late facts against that of the same month without";
        report.factor(job, bounds(3.0, 1.5), took, plain);
    }
    let (done, took) = timed(|| close(&mut book, month));
    report.seconds("close with 1,000 late facts", None, took);
    report.told("lines that it posted", done.lines as f64, "lines");
    let before = months.0.last().expect("a month").close_took;
    report.factor("close with 1,000 late facts against the plain one before", bounds(3.0, 1.5), took, before);
    book
}

/// A higher rate for everything since the first day: what it moves, and what the next close would post.
fn raise(mut book: Book, months: usize, report: &mut Report) {
    let (file, text) = raised();
    let (checked, took) = timed(|| check_plan(&book, file, &text));
    assert!(checked.plan.is_some(), "the version is refused: {:?}", checked.errors);
    report.seconds("retroactive rate change, what it moves (plan check)", None, took);
    let stamp = stamp(book.size(), World::month(months).last());
    if let Err(error) = publish(&mut book, file, &text, &stamp) {
        panic!("{file} is not published: {error}");
    }
    let (preview, took) =
        timed(|| replay::close::preview(book.state(), World::month(months + 1), None).expect("a preview"));
    let lines: usize = preview.statements.iter().map(|figures| figures.lines.len()).sum();
    report.seconds("retroactive rate change over all months, preview", bounds(30.0, 5.0), took);
    report.told("lines that it changes", lines as f64, "lines");
}
