//! What was asked for, and what came out: a table, and the same as JSON.

use std::path::Path;

use serde::Serialize;

use super::company::world::Size;
use super::took::{Took, load};

pub struct Report {
    rows: Vec<Row>,
    /// What was not measured, and why.
    missing: Vec<String>,
    load_before: f64,
}

struct Row {
    job: String,
    unit: &'static str,
    bounds: Option<Bounds>,
    /// By the clock, which is what counts.
    result: f64,
    /// The same by what the job had of the processor.
    by_processor: Option<f64>,
    better: Better,
}

/// What has to be held, and what is wished for.
#[derive(Copy, Clone)]
pub struct Bounds {
    pub floor: f64,
    pub aim: f64,
}

pub fn bounds(floor: f64, aim: f64) -> Option<Bounds> {
    Some(Bounds { floor, aim })
}

#[derive(Copy, Clone, PartialEq)]
enum Better {
    More,
    Less,
}

impl Report {
    pub fn new() -> Report {
        Report { rows: Vec::new(), missing: Vec::new(), load_before: load() }
    }

    /// Entries a second: more is better.
    pub fn rate(&mut self, job: &str, bounds: Option<Bounds>, count: f64, took: Took) {
        self.took(job, "/s", bounds, took.map(|seconds| count / seconds), Better::More);
    }

    pub fn seconds(&mut self, job: &str, bounds: Option<Bounds>, took: Took) {
        self.took(job, "s", bounds, took, Better::Less);
    }

    /// So many times something else.
    pub fn factor(&mut self, job: &str, bounds: Option<Bounds>, took: Took, base: Took) {
        self.took(job, "x", bounds, took.over(base), Better::Less);
    }

    pub fn gib(&mut self, job: &str, bounds: Option<Bounds>, bytes: u64) {
        let result = bytes as f64 / (1u64 << 30) as f64;
        self.row(Row { job: job.to_owned(), unit: "GiB", bounds, result, by_processor: None, better: Better::Less });
    }

    /// Something that no processor of ours was needed for, or that is no time.
    pub fn told(&mut self, job: &str, result: f64, unit: &'static str) {
        self.row(Row { job: job.to_owned(), unit, bounds: None, result, by_processor: None, better: Better::More });
    }

    pub fn missing(&mut self, what: impl Into<String>) {
        let what = what.into();
        println!("NOT MEASURED: {what}");
        self.missing.push(what);
    }

    fn took(&mut self, job: &str, unit: &'static str, bounds: Option<Bounds>, result: Took, better: Better) {
        let by_processor = Some(result.processor).filter(|value| value.is_finite() && *value > 0.0);
        self.row(Row { job: job.to_owned(), unit, bounds, result: result.clock, by_processor, better });
    }

    fn row(&mut self, row: Row) {
        println!("{}", row.text());
        self.rows.push(row);
    }

    pub fn print(&self) {
        println!("\n  {:<64}{:>12}{:>12}{:>16}{:>16}", "job", "floor", "aim", "result", "by processor");
        self.rows.iter().for_each(|row| println!("{}", row.text()));
        self.missing.iter().for_each(|what| println!("NOT MEASURED: {what}"));
        println!("\n  Processes that wanted a processor: {:.1} at first, {:.1} at last.", self.load_before, load());
    }

    pub fn write(&self, file: &Path, size: Size, by_month: &impl Serialize) {
        let Size { payees, contracts, months } = size;
        let all = ReportJson {
            payees,
            contracts,
            months,
            load_before: self.load_before,
            load_after: load(),
            jobs: self.rows.iter().map(Row::json).collect(),
            not_measured: &self.missing,
            by_month,
        };
        let text = serde_json::to_string_pretty(&all).expect("JSON");
        std::fs::write(file, text + "\n").expect("written");
    }
}

/// A report as a file has it.
#[derive(Serialize)]
struct ReportJson<'r, M> {
    payees: usize,
    contracts: usize,
    months: usize,
    load_before: f64,
    load_after: f64,
    jobs: Vec<RowJson<'r>>,
    not_measured: &'r [String],
    by_month: &'r M,
}

#[derive(Serialize)]
struct RowJson<'r> {
    job: &'r str,
    unit: &'static str,
    floor: Option<f64>,
    aim: Option<f64>,
    result: f64,
    by_processor: Option<f64>,
    of_floor: Option<f64>,
    verdict: &'static str,
}

impl Row {
    /// How many times what is allowed: above 1 the floor is missed.
    fn of_floor(&self) -> Option<f64> {
        let floor = self.bounds?.floor;
        Some(if self.better == Better::More { floor / self.result } else { self.result / floor })
    }

    fn verdict(&self) -> &'static str {
        let Some(Bounds { floor, aim }) = self.bounds else { return "" };
        let holds = |bound: f64| if self.better == Better::More { self.result >= bound } else { self.result <= bound };
        match (holds(floor), holds(aim)) {
            (_, true) => "aim held",
            (true, false) => "floor held",
            (false, false) => "MISSED",
        }
    }

    fn text(&self) -> String {
        let number = |value: f64| if value >= 1000.0 { format!("{value:.0}") } else { format!("{value:.3}") };
        let unit = |value: f64| format!("{} {}", number(value), self.unit);
        let floor = self.bounds.map(|bounds| unit(bounds.floor)).unwrap_or_default();
        let aim = self.bounds.map(|bounds| unit(bounds.aim)).unwrap_or_default();
        let by_processor = self.by_processor.map(unit).unwrap_or_default();
        let ratio = self.of_floor().map(|ratio| format!("{ratio:.2} of the floor")).unwrap_or_default();
        let result = unit(self.result);
        let line = format!("  {:<64}{floor:>12}{aim:>12}{result:>16}{by_processor:>16}  {ratio:>18}", self.job);
        format!("{line}  {}", self.verdict()).trim_end().to_owned()
    }

    fn json(&self) -> RowJson<'_> {
        RowJson {
            job: &self.job,
            unit: self.unit,
            floor: self.bounds.map(|bounds| bounds.floor),
            aim: self.bounds.map(|bounds| bounds.aim),
            result: self.result,
            by_processor: self.by_processor,
            of_floor: self.of_floor(),
            verdict: self.verdict(),
        }
    }
}
