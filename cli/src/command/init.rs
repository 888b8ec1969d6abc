//! `trueup init`: a new, empty book.

use std::path::Path;

use clap::Args;
use ledger::id::{Name, NameFault};
use ledger::log::LogError;
use replay::book::{Book, BookError};

use crate::arguments::{Format, name};
use crate::desk::{Desk, Outcome};
use crate::failure::Failure;

/// Make a new, empty book
#[derive(Args, Debug)]
pub struct Init {
    /// What the book is called on statements; the folder's name, unless given
    #[arg(long, value_parser = name)]
    name: Option<Name>,
}

impl Init {
    pub fn run(self, desk: &mut Desk) -> Result<Outcome, Failure> {
        let folder = desk.options.book.clone();
        let name = match self.name {
            Some(name) => name,
            None => name_of(&folder)?,
        };
        if folder.is_file() {
            return Err(Failure::no_folder(&folder));
        }
        let book = match Book::init(&folder, name, &desk.stamp()?) {
            Err(BookError::Log(LogError::Exists { .. })) => return Err(exists(&folder)),
            made => made?,
        };
        if desk.options.format == Format::Json {
            desk.json(|out| {
                out.object(|out| {
                    out.name("book").text(book.name());
                    out.name("size").number(book.size());
                })
            })?;
            return Ok(Outcome::Done);
        }
        writeln!(desk.out, "The book `{}` is in `{}`.", book.name(), folder.display())?;
        desk.note(
            "Next: `trueup plan check FILE` and `trueup plan publish FILE` for the rules, `trueup record FILE` for facts.",
        );
        Ok(Outcome::Done)
    }
}

fn exists(folder: &Path) -> Failure {
    let message = format!("there is a book in `{}` already", folder.display());
    Failure::refused("book-exists", message, "use it, or name another folder with `--book PATH`")
}

/// The folder's own name, also of `.` and of a path that is not there yet.
fn name_of(folder: &Path) -> Result<Name, Failure> {
    let absolute = std::path::absolute(folder).map_err(|error| Failure::file("looking at", folder, &error))?;
    let text = absolute.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Name::incoming(&text).map_err(|fault| {
        let message = match &fault {
            NameFault::Shape => format!("`{}` gives no name for the book", folder.display()),
            NameFault::Unseen { .. } | NameFault::Decomposed { .. } => {
                format!("`{}` gives no name for the book: `{text}` {fault}", folder.display())
            }
        };
        Failure::refused("book-name", message, "say one with `--name NAME`")
    })
}
