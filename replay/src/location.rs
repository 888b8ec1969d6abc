//! Where the files of a book are.

use std::path::{Path, PathBuf};

/// Where a book's files are: the log inside its folder, the keys of persons outside.
#[derive(Clone, Debug)]
pub struct BookLocation {
    pub folder: PathBuf,
    /// The key file, where it is not the one beside the folder.
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
    /// The same with another key file than the one beside the folder.
    pub fn with_keys(self, keys: Option<PathBuf>) -> BookLocation {
        BookLocation { keys, ..self }
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// What can be made again from the log: to be deleted at will.
    pub(crate) fn derived(&self) -> PathBuf {
        self.folder.join("derived")
    }

    /// The file of the book's keys. Unless named, it lies beside the folder, however that is named: `book`, `book/` and `.`
    /// have the same keys.
    pub fn keys(&self) -> PathBuf {
        if let Some(named) = &self.keys {
            return named.clone();
        }
        let folder = self.folder.canonicalize().or_else(|_| std::path::absolute(&self.folder));
        let folder = folder.unwrap_or_else(|_| self.folder.clone());
        // Without the blank component that a `/` at the end is.
        let mut name = folder.components().collect::<PathBuf>().into_os_string();
        name.push(".keys");
        PathBuf::from(name)
    }
}
