//! A book's own configuration: `config.toml` in its folder, a few lines that people may write by hand (docs/operations.md).

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::failure::Failure;
use crate::refusal::{CommandRefusal, ConfigFault};

const NAME: &str = "config.toml";
/// The longest configuration.
const CONFIG_BYTES_MAX: u64 = 64 << 10;

/// What a book's configuration says.
#[derive(Default, PartialEq, Eq, Debug)]
pub struct Config {
    /// The key file; none where it is the one beside the folder.
    pub keys: Option<PathBuf>,
    /// The file of the private key with which the log signs checkpoints.
    pub log_key: Option<PathBuf>,
}

impl Config {
    /// The configuration in a book's folder; no file says nothing.
    pub fn of_book(folder: &Path) -> Result<Config, Failure> {
        let path = folder.join(NAME);
        match std::fs::metadata(&path) {
            Ok(about) if !about.is_file() => return Err(malformed(&path, ConfigFault::NotAFile)),
            Ok(about) if about.len() > CONFIG_BYTES_MAX => {
                return Err(malformed(&path, ConfigFault::TooLong { most: CONFIG_BYTES_MAX }));
            }
            Ok(_) | Err(_) => {}
        }
        match std::fs::read_to_string(&path) {
            Ok(text) => parse(&text, folder).map_err(|fault| malformed(&path, fault)),
            // A path below a file is for whoever opens the book to tell.
            Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
                Ok(Config::default())
            }
            Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                Err(malformed(&path, ConfigFault::NotUtf8))
            }
            Err(error) => Err(Failure::file("reading", &path, &error)),
        }
    }

    /// Writes the configuration of a new book.
    pub fn write(&self, folder: &Path) -> Result<(), Failure> {
        let path = folder.join(NAME);
        let Some(keys) = self.keys.as_ref().and_then(|keys| keys.to_str()) else { return Ok(()) };
        let text = format!(
            "# Where the keys of this book are; a relative path is relative to this folder.\nkeys = {}\n",
            toml::Value::String(keys.to_owned())
        );
        let written = std::fs::File::create_new(&path).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        });
        written.map_err(|error| Failure::file("writing", &path, &error))
    }
}

/// Writes into a book's configuration where the log's private key is; a relative path is relative to the book's folder. The rest of the
/// file stays as it is. The file is replaced as a whole.
pub fn remember_log_key(folder: &Path, file: &Path) -> Result<(), Failure> {
    let path = folder.join(NAME);
    Config::of_book(folder)?;
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let Some(file) = file.to_str() else { return Err(malformed(&path, ConfigFault::NotUtf8)) };
    let is_other = |line: &&str| line.split('=').next().is_none_or(|key| key.trim() != LOG_KEY);
    let mut lines: Vec<String> = text.lines().filter(is_other).map(str::to_owned).collect();
    lines.push(format!("{LOG_KEY} = {}", toml::Value::String(file.to_owned())));
    let mut new = tempfile::NamedTempFile::new_in(folder).map_err(|error| Failure::file("writing", &path, &error))?;
    let written = new.write_all((lines.join("\n") + "\n").as_bytes()).and_then(|()| new.as_file().sync_all());
    let written = written.and_then(|()| new.persist(&path).map(drop).map_err(|error| error.error));
    written.map_err(|error| Failure::file("writing", &path, &error))
}

/// The name of the log's key in the file.
const LOG_KEY: &str = "log_key";

/// The file as it is written.
#[derive(Deserialize)]
struct ConfigFile {
    keys: Option<toml::Value>,
    log_key: Option<toml::Value>,
    #[serde(flatten)]
    unknown: BTreeMap<String, IgnoredAny>,
}

fn parse(text: &str, folder: &Path) -> Result<Config, ConfigFault> {
    let not_toml = |error: toml::de::Error| ConfigFault::NotToml { why: error.message().to_owned() };
    let ConfigFile { keys, log_key, unknown } = toml::from_str(text).map_err(not_toml)?;
    if let Some(key) = unknown.into_keys().next() {
        return Err(ConfigFault::KeyUnknown { key });
    }
    let path = |value: Option<toml::Value>, key: &'static str| match value {
        None => Ok(None),
        Some(toml::Value::String(path)) if !path.is_empty() => Ok(Some(folder.join(path))),
        Some(_) => Err(ConfigFault::NotAPath { key }),
    };
    Ok(Config { keys: path(keys, "keys")?, log_key: path(log_key, LOG_KEY)? })
}

fn malformed(path: &Path, fault: ConfigFault) -> Failure {
    Failure::refused(CommandRefusal::ConfigMalformed { path: path.to_owned(), fault })
}

/// The path of a file as it is written into the configuration: relative to the book's folder where it was given as a relative
/// one, so that both can be moved together. Both folders must be there.
pub fn seen_from(folder: &Path, file: &Path) -> std::io::Result<PathBuf> {
    if file.is_absolute() {
        return Ok(file.to_owned());
    }
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (from, mut to) = (folder.canonicalize()?, parent.canonicalize()?);
    to.extend(file.file_name());
    let mut from: Vec<Component<'_>> = from.components().collect();
    let same = from.iter().zip(to.components()).take_while(|(one, other)| **one == *other).count();
    if same == 0 {
        return Ok(to);
    }
    let up = from.drain(same..).map(|_| Component::ParentDir);
    Ok(up.chain(to.components().skip(same)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_relative_to_the_folder() {
        let parse = |text: &str| parse(text, Path::new("a/book"));
        assert_eq!(parse(""), Ok(Config::default()));
        assert_eq!(parse("keys = \"../k\"").map(|config| config.keys), Ok(Some("a/book/../k".into())));
        assert_eq!(parse("keys = \"/k\"").map(|config| config.keys), Ok(Some("/k".into())));
        for text in ["keys = 1", "keys = \"\"", "kyes = \"k\"", "keys", "keys = \"a\"\nkeys = \"b\""] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_place_of_the_log_key_is_written_beside_the_rest() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = place.path();
        std::fs::write(folder.join(NAME), "# ours\nkeys = \"../k\"\nlog_key=\"old\"").expect("written");
        remember_log_key(folder, Path::new("../log \"1\".key")).expect("remembered");
        let text = std::fs::read_to_string(folder.join(NAME)).expect("a file");
        assert!(text.starts_with("# ours\nkeys = \"../k\"\nlog_key = "), "{text}");
        let config = Config::of_book(folder).expect("a configuration");
        assert_eq!(config.keys, Some(folder.join("../k")));
        assert_eq!(config.log_key, Some(folder.join("../log \"1\".key")));
    }

    #[test]
    fn a_relative_file_is_found_from_the_folder() {
        let place = tempfile::tempdir().expect("a folder");
        let root = place.path().canonicalize().expect("a path");
        std::fs::create_dir_all(root.join("a/book")).expect("a folder");
        let current = std::env::current_dir().expect("a folder");
        // From wherever the test runs.
        let up: PathBuf = current.components().skip(1).map(|_| Component::ParentDir).collect();
        let file = up.join(root.strip_prefix("/").expect("absolute")).join("k");
        assert_eq!(seen_from(&root.join("a/book"), &file).expect("a path"), Path::new("../../k"));
        assert_eq!(seen_from(&root, Path::new("/k")).expect("a path"), Path::new("/k"));
    }
}
