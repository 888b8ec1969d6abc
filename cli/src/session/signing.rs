//! Files of private keys: written once, and read to sign.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use ledger::signing::PrivateKey;

use crate::failure::Failure;
use crate::refusal::{CommandRefusal, SigningKeyRefusal};
use crate::session::config::Config;

/// The longest file of a key, in bytes.
const KEY_BYTES_MAX: u64 = 4096;

/// Names the file of a key where `--sign` does not; an empty one names none.
const VARIABLE: &str = "TRUEUP_SIGN";

/// The keys of `--sign`, or that of the variable.
pub fn signing_keys(files: &[PathBuf]) -> Result<Vec<PrivateKey>, Failure> {
    let named = std::env::var_os(VARIABLE).filter(|file| files.is_empty() && !file.is_empty()).map(PathBuf::from);
    files.iter().chain(&named).map(|file| read_key(file)).collect()
}

/// A private key from its file.
pub fn read_key(file: &Path) -> Result<PrivateKey, Failure> {
    let bytes =
        crate::input::files::whole(file, KEY_BYTES_MAX).map_err(|error| Failure::file("reading", file, &error))?;
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    PrivateKey::parse(text.trim_end()).map_err(|fault| {
        let file = file.to_owned();
        Failure::refused(CommandRefusal::Key(SigningKeyRefusal::FileUnfit { file, fault }))
    })
}

/// The book in whose folder a file lies or would lie.
pub fn book_around(file: &Path) -> Option<PathBuf> {
    let full = std::path::absolute(file).ok()?;
    let is_book = |folder: &&Path| folder.join("log").join("head").is_file();
    full.ancestors().skip(1).find(is_book).map(Path::to_owned)
}

/// The private key of a book's log, from the file that its configuration names; `None` if it names none.
pub fn log_key(folder: &Path) -> Result<Option<(PathBuf, PrivateKey)>, Failure> {
    let Some(file) = Config::of_book(folder)?.log_key else { return Ok(None) };
    let key = read_key(&file)?;
    Ok(Some((file, key)))
}

/// Writes a new file for its owner alone. Refused if there is one already.
pub fn write_new(file: &Path, text: &str) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut made = options.open(file).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            Failure::refused(CommandRefusal::Key(SigningKeyRefusal::FileThere { file: file.to_owned() }))
        }
        _ => Failure::file("making", file, &error),
    })?;
    let written = made.write_all(text.as_bytes()).and_then(|()| made.sync_all());
    written.map_err(|error| Failure::file("writing", file, &error))
}
