//! `trueup record`: facts in.

use std::path::{Path, PathBuf};

use clap::Args;
use replay::record::{
    Commit, KeepRestatements, OnSuperseded, PROBLEMS_MAX, RecordError, RecordOptions, Rejects, Source, Versions, record,
};

use crate::arguments::Format;
use crate::command::facts::recorded::{RecordDone, RecordedJson, recorded_lines};
use crate::command::facts::rejects::RejectsFile;
use crate::failure::Failure;
use crate::input::files::{Input, is_stdin, name_of};
use crate::input::limits::{FILES_MAX, Limits, size};
use crate::mapping::dry_run::sentence as sentence_left_out;
use crate::mapping::mapped::{MapText, Mapped};
use crate::mapping::rejects::{RejectsShape, SetAside, rejects as rows_set_aside};
use crate::mapping::rules::SourceFormat;
use crate::mapping::source::decompress::packed_with;
use crate::mapping::source::rows::written_as;
use crate::mapping::transform::batch::Keep;
use crate::refusal::CommandRefusal;
use crate::session::state::{Outcome, Session};
use crate::terminal::progress::Meter;
use crate::wording::replay::warnings;

/// Record facts: all of them, or none
///
/// A file has one fact a line, as JSON; with a mapping, it is any CSV, or JSON Lines of another shape, packed or not.
/// What is recorded already is recognized and not recorded again.
#[derive(Args, Debug)]
pub struct Record {
    /// Files of facts; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The mapping that makes facts of the files' rows
    #[arg(long, value_name = "MAP.toml")]
    map: Option<PathBuf>,
    /// Record nothing: show what would be recorded, and which facts the rows would make
    #[arg(long, conflicts_with = "rejects")]
    dry_run: bool,
    /// The files hold successive versions, oldest first: a later line takes the place of an earlier one with its key
    #[arg(long)]
    history: bool,
    /// Refuse unless exactly so many facts take the place of others
    #[arg(long, value_name = "N")]
    expect_restated: Option<u64>,
    /// Record a fact again although it was replaced since: it is valid again
    #[arg(long, conflicts_with = "skip_superseded")]
    restate: bool,
    /// Leave out facts that were replaced since
    #[arg(long)]
    skip_superseded: bool,
    /// Record the valid lines, and write the others to this file, each with its reasons; rows can be mended there and recorded again by the same mapping
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// The most bytes of a compressed file when unpacked, of standard input or of a pipe, like 64GiB; by default 8GiB
    #[arg(long, value_name = "BYTES", value_parser = size)]
    max_size: Option<u64>,
}

