//! `trueup checkpoint`: size and root of the log, signed with its own key.

use std::path::{Path, PathBuf};

use clap::Args;
use data_encoding::BASE64;
use replay::authority::checkpoint::{BookCheckpoint, close_without_checkpoint, last_checkpoint};
use replay::authority::log_key::{LogKeyChange, LogKeySet, set_log_key};
use serde::Serialize;

use crate::arguments::Format;
use crate::as_of::AsOf;
use crate::failure::Failure;
use crate::refusal::{CheckpointRefusal, CommandRefusal, SigningKeyRefusal};
use crate::render::checkpoint::CheckpointJson;
use crate::session::config::{remember_log_key, seen_from};
use crate::session::signing::{book_around, log_key, read_key};
use crate::session::state::{Outcome, Session};

/// Print the last checkpoint, sign one now, or set the key of the log
///
/// A checkpoint is a C2SP signed note of the log's origin, size and root. Each close signs one if the log has a key. Keep them in another
/// place: `trueup verify --against FILE` proves that the log still has everything that they covered. docs/checkpoints.md shows how.
#[derive(Args, Debug)]
pub struct ShowOrSign {
    /// Sign a checkpoint now; with nothing new since the last one, print that
    #[arg(long, conflicts_with = "at")]
    now: bool,
    /// Set the log's key, as `trueup key new` makes it, remember where its file is, and sign a checkpoint; a later key is signed
    /// (`--sign`) with the one before it or with a recovery key of the policy
    #[arg(long, value_name = "FILE", conflicts_with_all = ["now", "at"])]
    key: Option<PathBuf>,
    #[command(flatten)]
    at: AsOf,
}

impl ShowOrSign {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        match self.key {
            Some(file) => set_key(&file, session),
            None if self.now => sign(session),
            None => show(&self.at, session),
        }
    }
}

fn show(at: &AsOf, session: &mut Session) -> Result<Outcome, Failure> {
    let book = session.book_at(at)?;
    let last = last_checkpoint(book.state());
    print(last.as_ref(), session)?;
    if last.is_none() {
        session.note("No checkpoint was signed yet: `trueup checkpoint --key FILE` sets the key of the log, and signs the first one.");
    }
    if let Some(close) = close_without_checkpoint(book.state()) {
        session.note(&format!(
            "The close at position {close} has no checkpoint yet: `trueup checkpoint --now` signs one."
        ));
    }
    Ok(Outcome::Done)
}

fn sign(session: &mut Session) -> Result<Outcome, Failure> {
    let mut book = session.book_to_write()?;
    let key = match (book.state().authority().log_key(), log_key(&session.options.book)?) {
        (Some(_), None) => return Err(Failure::refused(CommandRefusal::Checkpoint(CheckpointRefusal::LogKeyNotNamed))),
        (Some(_), Some((_, key))) => key,
        (None, _) => return Err(replay::authority::refusal::AuthorityRefusal::LogKeyMissing.into()),
    };
    let signed = session.sign_now(&mut book, &key)?;
    print(Some(&signed), session)?;
    session.keep(&mut book)?;
    Ok(Outcome::Done)
}

fn set_key(file: &Path, session: &mut Session) -> Result<Outcome, Failure> {
    if let Some(book) = book_around(file) {
        let file = file.to_owned();
        return Err(Failure::refused(CommandRefusal::Key(SigningKeyRefusal::InBook { file, book })));
    }
    let key = read_key(file)?;
    if !file.is_file() {
        let file = file.to_owned();
        return Err(Failure::refused(CommandRefusal::Key(SigningKeyRefusal::NotAFile { file })));
    }
    let mut book = session.book_to_write()?;
    let set = set_log_key(&mut book, *key.public().bytes(), &session.stamp()?)?;
    let folder = session.options.book.clone();
    let seen = seen_from(&folder, file).map_err(|error| Failure::file("looking at", file, &error))?;
    remember_log_key(&folder, &seen)?;
    let signed = session.sign_now(&mut book, &key)?;
    match session.options.format {
        Format::Json => session.json(&LogKeyJson {
            key: &set.key,
            position: set.position,
            replaced: replaced(&set),
            size: book.size(),
            checkpoint: CheckpointJson::of(&signed),
        })?,
        Format::Csv | Format::Text => session.unbroken(&format!("{}\n", set.key))?,
    }
    let what = match set.change {
        LogKeyChange::First | LogKeyChange::Replaced(_) => {
            format!("is the key of the log from position {} on", set.position)
        }
        LogKeyChange::AsItWas => format!("is the key of the log since position {}", set.position),
    };
    session.note(&format!(
        "This {what}. Keep it where checkpoints are kept: whoever has it can check them. The private key stays in `{}`; closes \
         sign with it. A checkpoint of size {} is signed: `trueup checkpoint` prints it.",
        file.display(),
        signed.size
    ));
    session.keep(&mut book)?;
    Ok(Outcome::Done)
}

fn replaced(set: &LogKeySet) -> Option<&str> {
    match &set.change {
        LogKeyChange::Replaced(old) => Some(old),
        LogKeyChange::First | LogKeyChange::AsItWas => None,
    }
}

/// The note and nothing else, so that it can be redirected into a file; in the other formats with what is known of it.
fn print(checkpoint: Option<&BookCheckpoint>, session: &mut Session) -> Result<(), Failure> {
    match (session.options.format, checkpoint) {
        (Format::Json, checkpoint) => session.json(&checkpoint.map(CheckpointJson::of))?,
        (Format::Csv, checkpoint) => {
            session.out.row(&["size", "root", "position", "key"])?;
            if let Some(BookCheckpoint { size, root, position, key, .. }) = checkpoint {
                session.out.row(&[size.to_string(), BASE64.encode(root), position.to_string(), key.clone()])?;
            }
        }
        (Format::Text, Some(checkpoint)) => {
            session.unbroken(&checkpoint.note)?;
            session.note(&format!("Signed with the log's key {}", checkpoint.key));
        }
        (Format::Text, None) => {}
    }
    Ok(())
}

#[derive(Serialize)]
struct LogKeyJson<'k> {
    key: &'k str,
    position: u64,
    replaced: Option<&'k str>,
    size: u64,
    checkpoint: CheckpointJson<'k>,
}
