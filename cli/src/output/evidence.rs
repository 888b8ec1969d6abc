//! The evidence for a sample of lines, as files: for each line a text, JSON and the texts of plans; a list of all; and what was asked for.

use std::path::Path;

use data_encoding::HEXLOWER;
use ledger::date::Month;
use ledger::fact::Payload;
use ledger::json::JsonWriter;
use projections::lines::name_of;
use replay::audit::evidence::{LineEvidence, evidence};
use replay::audit::sample::draw;
use replay::audit::{Audit, posting_of};
use replay::book::Book;

use crate::failure::Failure;
use crate::output::folder::OutputFolder;
use crate::render::audit::evidence::{entry_at, json, plan_text, text};
use crate::terminal::screen::Screen;

/// The sample that is asked for.
pub struct SampleRequest<'a> {
    pub seed: &'a str,
    pub count: usize,
    pub period: Option<Month>,
    pub folder: &'a Path,
}

const HEADER: [&str; 9] = ["number", "position", "period", "payee", "currency", "line", "amount", "status", "files"];

/// Draws the lines and writes the files. The state of the book is folded from the log. Returns how many lines were drawn.
pub fn write(book: &Book, found: &Audit, asked: &SampleRequest<'_>) -> Result<usize, Failure> {
    let drawn = draw(&found.posted, asked.seed, asked.count);
    let mut out = OutputFolder::begin(asked.folder)?;
    let mut index = Screen::over(Vec::new());
    index.row(&HEADER)?;
    let width = drawn.len().to_string().len().max(3);
    for (number, position) in (1..).zip(&drawn) {
        let one = evidence(book, *position)?;
        let name = format!("{number:0width$}");
        let plans = plan_files(book, &one, &name, &mut out)?;
        let mut page = Screen::over(Vec::new());
        text(&one, book, &plans, &mut page)?;
        let (text_file, json_file) = (format!("{name}.txt"), format!("{name}.json"));
        out.write_bytes(&text_file, &page.into_inner())?;
        out.write(&json_file, &(json(&one, book, &plans)? + "\n"))?;
        let files: Vec<String> = [text_file, json_file].into_iter().chain(plans).collect();
        index.row(&cells(&name, &one, &files.join(" ")))?;
    }
    out.write_bytes("index.csv", &index.into_inner())?;
    out.write("sample.json", &(sample(book, found, asked, &drawn) + "\n"))?;
    out.finish()?;
    Ok(drawn.len())
}

/// Writes the texts of the plans. Returns the names of the files, in the order of the positions of the plans.
fn plan_files(book: &Book, one: &LineEvidence, name: &str, out: &mut OutputFolder) -> Result<Vec<String>, Failure> {
    let mut files = Vec::new();
    for position in &one.entries.plans {
        let entry = entry_at(book, *position)?;
        let file = format!("{name}.plan-{position}.toml");
        out.write(&file, plan_text(&entry).unwrap_or_default())?;
        files.push(file);
    }
    Ok(files)
}

fn cells(name: &str, one: &LineEvidence, files: &str) -> [String; 9] {
    let line = match &one.posting.payload {
        Payload::Record(record) => posting_of(record),
        Payload::Fact(_) => None,
    };
    let line = line.expect("BUG: what was drawn is a posting");
    let status = one.statement.as_ref().and_then(|(statement, _)| statement.status.as_ref());
    [
        name.to_owned(),
        one.posting.position.to_string(),
        line.period.to_string(),
        line.payee.to_string(),
        line.currency.to_string(),
        name_of(line).to_string(),
        projections::lines::money(line.amount, line.currency).text(),
        status.map_or(String::new(), |status| status.state.word().to_owned()),
        files.to_owned(),
    ]
}

/// What a second run needs to give the same files.
fn sample(book: &Book, found: &Audit, asked: &SampleRequest<'_>, drawn: &[u64]) -> String {
    let mut out = JsonWriter::new();
    out.object(|out| {
        out.name("book").text(book.name());
        out.name("size").number(book.size());
        out.name("root").text(HEXLOWER.encode(&book.root()));
        out.name("period").maybe(asked.period);
        out.name("seed").text(asked.seed);
        out.name("sample").number(asked.count as u64);
        out.name("population").number(found.posted.len() as u64);
        out.name("drawn").list(|out| drawn.iter().for_each(|position| out.number(*position)));
        out.name("engine").number(found.engine);
        out.name("engines").list(|out| found.engines.iter().for_each(|engine| out.number(*engine)));
        out.name("closes").number(found.closes);
        out.name("differences").number(found.differences.len() as u64);
    });
    out.finish()
}