impl Record {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        match &self.map {
            Some(map) => self.run_mapped(map, session),
            None => self.run_plain(session),
        }
    }

    fn run_plain(&self, session: &mut Session) -> Result<Outcome, Failure> {
        let mut book = if self.dry_run { session.book_to_rehearse()? } else { session.book_to_write()? };
        let inputs = self.inputs()?;
        inputs.iter().try_for_each(may_have_facts)?;
        let rejects = self.rejects_file(session)?;
        let length: Option<u64> = inputs.iter().map(Input::length).sum();
        let meter = length.filter(|_| session.shows_progress()).map_or_else(Meter::silent, Meter::bytes);
        let sources: Vec<Source<'_>> = inputs.iter().map(|input| input.source(&meter)).collect();
        let before = book.size();
        let recorded = record(&mut book, &sources, self.options(session), &session.stamp()?);
        meter.finish();
        let done = RecordDone::of(recorded?, &[], &book, before);
        if let Some(file) = rejects {
            file.finish(&done.recorded.rejected)?;
        }
        self.show(&done, session)?;
        if !self.dry_run {
            session.keep(&mut book)?;
        }
        Ok(done.outcome())
    }

    fn run_mapped(&self, map: &Path, session: &mut Session) -> Result<Outcome, Failure> {
        let inputs = self.inputs()?;
        let silent = Meter::silent();
        let files: Vec<Source<'_>> = inputs.iter().map(|input| input.source(&silent)).collect();
        let wait = session.wait("reading the rows");
        let keep = if self.rejects.is_some() { Keep::All } else { Keep::First(PROBLEMS_MAX) };
        let mapped = Mapped::of(MapText::read(map)?, files, session.zone()?, keep, &self.limits())?;
        drop(wait);
        session.warn(&mapped.warnings);
        if self.dry_run {
            return self.run_dry(&mapped, session);
        }
        self.rejects_shape(&mapped)?;
        let mut book = session.book_to_write()?;
        let rejects = self.rejects_file(session)?;
        let wait = session.wait("recording");
        let before = book.size();
        let recorded = mapped.record(&mut book, self.options(session), &session.stamp()?);
        drop(wait);
        let mut done = RecordDone::of(recorded?, &mapped.batch.left_out, &book, before);
        done.passed_over = &mapped.batch.passed_over;
        if let Some(file) = rejects {
            let rows = rows_set_aside(&mapped, &done.recorded.rejected, &self.rejects_shape(&mapped)?);
            let rows =
                rows.map_err(|error| Failure::file("reading", Path::new("the rows that were put by"), &error))?;
            file.write(&rows.bytes)?;
            done.set_aside = rows.count;
        }
        self.show(&done, session)?;
        session.keep(&mut book)?;
        Ok(done.outcome())
    }

    fn rejects_file(&self, session: &Session) -> Result<Option<RejectsFile>, Failure> {
        self.rejects
            .as_ref()
            .map(|path| {
                let inputs: Vec<PathBuf> = self.files.iter().chain(&self.map).cloned().collect();
                RejectsFile::create(path, &inputs, &session.place()?)
            })
            .transpose()
    }

    /// As what the file of rejects is written, so that the mapping reads it. Its name must not say another format than the sources'.
    fn rejects_shape(&self, mapped: &Mapped) -> Result<RejectsShape, Failure> {
        let name = self.rejects.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
        let (format, delimiter) = written_as(&name, &mapped.shape);
        match mapped.frames.iter().find(|frame| frame.format != format) {
            Some(frame) if self.rejects.is_some() => {
                let ending = if frame.format == SourceFormat::Csv { ".csv" } else { ".jsonl" };
                Err(Failure::refused(CommandRefusal::RejectsFormat { path: name.into(), ending }))
            }
            Some(_) | None => Ok(RejectsShape { format, delimiter }),
        }
    }

    fn options(&self, session: &Session) -> RecordOptions {
        let superseded = match (self.restate, self.skip_superseded) {
            (true, _) => OnSuperseded::Restate,
            (false, true) => OnSuperseded::Skip,
            (false, false) => OnSuperseded::Refuse,
        };
        let restatements =
            if session.options.format == Format::Json { KeepRestatements::All } else { KeepRestatements::First };
        RecordOptions {
            superseded,
            rejects: if self.rejects.is_some() { Rejects::SetAside } else { Rejects::Refuse },
            versions: if self.history { Versions::Successive } else { Versions::Contradict },
            expect_restated: self.expect_restated,
            restatements,
            commit: if self.dry_run { Commit::DryRun } else { Commit::Append },
        }
    }

    fn limits(&self) -> Limits {
        Limits::with_size(self.max_size)
    }

    /// Each file is looked at before anything is recorded.
    fn inputs(&self) -> Result<Vec<Input>, Failure> {
        few_enough(self.files.len())?;
        if self.files.iter().filter(|path| is_stdin(path)).count() > 1 {
            return Err(Failure::refused(CommandRefusal::StdinTwice));
        }
        self.files.iter().map(|path| Input::open(path, &self.limits())).collect()
    }

    fn show(&self, done: &RecordDone<'_>, session: &mut Session) -> Result<(), Failure> {
        let RecordDone { recorded, left_out, passed_over, missing, set_aside } = done;
        session.warn(&warnings(&recorded.warnings));
        if session.options.format == Format::Json {
            return session.json(&self.json(done));
        }
        missing.problems().for_each(|problem| session.warn(std::slice::from_ref(problem)));
        passed_over.iter().for_each(|passed_over| session.note(&passed_over.sentence()));
        left_out.iter().for_each(|left_out| session.note(&sentence_left_out(left_out)));
        if self.dry_run {
            session.note("Nothing was recorded: this is a dry run.");
        }
        for line in recorded_lines(recorded) {
            writeln!(session.out, "{line}")?;
        }
        if let (Some(path), false) = (&self.rejects, recorded.rejected.is_empty()) {
            session.note(&self.sentence_set_aside(*set_aside, path));
        }
        Ok(())
    }

    fn sentence_set_aside(&self, set_aside: SetAside, path: &Path) -> String {
        let path = path.display();
        let what = if self.map.is_some() { "row" } else { "line" };
        let count = match set_aside.all() {
            1 => format!("1 {what} was"),
            more => format!("{more} {what}s were"),
        };
        let others = match set_aside.of_groups {
            0 => String::new(),
            1 => "; 1 of them has no problem, and is in one group with a row that has one".to_owned(),
            more => format!("; {more} of them have no problem, and are in one group with a row that has one"),
        };
        format!("{count} set aside in `{path}`, each with its reasons{others}. Mend and record again.")
    }

    fn json<'d>(&self, done: &'d RecordDone<'d>) -> RecordedJson<'d> {
        let RecordDone { recorded, left_out, passed_over, missing, set_aside } = done;
        let mut json = RecordedJson::of(recorded, missing.json());
        json.dry_run = self.dry_run.then_some(true);
        json.skipped = (self.skip_superseded || self.map.is_some()).then_some(recorded.skipped);
        json.rejected = self.rejects.is_some().then_some(set_aside.all());
        json.left_out = self.map.is_some().then_some(*left_out);
        json.passed_over = self.map.is_some().then_some(*passed_over);
        json
    }

    /// Shows what would be recorded, in a book if there is one; problems are told when everything else was said.
    fn run_dry(&self, mapped: &Mapped, session: &mut Session) -> Result<Outcome, Failure> {
        let run = mapped
            .dry_run()
            .map_err(|error| Failure::file("reading", Path::new("the temporary file of mapped facts"), &error))?;
        let compared = if session.has_book() { Some(self.compared(mapped, session)?) } else { None };
        let done = compared.as_ref().and_then(|compared| compared.as_ref().ok());
        if let Some(done) = done {
            session.warn(&warnings(&done.recorded.warnings));
        }
        match session.options.format {
            Format::Json => {
                session.json(&run.json(done.map(|done| RecordedJson::of(&done.recorded, done.missing.json()))))?
            }
            Format::Text | Format::Csv => {
                done.iter()
                    .flat_map(|done| done.missing.problems())
                    .for_each(|problem| session.warn(std::slice::from_ref(problem)));
                let compared = done.map(|done| recorded_lines(&done.recorded)).unwrap_or_default();
                for line in run.lines().into_iter().chain(compared) {
                    writeln!(session.out, "{line}")?;
                }
            }
        }
        match compared {
            Some(Err(error)) => Err(error.into()),
            Some(Ok(_)) | None if run.problems.is_empty() => Ok(Outcome::Done),
            Some(Ok(_)) | None => Err(Failure::Refused(run.problems)),
        }
    }

    /// What recording the facts in the book would do.
    fn compared<'m>(
        &self,
        mapped: &'m Mapped,
        session: &mut Session,
    ) -> Result<Result<RecordDone<'m>, RecordError>, Failure> {
        let mut book = session.book_to_rehearse()?;
        let wait = session.wait("comparing with the book");
        let (recorded, size) = (mapped.record(&mut book, self.options(session), &session.stamp()?), book.size());
        drop(wait);
        Ok(recorded.map(|recorded| RecordDone::of(recorded, &mapped.batch.left_out, &book, size)))
    }
}

