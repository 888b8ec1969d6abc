//! `trueup init`: a new, empty book.

use std::path::Display;
use std::path::Path;

use clap::Args;
use ledger::id::Name;
use ledger::log::LogError;
use replay::book::{Book, BookError, BookIdentity, BookLocation};
use serde::Serialize;

use crate::arguments::{Format, name};
use crate::failure::Failure;
use crate::input::time_zone::named;
use crate::refusal::CommandRefusal;
use crate::render::json::AsText;
use crate::session::config::{Config, seen_from};
use crate::session::permissions;
use crate::session::state::{Outcome, Session};

/// Make a new, empty book
///
/// Its keys lie in a file of their own outside of its folder: `BOOK.keys` beside it, or the file that `--keys FILE` names, which is then
/// written into the book's `config.toml`. Back up both, and apart: without the keys nobody can read what is personal.
#[derive(Args, Debug)]
pub struct Init {
    /// The name of the book on statements; by default the folder's name
    #[arg(long, value_parser = name)]
    name: Option<Name>,
    /// The time zone on whose days instants are, like Europe/Vienna; by default UTC, which is then not named
    #[arg(long, value_name = "ZONE", value_parser = named)]
    timezone: Option<Name>,
}

impl Init {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        let folder = session.options.book.clone();
        let name = match self.name {
            Some(name) => name,
            None => name_of(&folder)?,
        };
        if folder.is_file() {
            return Err(Failure::refused(CommandRefusal::BookNotAFolder { path: folder }));
        }
        let keys = session.options.keys.clone();
        let keys = keys.as_deref();
        keys.map_or(Ok(()), |keys| may_hold_keys(keys, &folder))?;
        let place = BookLocation::from(&folder).with_keys(keys.map(Path::to_owned));
        let identity = BookIdentity { name, timezone: self.timezone.clone() };
        let book = match Book::init(place, identity, &session.stamp()?) {
            Err(BookError::Log(LogError::Exists { .. })) => {
                return Err(Failure::refused(CommandRefusal::BookExists { folder }));
            }
            made => made?,
        };
        session.has_made(book.size());
        permissions::take(&folder);
        if let Some(keys) = keys {
            let seen = seen_from(&folder, keys).map_err(|error| Failure::file("looking at", keys, &error))?;
            Config { keys: Some(seen), log_key: None }.write(&folder)?;
        }
        let keys = std::path::absolute(book.keys().path()).unwrap_or_else(|_| book.keys().path().to_owned());
        if session.options.format == Format::Json {
            let timezone = self.timezone.as_ref().map(AsText);
            let (name, size) = (AsText(book.name()), book.size());
            session.json(&NewBook { book: name, size, keys: AsText(keys.display()), timezone })?;
            return Ok(Outcome::Done);
        }
        writeln!(session.out, "The book `{}` is in `{}`.", book.name(), folder.display())?;
        writeln!(session.out, "Its keys are in `{}`.", keys.display())?;
        if let Some(zone) = &self.timezone {
            writeln!(session.out, "Its time zone is `{zone}`: instants are on the days of that zone.")?;
        }
        session.note("Back up the keys too, and apart from the book: without them nobody can read what is personal.");
        session.note(
            "Next: `trueup plan check FILE` and `trueup plan publish FILE` for the rules, `trueup record FILE` for facts.",
        );
        Ok(Outcome::Done)
    }
}

/// A new key file lies in a folder that is there, and not in the book's own: whoever is given the book is not given its keys.
fn may_hold_keys(keys: &Path, folder: &Path) -> Result<(), Failure> {
    let parent = keys.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let real = parent.canonicalize().map_err(|error| Failure::file("looking at", parent, &error))?;
    let name = keys.file_name().and_then(|name| name.to_str());
    if name.is_none() || real.to_str().is_none() {
        return Err(Failure::refused(CommandRefusal::KeysNotNameable { path: keys.to_owned() }));
    }
    let book = std::path::absolute(folder).ok().and_then(|book| book.canonicalize().ok().or(Some(book)));
    if book.is_some_and(|book| real.starts_with(book)) {
        return Err(Failure::refused(CommandRefusal::KeysInsideBook { path: keys.to_owned() }));
    }
    Ok(())
}

/// The folder's own name, also of `.` and of a path that is not there yet.
fn name_of(folder: &Path) -> Result<Name, Failure> {
    let absolute = std::path::absolute(folder).map_err(|error| Failure::file("looking at", folder, &error))?;
    let text = absolute.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Name::incoming(&text).map_err(|fault| {
        Failure::refused(CommandRefusal::BookNameUnfit { folder: folder.to_owned(), written: text.clone(), fault })
    })
}

#[derive(Serialize)]
struct NewBook<'b> {
    book: AsText<&'b Name>,
    size: u64,
    keys: AsText<Display<'b>>,
    timezone: Option<AsText<&'b Name>>,
}
