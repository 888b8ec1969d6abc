//! `record --map`: other people's exports to facts (docs/mapping.md). A mapping selects, renames, cleans and groups; it
//! does not work out pay.

pub mod csv;
pub mod date;
pub mod dry_run;
pub mod evaluate;
pub mod json;
pub mod kinds;
pub mod make;
pub mod number;
pub mod order;
pub mod place;
pub mod read;
pub mod rows;
pub mod rules;
pub mod unpack;

#[cfg(test)]
mod example;

use std::path::Path;

use ledger::fact::Mapping as MappingRecord;
use ledger::field::Words;
use ledger::problem::Problem;
use plans::read::report::Report;
use replay::book::Book;
use replay::record::{Made, MadeFact, Manner, RecordError, Recorded, Rejected};
use replay::stamp::Stamp;

use crate::failure::Failure;
use crate::mapping::evaluate::Evaluator;
use crate::mapping::make::{Batch, Keep, make, text_of};
use crate::mapping::read::{Gathered, under_own_code};
use crate::mapping::rows::SourceText;
use crate::mapping::rules::{Column, Mapping};

/// A file to be mapped: its name, and what is in it.
pub struct File {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// A mapping's text, and where it is from.
pub struct MapText {
    pub name: String,
    pub text: String,
}

/// What a mapping made of files.
pub struct Mapped {
    record: MappingRecord,
    columns: Vec<Column>,
    sources: Vec<SourceText>,
    pub batch: Batch,
    pub warnings: Vec<Problem>,
}

impl MapText {
    pub fn read(path: &Path) -> Result<MapText, Failure> {
        let name = path.display().to_string();
        let bytes = std::fs::read(path).map_err(|error| Failure::file("reading", path, &error))?;
        match String::from_utf8(bytes) {
            Ok(text) => Ok(MapText { name, text }),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let message = format!("`{name}` is not UTF-8 from byte {at} on");
                Err(Failure::refused("map-encoding", message, "save the mapping as UTF-8"))
            }
        }
    }
}

impl Mapped {
    /// Reads the mapping and the files; every mistake of the mapping at once.
    pub fn of(map: MapText, files: Vec<File>, keep: Keep) -> Result<Mapped, Failure> {
        let MapText { name, text } = map;
        let (mapping, columns, sources, warnings) = load(&name, &text, files)?;
        let evaluator = Evaluator { mapping: &mapping, columns: &columns };
        let batch = make(&evaluator, &sources, keep);
        let file_name = Path::new(&name).file_name().map_or(name.clone(), |name| name.to_string_lossy().into_owned());
        let record = MappingRecord { name: Words(file_name), text: Words(text) };
        Ok(Mapped { record, columns, sources, batch, warnings })
    }

    pub fn record(&self, book: &mut Book, manner: Manner, stamp: &Stamp) -> Result<Recorded, RecordError> {
        let facts: Vec<MadeFact<'_>> =
            self.batch.facts.iter().map(|fact| MadeFact { json: &fact.json, when_known: fact.when_known }).collect();
        let made = Made {
            mapping: self.record.clone(),
            facts: &facts,
            failed: &self.batch.failed,
            failed_more: self.batch.failed_more,
            place: &|index, problem| self.place(index, problem),
            rows: &|index| text_of(&self.sources, &self.batch.facts[index].rows),
        };
        let mut recorded = book.record_made(&made, manner, stamp)?;
        recorded.rejected = by_row(std::mem::take(&mut recorded.rejected));
        Ok(recorded)
    }

    /// A problem of the fact with this index, at the cell that it comes from.
    pub fn place(&self, index: usize, problem: Problem) -> Problem {
        place::place(&self.batch.facts[index], problem, &self.sources, &self.columns)
    }
}

type Loaded = (Mapping, Vec<Column>, Vec<SourceText>, Vec<Problem>);

fn load(name: &str, text: &str, files: Vec<File>) -> Result<Loaded, Failure> {
    let folder = Path::new(name).parent().unwrap_or(Path::new("")).to_owned();
    let mut gathered = Gathered { folder, columns: Vec::new(), tables: Vec::new() };
    let mut report = Report::of(text);
    let (shape, mapping) = read::read(&mut gathered, &mut report);
    let (mut sources, mut unreadable) = (Vec::new(), Vec::new());
    // Where it is not clear how the source is written, nothing can be said about its columns.
    if let Some(shape) = shape {
        for File { name, bytes } in files {
            match SourceText::new(name.clone(), bytes, &shape) {
                Ok(source) => {
                    unreadable.extend(source.check_columns(&gathered.columns, &shape, &mut report).err());
                    sources.push(source);
                }
                Err(problem) => unreadable.push(problem),
            }
        }
    }
    let is_refused = report.has_refused();
    let (errors, warnings) = report.problems(name);
    let own = |problems: Vec<Problem>| problems.into_iter().map(under_own_code);
    let errors: Vec<Problem> = own(errors).chain(unreadable).collect();
    match mapping.filter(|_| !is_refused && errors.is_empty()) {
        Some(mapping) => Ok((mapping, gathered.columns, sources, own(warnings).collect())),
        None => Err(Failure::Refused(errors)),
    }
}

/// One entry for each row: several facts of it may have failed, each for reasons of its own.
fn by_row(rejected: Vec<Rejected>) -> Vec<Rejected> {
    let line = |rejected: &Rejected| {
        let place = rejected.problems.first().and_then(|problem| problem.place.as_ref());
        place.map(|place| (place.file.clone(), place.line))
    };
    let mut rows: Vec<Rejected> = rejected;
    rows.sort_by_key(|row| line(row));
    rows.dedup_by(|later, earlier| {
        let is_same = later.line == earlier.line && line(later) == line(earlier);
        if is_same {
            let new = later.problems.drain(..).filter(|problem| !earlier.problems.contains(problem));
            let new: Vec<Problem> = new.collect();
            earlier.problems.extend(new);
        }
        is_same
    });
    rows
}
