//! The paths of the files of a book.

use std::path::{Path, PathBuf};

/// The paths of a book's files. The log is in the book's folder, the key file of its persons outside of it.
#[derive(Clone, Debug)]
pub struct BookLocation {
    /// The folder of the book.
    pub folder: PathBuf,
    /// The key file; `None`: the one beside the folder.
    keys: Option<PathBuf>,
}

impl From<&Path> for BookLocation {
    fn from(folder: &Path) -> BookLocation {
        BookLocation { folder: folder.to_owned(), keys: None }
    }
}

impl From<&PathBuf> for BookLocation {
    fn from(folder: &PathBuf) -> BookLocation {
        folder.as_path().into()
    }
}

impl BookLocation {
    /// Names the key file. `None` means the one beside the folder, `FOLDER.keys`.
    pub fn with_keys(self, keys: Option<PathBuf>) -> BookLocation {
        BookLocation { keys, ..self }
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// The folder of the files that can be made again from the log. It can be deleted at any time.
    pub(crate) fn derived(&self) -> PathBuf {
        self.folder.join("derived")
    }

    /// The key file. If none was named it lies beside the folder, whichever way the folder is written: `book`, `book/` and
    /// `.` have the same key file.
    pub fn keys(&self) -> PathBuf {
        if let Some(named) = &self.keys {
            return named.clone();
        }
        let folder = self.folder.canonicalize().or_else(|_| std::path::absolute(&self.folder));
        let folder = folder.unwrap_or_else(|_| self.folder.clone());
        // `components` drops a `/` at the end.
        let mut name = folder.components().collect::<PathBuf>().into_os_string();
        name.push(".keys");
        PathBuf::from(name)
    }
}
