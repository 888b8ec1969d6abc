//! A mapping applied to files: the facts that came of it, on their way into the book, and what was wrong.

use std::io;
use std::ops::ControlFlow;
use std::path::Path;

use crate::wording::problem::Problem;
use ledger::fact::MappingRecord;
use ledger::field::FreeText;
use ledger::finding::{FieldPath, Finding, TextLocation};
use ledger::refusal::FactFinding;
use replay::book::Book;
use replay::record::{
    FactFromRows, FactsFromRows, LinePlace, MappedBatch, RecordError, RecordOptions, Recorded, Rejected, RowPlace,
    Source, WhenKnown, record_mapped,
};
use replay::refusal::Refusal;
use replay::stamp::Stamp;

use crate::failure::{Failure, refusal};
use crate::input::files::map_text;
use crate::input::limits::Limits;
use crate::input::time_zone::Zone;
use crate::mapping::evaluate::date::DateForm;
use crate::mapping::evaluate::evaluator::Evaluator;
use crate::mapping::read;
use crate::mapping::read::gathered::Gathered;
use crate::mapping::refusal::{MappingReport, MappingWarning};
use crate::mapping::rules::{Column, Leaf, Mapping, SourceShape};
use crate::mapping::source::kept_row::kept;
use crate::mapping::source::row::SourceName;
use crate::mapping::source::rows::{SourceFrame, SourceRows};
use crate::mapping::transform::batch::{Batch, Keep};
use crate::mapping::transform::fact::MappedFact;
use crate::mapping::transform::locate::place;
use crate::mapping::transform::row_values::is_same_cell;
use crate::mapping::transform::transformer::make;
use crate::wording::mapping::{refusals, row_warned, warnings};
use crate::wording::replay::refused;

/// A mapping's text, and where it is from.
pub struct MapText {
    pub name: String,
    pub text: String,
}

/// What a mapping made of files.
pub struct Mapped {
    record: MappingRecord,
    columns: Vec<Column>,
    names: Vec<SourceName>,
    /// How the rows are written, and the columns and the format of each source.
    pub shape: SourceShape,
    pub frames: Vec<SourceFrame>,
    pub batch: Batch,
    pub warnings: Vec<Problem>,
}

impl MapText {
    pub fn read(path: &Path) -> Result<MapText, Failure> {
        Ok(MapText { name: path.display().to_string(), text: map_text(path)? })
    }
}

impl Mapped {
    /// Reads the mapping and the files; every mistake of the mapping at once.
    ///
    /// `zone` is the time zone of the book, in whose days instants are unless the mapping names another one.
    pub fn of(
        map: MapText,
        files: Vec<Source<'_>>,
        zone: Zone,
        keep: Keep,
        limits: &Limits,
    ) -> Result<Mapped, Failure> {
        let MapText { name, text } = map;
        let mut report = MappingReport::of(&text);
        let loaded = load(&name, files, limits, &mut report)?;
        let Loaded { mapping: Some(mapping), columns, sources } = loaded else {
            return Err(Failure::Refused(refusals(&report.findings(&name).0)));
        };
        let zone = mapping.source.timezone.map_or(zone, Zone::Named);
        warn_of_zone(&mapping, zone, &mut report);
        let evaluator = Evaluator { mapping: &mapping, columns: &columns, zone };
        let (batch, unseen) = make(&evaluator, &sources, keep, limits).map_err(|error| unreadable(&error))?;
        let frames = sources.iter().map(SourceRows::frame).collect();
        let names: Vec<SourceName> = sources.into_iter().map(|source| source.name).collect();
        let shape = mapping.source.clone();
        unseen.iter().zip(&names).for_each(|(unseen, name)| unseen.tell(name, &mut report));
        drop(unseen);
        batch.doubts.iter().for_each(|(spot, doubt)| report.warn(*spot, doubt.clone()));
        let mut warnings = warnings(&report.findings(&name).1);
        warnings.extend(batch.row_doubts.iter().map(|doubt| {
            let place = Some(Box::new(doubt.location.clone()));
            Problem { place, ..Problem::from(row_warned(&doubt.warning, doubt.rows)) }
        }));
        let file_name = Path::new(&name).file_name().map_or(name.clone(), |name| name.to_string_lossy().into_owned());
        let record = MappingRecord { name: FreeText(file_name), text: FreeText(text) };
        Ok(Mapped { record, columns, names, shape, frames, batch, warnings })
    }

    pub fn record(&self, book: &mut Book, options: RecordOptions, stamp: &Stamp) -> Result<Recorded, RecordError> {
        let batch = MappedBatch {
            mapping: self.record.clone(),
            facts: self,
            failed: &self.batch.failed,
            failed_more: self.batch.failed_more,
        };
        let mut recorded = record_mapped(book, &batch, options, stamp)?;
        recorded.rejected = by_row(std::mem::take(&mut recorded.rejected));
        Ok(recorded)
    }
}

/// A fact on its way in, with what is needed to say where it comes from.
struct FactToRecord<'m> {
    fact: &'m MappedFact,
    mapped: &'m Mapped,
}

impl FactFromRows for FactToRecord<'_> {
    fn json(&self) -> &str {
        &self.fact.json
    }

    fn when_known(&self) -> Option<WhenKnown> {
        self.fact.when_known
    }

    fn place(&self, path: &FieldPath, json: Option<&TextLocation>) -> RowPlace {
        self.mapped.place(self.fact, path, json)
    }

    fn is_later_sum(&self) -> bool {
        self.fact.overlap.is_later
    }

    fn first_row(&self) -> LinePlace {
        LinePlace { file: self.fact.source, line: self.fact.line }
    }

    fn rows(&self) -> io::Result<String> {
        let all = self.mapped.batch.shelf.texts(self.fact.all)?;
        Ok(if all.is_empty() { kept(self.fact.row()) } else { all.concat() })
    }
}

