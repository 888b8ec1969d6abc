//! `trueup record`: facts in.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use ledger::json::Writer;
use replay::admit::Superseded;
use replay::record::{Manner, PROBLEMS_MAX, Recorded, Rejects, Source};

use crate::arguments::Format;
use crate::command::rejects::RejectsFile;
use crate::desk::{Desk, Outcome};
use crate::failure::Failure;
use crate::input::{is_stdin, name_of, read_stdin};
use crate::mapping::dry_run::{left_out_json, sentence as sentence_left_out};
use crate::mapping::make::{Keep, LeftOut};
use crate::mapping::unpack::packed_with;
use crate::mapping::{self, MapText, Mapped};
use crate::wait::Meter;

/// Record facts: all of them, or none
///
/// A file has one fact a line, as JSON; with a mapping, it is any CSV, or JSON Lines of another shape, packed or not.
/// What is recorded already is recognized and not recorded again.
#[derive(Args, Debug)]
pub struct Record {
    /// Files of facts; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// How to make facts of the files' rows
    #[arg(long, value_name = "MAP.toml")]
    map: Option<PathBuf>,
    /// Record nothing: say what would be made of the rows
    #[arg(long, requires = "map", conflicts_with = "rejects")]
    dry_run: bool,
    /// A fact that was replaced since is meant to hold again
    #[arg(long, conflicts_with = "skip_superseded")]
    restate: bool,
    /// A fact that was replaced since is left out
    #[arg(long)]
    skip_superseded: bool,
    /// Record the good lines, and write the others to this file, each with its reasons
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
}

impl Record {
    pub fn run(self, desk: &mut Desk) -> Result<Outcome, Failure> {
        match &self.map {
            Some(map) => self.run_mapped(map, desk),
            None => self.run_plain(desk),
        }
    }

    fn run_plain(&self, desk: &mut Desk) -> Result<Outcome, Failure> {
        let mut book = desk.book_to_write()?;
        let inputs = self.inputs()?;
        inputs.iter().try_for_each(Input::may_have_facts)?;
        let rejects = self.rejects_file()?;
        let meter = if desk.shows_progress() { Meter::bytes(total_bytes(&inputs)) } else { Meter::silent() };
        let sources: Vec<Source<'_>> = inputs.iter().map(|input| input.source(&meter)).collect();
        let recorded = book.record(&sources, self.manner(), &desk.stamp()?);
        meter.finish();
        self.end(&recorded?, &[], rejects, desk)?;
        desk.keep(&mut book)?;
        Ok(Outcome::Done)
    }

    fn run_mapped(&self, map: &Path, desk: &mut Desk) -> Result<Outcome, Failure> {
        let files: Result<Vec<mapping::File>, Failure> = self.inputs()?.into_iter().map(Input::whole).collect();
        let wait = desk.wait("reading the rows");
        let keep = if self.rejects.is_some() { Keep::All } else { Keep::First(PROBLEMS_MAX) };
        let mapped = Mapped::of(MapText::read(map)?, files?, keep)?;
        drop(wait);
        desk.warn(&mapped.warnings);
        if self.dry_run {
            return show_dry_run(&mapped, desk);
        }
        let mut book = desk.book_to_write()?;
        let rejects = self.rejects_file()?;
        let wait = desk.wait("recording");
        let recorded = mapped.record(&mut book, self.manner(), &desk.stamp()?);
        drop(wait);
        self.end(&recorded?, &mapped.batch.left_out, rejects, desk)?;
        desk.keep(&mut book)?;
        // Setting lines aside is what was asked for.
        Ok(Outcome::Done)
    }

    fn rejects_file(&self) -> Result<Option<RejectsFile>, Failure> {
        self.rejects.as_ref().map(|path| RejectsFile::create(path, &self.files)).transpose()
    }

    fn end(
        &self,
        recorded: &Recorded,
        left_out: &[LeftOut],
        rejects: Option<RejectsFile>,
        desk: &mut Desk,
    ) -> Result<(), Failure> {
        if let Some(file) = rejects {
            file.finish(&recorded.rejected)?;
        }
        self.show(recorded, left_out, desk)
    }

    fn manner(&self) -> Manner {
        let superseded = match (self.restate, self.skip_superseded) {
            (true, _) => Superseded::Restate,
            (false, true) => Superseded::Skip,
            (false, false) => Superseded::Refuse,
        };
        Manner { superseded, rejects: if self.rejects.is_some() { Rejects::SetAside } else { Rejects::Refuse } }
    }

    /// Each file is looked at before anything is recorded. What can be read once only is read now.
    fn inputs(&self) -> Result<Vec<Input>, Failure> {
        let mut stdin_seen = false;
        let mut input = |path: &PathBuf| {
            if !is_stdin(path) {
                return input_file(path).map_err(|error| Failure::file("reading", path, &error));
            }
            if std::mem::replace(&mut stdin_seen, true) {
                return Err(Failure::refused("record-stdin", "`-` stands twice", "name standard input once"));
            }
            let held = read_stdin()?;
            Ok(Input { path: path.clone(), bytes: held.len() as u64, held: Some(held) })
        };
        self.files.iter().map(&mut input).collect()
    }

