//! `bench large`: a made-up company of many payees, contracts and years, recorded and closed month by month, and the
//! jobs that a compensation team does with such a book; each timed, beside what somebody would use instead.
//!
//! `bench large [--payees 2000] [--contracts 20000] [--months 36] [--keep DIR] [--json FILE] [--peer-months 3] [--first-close 1]
//! [--jobs replay,statements,lead,audit,late,turns,raise]`, all of which are done unless some are named (`turns` only with `late`);
//! with `judge` the close with late facts is compared with the full evaluation.

mod audited;
mod company;
mod folder;
mod jobs;
mod memory;
mod month;
mod own_process;
mod peers;
mod report;
mod took;

use std::path::PathBuf;

pub use audited::audit_of;
use company::world::{Size, World};
use folder::Folder;
pub use jobs::{open_of, preview_of};
use month::live;
pub use peers::limit;
use report::Report;

pub struct Options {
    size: Size,
    keep: Option<PathBuf>,
    json: Option<PathBuf>,
    /// Of how many of the last months the peers sum the usage; with none they are left out.
    peer_months: usize,
    /// The first month that is closed, for who cannot wait for every close; the months before are only recorded.
    first_close: usize,
    /// What is done with the finished book; everything, unless named.
    jobs: Option<Vec<String>>,
}

impl Options {
    fn read(arguments: &[String]) -> Result<Options, String> {
        let size = Size { payees: 2_000, contracts: 20_000, months: 36 };
        let mut options = Options { size, keep: None, json: None, peer_months: 3, first_close: 1, jobs: None };
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let value = words.next().ok_or_else(|| format!("`{word}` needs a value"))?;
            let number = || value.parse().map_err(|_| format!("`{word} {value}` is no number"));
            match word.as_str() {
                "--payees" => options.size.payees = number()?,
                "--contracts" => options.size.contracts = number()?,
                "--months" => options.size.months = number()?,
                "--first-close" => options.first_close = number()?,
                "--peer-months" => options.peer_months = number()?,
                "--keep" => options.keep = Some(value.into()),
                "--jobs" => options.jobs = Some(value.split(',').map(str::to_owned).collect()),
                "--json" => options.json = Some(value.into()),
                _ => return Err(format!("`{word}` is unknown")),
            }
        }
        if options.size.contracts == 0 || !(1..=options.size.months).contains(&options.first_close) {
            return Err("a case has at least one contract, and closes at least one of its months".to_owned());
        }
        Ok(options)
    }
}

/// Everything, one stage after the other.
pub fn run(arguments: &[String]) {
    let options = Options::read(arguments).unwrap_or_else(|mistake| {
        eprintln!("{mistake}: bench large [--payees N] [--contracts N] [--months N] [--keep DIR] [--json FILE] [--peer-months N] [--first-close N] [--jobs A,B]");
        std::process::exit(2);
    });
    let folder = Folder::new(options.keep.as_deref());
    let mut world = World::new(options.size);
    let months = live(&mut world, &folder, options.peer_months, options.first_close);
    let mut report = Report::new();
    months.report(&mut report);
    peers::compare(&folder, options.size, options.peer_months, &mut report);
    let named = |job: &str| options.jobs.as_ref().map(|jobs| jobs.iter().any(|wanted| wanted == job));
    let wanted = |job: &str| named(job).unwrap_or(job != "judge");
    jobs::run(world, &folder, &months, &wanted, &mut report);
    folder.clean();
    report.print();
    if let Some(file) = &options.json {
        report.write(file, options.size, &months);
    }
}
