//! Who may read what: new files are the owner's alone, and files that others may read are warned of.

use std::path::Path;

use crate::refusal::CommandWarning;

/// From now on, files that are made can be read and written by their owner only, whatever the shell's mask says.
#[cfg(unix)]
pub fn keep_new_files_private() {
    use nix::sys::stat::{Mode, umask};
    umask(Mode::S_IRWXG | Mode::S_IRWXO);
}

#[cfg(not(unix))]
pub fn keep_new_files_private() {}

/// What others may do with a book's folder and its keys, as warnings.
#[cfg(unix)]
pub fn loose(book: &Path, keys: &Path) -> Vec<CommandWarning> {
    let mode = |path: &Path| {
        use std::os::unix::fs::PermissionsExt;
        std::fs::metadata(path).ok().map(|about| about.permissions().mode() & 0o777).filter(|mode| mode & 0o077 != 0)
    };
    let open_keys = mode(keys).map(|mode| CommandWarning::KeysOpenToOthers { path: keys.to_owned(), mode });
    let open_book = mode(book).map(|mode| CommandWarning::BookOpenToOthers { path: book.to_owned(), mode });
    open_keys.into_iter().chain(open_book).collect()
}

#[cfg(not(unix))]
pub fn loose(_book: &Path, _keys: &Path) -> Vec<CommandWarning> {
    Vec::new()
}

/// Leaves an existing folder, which is about to become a book, to its owner. A folder of somebody else stays as it is, and is
/// warned of.
#[cfg(unix)]
pub fn take(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    drop(std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)));
}

#[cfg(not(unix))]
pub fn take(_folder: &Path) {}