    fn show(&self, recorded: &Recorded, left_out: &[LeftOut], desk: &mut Desk) -> Result<(), Failure> {
        desk.warn(&recorded.warnings);
        if desk.options.format == Format::Json {
            return desk.json(|out| self.json(recorded, left_out, out));
        }
        left_out.iter().for_each(|left_out| desk.note(&sentence_left_out(left_out)));
        writeln!(desk.out, "{}", sentence(recorded))?;
        if let (Some(path), false) = (&self.rejects, recorded.rejected.is_empty()) {
            desk.note(&format!(
                "{} set aside in `{}`, each with its reasons. Mend and record again.",
                lines(recorded.rejected.len()),
                path.display()
            ));
        }
        Ok(())
    }

    fn json(&self, recorded: &Recorded, left_out: &[LeftOut], out: &mut Writer) {
        out.object(|out| {
            out.name("new").number(recorded.new);
            out.name("restated").number(recorded.restated);
            out.name("known").number(recorded.known);
            out.name("into_closed").number(recorded.into_closed);
            out.name("size").number(recorded.size);
            if self.skip_superseded || self.map.is_some() {
                out.name("skipped").number(recorded.skipped);
            }
            if self.rejects.is_some() {
                out.name("rejected").number(recorded.rejected.len() as u64);
            }
            if self.map.is_some() {
                left_out_json("left_out", left_out, out);
            }
        });
    }
}

/// A file that was named, or what standard input held.
struct Input {
    path: PathBuf,
    bytes: u64,
    held: Option<Vec<u8>>,
}

impl Input {
    fn source<'s>(&'s self, meter: &'s Meter) -> Source<'s> {
        let open = move || -> std::io::Result<Box<dyn BufRead + 's>> {
            let inside: Box<dyn BufRead + 's> = match &self.held {
                Some(bytes) => Box::new(bytes.as_slice()),
                None => Box::new(BufReader::with_capacity(READ_BYTES, File::open(&self.path)?)),
            };
            Ok(Box::new(meter.read(inside)))
        };
        Source { name: name_of(&self.path), open: Box::new(open) }
    }

    /// Rows of somebody else are told as a whole, and not line by line.
    fn may_have_facts(&self) -> Result<(), Failure> {
        let name = name_of(&self.path);
        let head = self.head().map_err(|error| Failure::file("reading", &self.path, &error))?;
        if let Some(with) = packed_with(&head) {
            let help = "unpack it, if it has facts; of rows say with `--map MAP.toml` how they become facts";
            return Err(Failure::refused("record-packed", format!("`{name}` is packed with {with}"), help));
        }
        let is_rows = self.path.extension().is_some_and(|end| ["csv", "tsv", "tab"].iter().any(|rows| end == *rows));
        let first = head.iter().find(|byte| byte.is_ascii_graphic());
        if is_rows && first.is_some_and(|byte| *byte != b'{') {
            let help = format!("say how they become facts: `trueup record --map MAP.toml {name}` (docs/mapping.md)");
            return Err(Failure::refused("record-rows", format!("`{name}` has rows, and no facts"), help));
        }
        Ok(())
    }

    /// The first bytes, without taking them away.
    fn head(&self) -> std::io::Result<Vec<u8>> {
        let mut head = Vec::new();
        match &self.held {
            Some(bytes) => head.extend(bytes.iter().take(HEAD_BYTES)),
            None => drop(File::open(&self.path)?.take(HEAD_BYTES as u64).read_to_end(&mut head)?),
        }
        Ok(head)
    }

    fn whole(self) -> Result<mapping::File, Failure> {
        let name = name_of(&self.path);
        let bytes = match self.held {
            Some(bytes) => bytes,
            None => std::fs::read(&self.path).map_err(|error| Failure::file("reading", &self.path, &error))?,
        };
        Ok(mapping::File { name, bytes })
    }
}

const READ_BYTES: usize = 256 << 10;
/// Enough to see what a file is.
const HEAD_BYTES: usize = 4 << 10;

/// A pipe, like `<(command)`, is as forgetful as standard input.
fn input_file(path: &Path) -> std::io::Result<Input> {
    let about = path.metadata()?;
    if about.is_file() {
        return Ok(Input { path: path.to_owned(), bytes: about.len(), held: None });
    }
    let held = std::fs::read(path)?;
    Ok(Input { path: path.to_owned(), bytes: held.len() as u64, held: Some(held) })
}

fn total_bytes(inputs: &[Input]) -> u64 {
    inputs.iter().map(|input| input.bytes).sum()
}

/// What would be recorded; problems are told when everything else was said.
fn show_dry_run(mapped: &Mapped, desk: &mut Desk) -> Result<Outcome, Failure> {
    let run = mapped.dry_run();
    match desk.options.format {
        Format::Json => desk.json(|out| run.json(out))?,
        Format::Text | Format::Csv => {
            for line in run.lines() {
                writeln!(desk.out, "{line}")?;
            }
        }
    }
    if run.problems.is_empty() { Ok(Outcome::Done) } else { Err(Failure::Refused(run.problems)) }
}

fn sentence(recorded: &Recorded) -> String {
    let mut text = format!("{} new, {} restated, {} known", recorded.new, recorded.restated, recorded.known);
    if recorded.skipped > 0 {
        text.push_str(&format!(", {} left out", recorded.skipped));
    }
    match recorded.into_closed {
        0 => {}
        1 => text.push_str("; 1 reaches into closed months (the next close will post the differences)"),
        more => text.push_str(&format!("; {more} reach into closed months (the next close will post the differences)")),
    }
    text
}

fn lines(count: usize) -> String {
    if count == 1 { "1 line was".to_owned() } else { format!("{count} lines were") }
}
