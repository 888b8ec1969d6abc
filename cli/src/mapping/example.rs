//! Small mappings for tests: what came of them, or what was said.

use crate::wording::problem::Problem;

use crate::failure::Failure;
use crate::mapping::mapped::{MapText, Mapped};
use crate::mapping::transform::batch::Keep;
use replay::record::Source;

use crate::input::limits::Limits;
use crate::input::time_zone::Zone;

/// A booking of each row, but for what a test adds.
pub const BOOKING: &str = r#"[[fact]]
fact = "booking"
booking = { column = "id" }
at = "2027-01-31"
account = "acme"
currency = "USD"
"#;

/// A signal of each row: it takes most shapes, and needs few.
pub const SIGNAL: &str = "[[fact]]\nfact = \"signal\"\nat = 2027-01-31\nsource = \"s\"\naccount = \"acme\"\n";

pub fn mapped(map: &str, file: &str, text: &str) -> Result<Mapped, Vec<Problem>> {
    mapped_within(map, file, text, &Limits::default())
}

pub fn mapped_within(map: &str, file: &str, text: &str, limits: &Limits) -> Result<Mapped, Vec<Problem>> {
    let map = MapText { name: "map.toml".to_owned(), text: map.to_owned() };
    Mapped::of(map, vec![source(file, text.as_bytes())], Zone::Unnamed, Keep::All, limits).map_err(Failure::problems)
}

pub fn source<'s>(name: &str, bytes: &'s [u8]) -> Source<'s> {
    Source { name: name.to_owned(), open: Box::new(move || Ok(Box::new(bytes))) }
}

/// The facts that rows make, as JSON.
pub fn facts(map: &str, csv: &str) -> Vec<String> {
    let mapped = mapped(map, "rows.csv", csv).unwrap_or_else(|problems| panic!("{map}{problems:#?}"));
    let run = mapped.dry_run().expect("the temporary file of mapped facts");
    assert!(run.problems.is_empty(), "{map}{:#?}", run.problems);
    mapped.facts().into_iter().map(|fact| fact.json.into()).collect()
}

/// One member of each fact, as JSON has it.
pub fn members(map: &str, csv: &str, name: &str) -> Vec<String> {
    let member = |fact: &String| {
        let mark = format!("\"{name}\":");
        let rest = fact.split(&mark).nth(1)?;
        let end = if rest.starts_with(['[', '{']) { rest.find(",\"source\"") } else { rest.find([',', '}']) };
        Some(rest[..end?].to_owned())
    };
    facts(map, csv).iter().map(|fact| member(fact).unwrap_or_else(|| "-".to_owned())).collect()
}

/// What is wrong with rows, each as `line:column code message`.
pub fn failing(map: &str, csv: &str) -> Vec<String> {
    let run = mapped(map, "rows.csv", csv).unwrap_or_else(|problems| panic!("{map}{problems:#?}")).dry_run();
    let run = run.expect("the temporary file of mapped facts");
    let told = |problem: &Problem| {
        let place = problem.place.as_ref().expect("a place");
        assert_eq!(place.file, "rows.csv");
        format!("{}:{} {} {}", place.line, place.column, problem.code, problem.message)
    };
    run.problems.iter().map(told).collect()
}

/// The codes of what is wrong with a mapping, each with the text that is underlined.
pub fn refused(map: &str, csv: &str) -> Vec<(&'static str, String)> {
    let Err(problems) = mapped(map, "rows.csv", csv) else { return Vec::new() };
    let told = |problem: &Problem| {
        let place = problem.place.as_ref().expect("a place");
        assert_eq!(place.file, "map.toml", "{problem}");
        assert!(!problem.help.is_empty(), "{problem}");
        (problem.code, place.excerpt.chars().skip(place.column - 1).take(place.width).collect())
    };
    problems.iter().map(told).collect()
}

/// Keys of a booking, and how each is refused.
pub fn refuses(cases: &[(&str, &'static str, &str)]) {
    for (keys, code, meant) in cases {
        let map = format!("{BOOKING}{keys}\n");
        let map = if keys.contains("arr =") { map } else { format!("{map}arr = 1\n") };
        assert_eq!(refused(&map, "id,a,b\n"), [(*code, (*meant).to_owned())], "{keys}");
    }
}
