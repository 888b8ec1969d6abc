//! The file of lines that were set aside: complete in its place, or not there at all.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use replay::book::BookLocation;
use replay::record::Rejected;
use serde::Serialize;

use crate::failure::Failure;
use crate::refusal::{CommandRefusal, PlaceTaken};
use crate::render::json::json;
use crate::render::problem::{ProblemJson, Severity};
use crate::terminal::inert::json_shown;
use crate::wording::replay::refusals;

/// A place for rejects that is there before anything is recorded: what is set aside must not be lost for want of one. It is
/// written beside its name and renamed, so that a command that is refused leaves an earlier file as it was.
pub struct RejectsFile {
    path: PathBuf,
    beside: PathBuf,
    file: File,
}

impl RejectsFile {
    /// `inputs` are the files that are being read, and `book` says where the book and its keys are: the rejects must take the place of
    /// none of them, nor of a device or a pipe.
    pub fn create(path: &Path, inputs: &[PathBuf], book: &BookLocation) -> Result<RejectsFile, Failure> {
        must_be_free(path, book)?;
        let real = |path: &Path| path.canonicalize().ok();
        if let Some(input) = inputs.iter().find(|input| real(input).is_some() && real(input) == real(path)) {
            return Err(Failure::refused(CommandRefusal::RejectsAreInput { input: input.clone() }));
        }
        let mut name = path.as_os_str().to_owned();
        name.push(".part");
        let beside = PathBuf::from(name);
        // What an earlier run left, or a link that somebody put there, is not written to.
        match std::fs::remove_file(&beside) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Failure::file("creating", path, &error));
            }
            Ok(()) | Err(_) => {}
        }
        let file = File::create_new(&beside).map_err(|error| Failure::file("creating", path, &error))?;
        Ok(RejectsFile { path: path.to_owned(), beside, file })
    }

    /// JSON Lines: each line as it came, and why it did not go in.
    pub fn finish(self, rejected: &[Rejected]) -> Result<(), Failure> {
        let text: String = rejected.iter().map(line).collect();
        self.write(text.as_bytes())
    }

    /// These bytes, in its place.
    pub fn write(mut self, bytes: &[u8]) -> Result<(), Failure> {
        let written = self.file.write_all(bytes).and_then(|()| self.file.sync_all());
        let placed = written.and_then(|()| std::fs::rename(&self.beside, &self.path));
        placed.map_err(|error| Failure::file("writing", &self.path, &error))
    }
}

fn must_be_free(path: &Path, book: &BookLocation) -> Result<(), Failure> {
    let refused =
        |by: PlaceTaken| Err(Failure::refused(CommandRefusal::RejectsPlaceTaken { path: path.to_owned(), by }));
    // A file that is not there yet is where its folder is.
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let place = path.canonicalize().or_else(|_| parent.canonicalize());
    let is_in_book = |place: &PathBuf| book.folder.canonicalize().is_ok_and(|folder| place.starts_with(folder));
    match place {
        Ok(place) if is_in_book(&place) => return refused(PlaceTaken::BookFolder),
        Ok(place) if book.keys().canonicalize().is_ok_and(|keys| keys == place) => return refused(PlaceTaken::KeyFile),
        Ok(_) | Err(_) => {}
    }
    match std::fs::metadata(path) {
        Ok(found) if !found.is_file() => refused(PlaceTaken::NoPlainFile),
        Ok(_) | Err(_) => Ok(()),
    }
}

impl Drop for RejectsFile {
    fn drop(&mut self) {
        // After `finish` nothing is there to remove.
        let _ = std::fs::remove_file(&self.beside);
    }
}

fn line(rejected: &Rejected) -> String {
    let problems = refusals(&rejected.refusals);
    let problems = problems.iter().map(|problem| ProblemJson::of(Severity::Error, problem)).collect();
    json_shown(&json(&RejectedLine { text: &rejected.line, problems })).into_owned() + "\n"
}

#[derive(Serialize)]
struct RejectedLine<'r> {
    text: &'r str,
    problems: Vec<ProblemJson<'r>>,
}