impl FactsFromRows for Mapped {
    fn file(&self, number: u32) -> &str {
        &self.names[number as usize].name
    }

    fn each(&self, take: &mut dyn FnMut(&dyn FactFromRows) -> ControlFlow<()>) -> io::Result<()> {
        self.each_fact(&mut |fact| take(&FactToRecord { fact, mapped: self }))
    }
}

impl Mapped {
    /// The facts in the order in which they go in, as long as more are wanted.
    pub fn each_fact(&self, take: &mut dyn FnMut(&MappedFact) -> ControlFlow<()>) -> io::Result<()> {
        let mut is_whole = true;
        self.batch.facts.each(&mut |bytes| match MappedFact::read(bytes) {
            Some(fact) if self.batch.is_banned(&fact) => ControlFlow::Continue(()),
            Some(fact) => take(&fact),
            None => {
                is_whole = false;
                ControlFlow::Break(())
            }
        })?;
        if is_whole { Ok(()) } else { Err(io::Error::other("the temporary file was changed")) }
    }

    /// Where a field of a fact comes from.
    fn place(&self, fact: &MappedFact, path: &FieldPath, json: Option<&TextLocation>) -> RowPlace {
        place(fact, path, json, &self.names, &self.columns)
    }

    /// What is wrong with a fact, at the cell that it comes from.
    pub fn problem(&self, fact: &MappedFact, finding: FactFinding) -> Problem {
        let RowPlace { location, column, more_rows } = self.place(fact, &finding.path, finding.location.as_deref());
        let refusal = Refusal::OfRows { why: Box::new(Refusal::Fact(finding.what)), column, more_rows };
        Problem { place: Some(Box::new(location)), ..Problem::from(refused(&refusal)) }
    }

    #[cfg(test)]
    pub fn facts(&self) -> Vec<MappedFact> {
        let mut facts = Vec::new();
        let each = self.batch.facts.each(&mut |bytes| {
            facts.extend(MappedFact::read(bytes));
            ControlFlow::Continue(())
        });
        each.expect("the temporary file of mapped facts");
        facts
    }
}

/// What a mapping says, if there is no mistake in it, and the files that it is about.
struct Loaded<'s> {
    mapping: Option<Mapping>,
    columns: Vec<Column>,
    sources: Vec<SourceRows<'s>>,
}

fn load<'s>(
    name: &str,
    files: Vec<Source<'s>>,
    limits: &Limits,
    report: &mut MappingReport<'_>,
) -> Result<Loaded<'s>, Failure> {
    let folder = Path::new(name).parent().unwrap_or(Path::new("")).to_owned();
    let mut gathered = Gathered { folder, columns: Vec::new(), tables: Vec::new() };
    let (shape, mapping) = read::read(&mut gathered, report);
    let (mut sources, mut refused) = (Vec::new(), Vec::new());
    // Where it is not clear how the source is written, nothing can be said about its columns.
    if let Some(shape) = shape {
        for file in files {
            let mut source = SourceRows::new(file, &shape, limits);
            match source.check_columns(&gathered.columns, report).map_err(|error| unreadable(&error)) {
                Ok(()) => sources.push(source),
                Err(Failure::Refused(problems)) => refused.extend(problems),
                Err(failure) => return Err(failure),
            }
        }
    }
    if !refused.is_empty() {
        let found = std::mem::replace(report, MappingReport::of(report.text));
        return Err(Failure::Refused(refusals(&found.findings(name).0).into_iter().chain(refused).collect()));
    }
    let mapping = mapping.filter(|_| !report.has_refused());
    Ok(Loaded { mapping, columns: gathered.columns, sources })
}

/// Numbers that count from a moment in UTC are taken for days in UTC where nobody named a time zone.
fn warn_of_zone(mapping: &Mapping, zone: Zone, report: &mut MappingReport<'_>) {
    let dates = mapping.rules.iter().flat_map(|rule| &rule.leaves).filter_map(Leaf::date);
    let counted = dates.into_iter().find(|date| date.forms.iter().any(DateForm::is_counted));
    if let (Some(date), Zone::Unnamed) = (counted, zone) {
        report.warn(date.at, MappingWarning::ZoneAssumed);
    }
}

/// A source that cannot be read, or is refused by what reads it.
fn unreadable(error: &io::Error) -> Failure {
    match refusal(error) {
        Some(problem) => Failure::Refused(vec![problem.clone()]),
        None => Failure::file("reading", Path::new("the rows"), error),
    }
}

/// One entry for each row: several facts of it may have failed, each for reasons of its own.
fn by_row(rejected: Vec<Rejected>) -> Vec<Rejected> {
    let line = |rejected: &Rejected| {
        let place = rejected.refusals.first().and_then(|refusal| refusal.location.as_ref());
        place.map(|place| (place.file.clone(), place.line))
    };
    let mut rows: Vec<Rejected> = rejected;
    rows.sort_by_key(|row| line(row));
    rows.dedup_by(|later, earlier| {
        let is_same = later.line == earlier.line && line(later) == line(earlier);
        if is_same {
            let is_new =
                |refusal: &Finding<Refusal>| !earlier.refusals.iter().any(|known| is_same_cell(known, refusal));
            let new = later.refusals.drain(..).filter(is_new);
            let new: Vec<Finding<Refusal>> = new.collect();
            earlier.refusals.extend(new);
        }
        is_same
    });
    rows
}
