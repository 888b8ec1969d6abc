//! What was asked for, and what came out: a table, and the same as JSON.

use std::path::Path;
use std::time::Instant;

use serde_json::{Value, json};

use super::month::Months;
use super::world::Size;

pub fn timed<T>(job: impl FnOnce() -> T) -> (T, f64) {
    let start = Instant::now();
    let result = job();
    (result, start.elapsed().as_secs_f64())
}

#[derive(Default)]
pub struct Report {
    rows: Vec<Row>,
    /// What was not measured, and why.
    missing: Vec<String>,
}

struct Row {
    job: String,
    unit: &'static str,
    /// What has to be held, and what is wished for.
    bounds: Option<(f64, f64)>,
    result: f64,
    better: Better,
}

#[derive(Copy, Clone, PartialEq)]
enum Better {
    More,
    Less,
}

impl Report {
    /// Entries a second: more is better.
    pub fn rate(&mut self, job: &str, floor: f64, aim: f64, result: f64) {
        self.row(job, "/s", Some((floor, aim)), result, Better::More);
    }

    pub fn seconds(&mut self, job: &str, floor: f64, aim: f64, result: f64) {
        self.row(job, "s", Some((floor, aim)), result, Better::Less);
    }

    /// So many times something else.
    pub fn factor(&mut self, job: &str, floor: f64, aim: f64, result: f64) {
        self.row(job, "x", Some((floor, aim)), result, Better::Less);
    }

    pub fn gib(&mut self, job: &str, floor: f64, aim: f64, bytes: u64) {
        self.row(job, "GiB", Some((floor, aim)), bytes as f64 / (1u64 << 30) as f64, Better::Less);
    }

    /// Without anything to hold.
    pub fn told(&mut self, job: &str, result: f64, unit: &'static str) {
        self.row(job, unit, None, result, Better::More);
    }

    pub fn missing(&mut self, what: impl Into<String>) {
        let what = what.into();
        println!("NOT MEASURED: {what}");
        self.missing.push(what);
    }

    fn row(&mut self, job: &str, unit: &'static str, bounds: Option<(f64, f64)>, result: f64, better: Better) {
        let row = Row { job: job.to_owned(), unit, bounds, result, better };
        println!("{}", row.text());
        self.rows.push(row);
    }

    pub fn print(&self) {
        println!("\n  {:<62}{:>12}{:>12}{:>12}      of the floor", "job", "floor", "aim", "result");
        self.rows.iter().for_each(|row| println!("{}", row.text()));
        self.missing.iter().for_each(|what| println!("NOT MEASURED: {what}"));
    }

    pub fn write(&self, file: &Path, size: Size, months: &Months) {
        let Size { payees, contracts, months: count } = size;
        let rows: Vec<Value> = self.rows.iter().map(Row::json).collect();
        let all = json!({
            "payees": payees, "contracts": contracts, "months": count, "jobs": rows, "not_measured": self.missing, "by_month": months.json(),
        });
        std::fs::write(file, format!("{all:#}\n")).expect("written");
    }
}

impl Row {
    /// How well the floor is held: above 1 it is missed.
    fn ratio(&self) -> Option<f64> {
        let (floor, _) = self.bounds?;
        Some(if self.better == Better::More { floor / self.result } else { self.result / floor })
    }

    fn verdict(&self) -> &'static str {
        let Some((floor, aim)) = self.bounds else { return "" };
        let holds = |bound: f64| if self.better == Better::More { self.result >= bound } else { self.result <= bound };
        match (holds(floor), holds(aim)) {
            (_, true) => "aim held",
            (true, false) => "floor held",
            (false, false) => "MISSED",
        }
    }

    fn text(&self) -> String {
        let number = |value: f64| if value >= 1000.0 { format!("{value:.0}") } else { format!("{value:.3}") };
        let with_unit = |value: f64| format!("{} {}", number(value), self.unit);
        let (floor, aim) = self.bounds.map_or_else(Default::default, |(floor, aim)| (with_unit(floor), with_unit(aim)));
        let ratio = self.ratio().map(|ratio| format!("{ratio:.2} times")).unwrap_or_default();
        format!("  {:<62}{floor:>12}{aim:>12}{:>16}  {ratio:>14}  {}", self.job, with_unit(self.result), self.verdict())
    }

    fn json(&self) -> Value {
        json!({
            "job": self.job, "unit": self.unit, "floor": self.bounds.map(|(floor, _)| floor), "aim": self.bounds.map(|(_, aim)| aim),
            "result": self.result, "of_floor": self.ratio(), "verdict": self.verdict(),
        })
    }
}
