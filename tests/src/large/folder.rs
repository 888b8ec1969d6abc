//! Where the book and the files that it is fed with lie: a temporary folder, or one that is kept and gone on with.

use std::path::{Path, PathBuf};

use ledger::date::Month;
use tempfile::TempDir;

pub struct Folder {
    path: PathBuf,
    /// Removed when this goes.
    temporary: Option<TempDir>,
}

impl Folder {
    pub fn new(keep: Option<&Path>) -> Folder {
        match keep {
            Some(path) => {
                std::fs::create_dir_all(path).expect("a folder");
                Folder { path: path.to_owned(), temporary: None }
            }
            None => {
                let temporary = tempfile::tempdir().expect("a folder");
                Folder { path: temporary.path().to_owned(), temporary: Some(temporary) }
            }
        }
    }

    pub fn book(&self) -> PathBuf {
        self.path.join("book")
    }

    pub fn facts(&self, month: Month) -> PathBuf {
        self.path.join(format!("facts-{month}.jsonl"))
    }

    pub fn usage(&self, month: Month) -> PathBuf {
        self.path.join(format!("usage-{month}.jsonl"))
    }

    /// What was measured of months that are closed.
    pub fn months(&self) -> PathBuf {
        self.path.join("months.json")
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A book that may be written to: a kept one is copied first.
    pub fn expendable(&self) -> PathBuf {
        if self.temporary.is_some() {
            return self.book();
        }
        let copy = self.path.join("copy");
        self.clean();
        self.copy_book(&copy);
        copy
    }

    /// The book as it was before a month was closed.
    pub fn before_close(&self, month: Month) -> PathBuf {
        self.path.join(format!("before-{month}"))
    }

    pub fn keep_before_close(&self, month: Month) {
        self.copy_book(&self.before_close(month));
    }

    fn copy_book(&self, copy: &Path) {
        copy_folder(&self.book(), copy);
        let keys = |book: &Path| book.with_extension("keys");
        if keys(&self.book()).exists() {
            std::fs::copy(keys(&self.book()), keys(copy)).expect("copied");
        }
    }

    /// Removes the copy.
    pub fn clean(&self) {
        let copy = self.path.join("copy");
        if self.temporary.is_none() && copy.exists() {
            std::fs::remove_dir_all(&copy).expect("removed");
        }
    }
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let place = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy_folder(&path, &place);
        } else {
            std::fs::copy(&path, &place).expect("copied");
        }
    }
}

/// The bytes of all files in a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { files.extend(self::files(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}