fn few_enough(files: usize) -> Result<(), Failure> {
    if files > FILES_MAX {
        return Err(Failure::refused(CommandRefusal::TooManyFiles { files, most: FILES_MAX }));
    }
    Ok(())
}

/// Rows of somebody else are told as a whole, and not line by line.
fn may_have_facts(input: &Input) -> Result<(), Failure> {
    let file = name_of(input.path());
    let head = input.head().map_err(|error| Failure::file("reading", input.path(), &error))?;
    if let Some(with) = packed_with(&head) {
        return Err(Failure::refused(CommandRefusal::FilePacked { file, with }));
    }
    let is_toml = input.path().extension().is_some_and(|end| end == "toml");
    let first = head.iter().find(|byte| byte.is_ascii_graphic());
    if is_toml && first.is_some_and(|byte| *byte != b'{') {
        return Err(Failure::refused(CommandRefusal::FileIsPlan { file }));
    }
    let is_rows = input
        .path()
        .extension()
        .is_some_and(|end| ["csv", "tsv", "tab", "xlsx", "ods"].iter().any(|rows| end == *rows));
    if is_rows && first.is_some_and(|byte| *byte != b'{') {
        return Err(Failure::refused(CommandRefusal::FileOfRows { file }));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_files_as_may_be_and_no_more() {
        assert!(few_enough(FILES_MAX).is_ok());
        let problems = few_enough(FILES_MAX + 1).expect_err("too many").problems();
        assert_eq!(problems[0].code, "record-files");
    }
}
