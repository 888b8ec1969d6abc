//! The plain sums of usage by contract and month: here, and with what somebody would use instead; and the limit.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::process::Command;

use ledger::date::Month;
use ledger::exact::Exact;
use projections::usage::UsageColumn;
use projections::view::View;
use replay::book::Book;
use serde::Deserialize;

use super::company::world::{Size, World};
use super::folder::{Folder, files};
use super::report::Report;
use super::took::{Took, timed};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/plain_sums.py");

pub fn compare(folder: &Folder, size: Size, peer_months: usize, report: &mut Report) {
    report_limit(&folder.book(), report);
    if peer_months == 0 {
        return report.missing("peers: they were left out with `--peer-months 0`");
    }
    let months: Vec<Month> = (size.months.saturating_sub(peer_months)..size.months).map(World::month).collect();
    let book = Book::open_read(&folder.book()).expect("a book");
    let last = months[months.len() - 1];
    let (own_month, month_took) = timed(|| sum(&book, &[last]));
    let (own_all, all_took) = timed(|| sum(&book, &months));
    drop(book);
    println!("  sums of usage by contract over {} months, {} in all", months.len(), own_all.0);
    report.seconds("sums of one month by contract, trueup", None, month_took);
    report.seconds(&format!("sums of {} months by contract, trueup", months.len()), None, all_took);
    let paths = months.iter().map(|month| folder.usage(*month));
    let output = Command::new("python3").arg(SCRIPT).arg(folder.path().join("peers")).args(paths).output();
    let output = match output {
        Ok(output) if output.status.success() => output,
        Ok(output) => {
            return report.missing(format!("peers: python3 failed: {}", String::from_utf8_lossy(&output.stderr)));
        }
        Err(error) => return report.missing(format!("peers: python3 is not there ({error})")),
    };
    let own = [(own_month, month_took), (own_all, all_took)];
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        match serde_json::from_str(line).expect("a line as `plain_sums.py` writes it") {
            PeerLine::Missing { missing } => report.missing(missing),
            PeerLine::Measured(measured) => peer(&measured, &own, report),
        }
    }
}

/// A sum, and of how many contracts in how many months.
type Sums = (Exact, usize);

/// Usage by contract and month, as a plan's measure asks for it.
fn sum(book: &Book, months: &[Month]) -> Sums {
    let view = View::new(book.state().knowledge(), book.size());
    let (mut total, mut count) = (Exact::ZERO, 0);
    for contract in book.state().knowledge().contracts() {
        for month in months {
            let used: Exact = view
                .runs_of(contract)
                .map(|run| view.usage(run, month.first(), month.last(), UsageColumn::Amount))
                .sum();
            count += usize::from(!used.is_zero());
            total += &used;
        }
    }
    (total, count)
}

/// A line that `plain_sums.py` writes for each peer.
#[derive(Deserialize)]
#[serde(untagged)]
enum PeerLine {
    Missing { missing: String },
    Measured(PeerMeasured),
}

#[derive(Deserialize)]
struct PeerMeasured {
    peer: String,
    rows: f64,
    load: Took,
    month: PeerSums,
    all: PeerSums,
}

#[derive(Deserialize)]
struct PeerSums {
    total: String,
    sums: usize,
    took: Took,
}

fn peer(measured: &PeerMeasured, own: &[(Sums, Took); 2], report: &mut Report) {
    let name = &measured.peer;
    report.rate(&format!("load the same usage, {name}"), None, measured.rows, measured.load);
    let theirs = [("month", &measured.month), ("all", &measured.all)];
    for (((total, count), took), (key, theirs)) in own.iter().zip(theirs) {
        assert_eq!(theirs.total, total.text(), "{name} gives the same");
        assert_eq!(theirs.sums, *count, "{name} has as many sums");
        report.seconds(&format!("sums of {key}, {name}"), None, theirs.took);
        report.factor(&format!("sums of {key}, {name}, against trueup"), None, theirs.took, *took);
    }
}

/// The limit: reading and hashing the log's bytes.
pub fn limit(book: &Path) -> u64 {
    let mut hasher = blake3::Hasher::new();
    for file in files(&book.join("log")) {
        hasher.update_reader(BufReader::with_capacity(1 << 20, File::open(file).expect("a file"))).expect("read");
    }
    let _ = hasher.finalize();
    hasher.count()
}

fn report_limit(book: &Path, report: &mut Report) {
    let (bytes, took) = timed(|| limit(book));
    report.seconds("the limit: the log's bytes read and hashed (BLAKE3)", None, took);
    report.told("the same, by the second", bytes as f64 / took.clock / 1e9, "GB/s");
}
