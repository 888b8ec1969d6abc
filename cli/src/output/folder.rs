//! A folder of files that is whole or can be seen not to be. No file of somebody else is overwritten.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::refusal::{CommandRefusal, HtmlRefusal, OutputFolderUse};

/// The folder in it that has the files until all are written.
const UNFINISHED: &str = "unfinished";

/// A folder that is being filled. Files are written below `unfinished`, and moved up when all are there. Dropped before
/// that, the files are gone; where the process ends without that, `unfinished` is left.
pub struct OutputFolder {
    folder: PathBuf,
    /// Whether it was made for these files.
    is_new: bool,
    files: Vec<String>,
    is_finished: bool,
}

/// Refuses a place where there are files, or that is in the folder of the book.
pub fn must_be_free(folder: &Path, book: &Path) -> Result<(), Failure> {
    let taken =
        |by| Err(Failure::refused(CommandRefusal::Html(HtmlRefusal::FolderTaken { folder: folder.to_owned(), by })));
    // A folder that is not there yet is where the nearest one above it is.
    let absolute = std::path::absolute(folder).map_err(|error| Failure::file("reading", folder, &error))?;
    let place = absolute.ancestors().find_map(|above| above.canonicalize().ok());
    if book.canonicalize().is_ok_and(|book| place.is_some_and(|place| place.starts_with(book))) {
        return taken(OutputFolderUse::Book);
    }
    match std::fs::metadata(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Failure::file("reading", folder, &error)),
        Ok(found) if !found.is_dir() => taken(OutputFolderUse::File),
        Ok(_) if folder.join(UNFINISHED).exists() => taken(OutputFolderUse::Unfinished),
        Ok(_) => {
            let mut entries = std::fs::read_dir(folder).map_err(|error| Failure::file("reading", folder, &error))?;
            if entries.next().is_some() { taken(OutputFolderUse::Files) } else { Ok(()) }
        }
    }
}

impl OutputFolder {
    /// Makes the folder and those above it, as far as they are missing. It must be free ([`must_be_free`]).
    pub fn begin(folder: &Path) -> Result<OutputFolder, Failure> {
        let failed = |error: io::Error| Failure::file("creating", folder, &error);
        let is_new = !folder.is_dir();
        std::fs::create_dir_all(folder).map_err(failed)?;
        match std::fs::create_dir(folder.join(UNFINISHED)) {
            // Another run was quicker.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let (folder, by) = (folder.to_owned(), OutputFolderUse::Unfinished);
                Err(Failure::refused(CommandRefusal::Html(HtmlRefusal::FolderTaken { folder, by })))
            }
            Err(error) => Err(failed(error)),
            Ok(()) => Ok(OutputFolder { folder: folder.to_owned(), is_new, files: Vec::new(), is_finished: false }),
        }
    }

    /// Writes a file of a name that no other has.
    pub fn write(&mut self, file: &str, text: &str) -> Result<(), Failure> {
        self.write_bytes(file, text.as_bytes())
    }

    /// Writes a file of a name that no other has.
    pub fn write_bytes(&mut self, file: &str, bytes: &[u8]) -> Result<(), Failure> {
        let path = self.folder.join(UNFINISHED).join(file);
        self.files.push(file.to_owned());
        std::fs::write(&path, bytes).map_err(|error| Failure::file("writing", &path, &error))
    }

    /// A file of a name that no other has, to be written in parts.
    pub fn create(&mut self, file: &str) -> Result<File, Failure> {
        let path = self.folder.join(UNFINISHED).join(file);
        self.files.push(file.to_owned());
        File::create(&path).map_err(|error| Failure::file("writing", &path, &error))
    }

    /// Moves the files to their places, the last one last: where it is, all are.
    pub fn finish(mut self) -> Result<(), Failure> {
        let unfinished = self.folder.join(UNFINISHED);
        for file in &self.files {
            let place = self.folder.join(file);
            std::fs::rename(unfinished.join(file), &place).map_err(|error| Failure::file("writing", &place, &error))?;
        }
        std::fs::remove_dir(&unfinished).map_err(|error| Failure::file("removing", &unfinished, &error))?;
        self.is_finished = true;
        Ok(())
    }
}

impl Drop for OutputFolder {
    fn drop(&mut self) {
        if self.is_finished {
            return;
        }
        // As far as it works: the failure that led here is told. A folder that has other files by now stays.
        for folder in [self.folder.join(UNFINISHED), self.folder.clone()] {
            for file in &self.files {
                let _ = std::fs::remove_file(folder.join(file));
            }
        }
        let _ = std::fs::remove_dir(self.folder.join(UNFINISHED));
        if self.is_new {
            let _ = std::fs::remove_dir(&self.folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").file_name());
        let mut names: Vec<String> = entries.map(|name| name.into_string().expect("UTF-8")).collect();
        names.sort();
        names
    }

    #[test]
    fn files_are_in_their_places_when_all_are_written() {
        let temporary = tempfile::tempdir().expect("a folder");
        let folder = temporary.path().join("above/pages");
        let mut out = OutputFolder::begin(&folder).expect("it is free");
        out.write("a.html", "a").expect("a file");
        out.write("index.html", "all").expect("a file");
        assert_eq!(names(&folder), [UNFINISHED]);
        out.finish().expect("they are moved");
        assert_eq!(names(&folder), ["a.html", "index.html"]);
        assert_eq!(std::fs::read_to_string(folder.join("a.html")).expect("a file"), "a");
    }

    #[test]
    fn a_failure_leaves_nothing_and_takes_nothing() {
        let temporary = tempfile::tempdir().expect("a folder");
        let folder = temporary.path().join("pages");
        let mut out = OutputFolder::begin(&folder).expect("it is free");
        out.write("a.html", "a").expect("a file");
        assert!(out.write("no/such/folder.html", "b").is_err());
        drop(out);
        assert!(!folder.exists());
        // What somebody put there meanwhile stays, and so does a folder that was there.
        std::fs::create_dir(&folder).expect("a folder");
        let out = OutputFolder::begin(&folder).expect("it is empty");
        std::fs::write(folder.join("letter.txt"), "mine").expect("a file");
        drop(out);
        assert_eq!(names(&folder), ["letter.txt"]);
    }

    #[test]
    fn two_runs_do_not_share_a_folder() {
        let temporary = tempfile::tempdir().expect("a folder");
        let first = OutputFolder::begin(temporary.path()).expect("it is empty");
        assert!(OutputFolder::begin(temporary.path()).is_err());
        first.finish().expect("nothing to move");
    }
}
