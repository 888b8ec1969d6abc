//! `trueup author`: the people who sign, and their keys.

use clap::{Args, Subcommand};
use ledger::id::Name;
use ledger::signing::PublicKey;
use replay::authority::authors::add_author;
use serde::Serialize;

use crate::arguments::{Format, name};
use crate::as_of::AsOf;
use crate::failure::Failure;
use crate::refusal::{CommandRefusal, SigningKeyRefusal};
use crate::render::json::AsText;
use crate::render::layout::table::{Align, Table};
use crate::session::state::{Outcome, Session};

/// Record the people who sign, or list them
#[derive(Subcommand, Debug)]
pub enum AuthorCommand {
    Add(AddAuthor),
    List(ListAuthors),
}

/// Record the public key of a person, or a new key that takes the place of the old one
///
/// A new key of a person who has one is signed (`--sign`) with the old key, or with a recovery key of the policy. Under a
/// policy, a new author is signed by somebody with the role `administrate`.
#[derive(Args, Debug)]
pub struct AddAuthor {
    /// The person
    #[arg(value_name = "AUTHOR", value_parser = name)]
    person: Name,
    /// The public key, as `trueup key new` prints it
    #[arg(long, value_name = "VKEY")]
    key: String,
}

/// List the authors with their keys and roles
#[derive(Args, Debug)]
pub struct ListAuthors {
    #[command(flatten)]
    at: AsOf,
}

impl AuthorCommand {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        match self {
            AuthorCommand::Add(command) => command.run(session),
            AuthorCommand::List(command) => command.run(session),
        }
    }
}

impl AddAuthor {
    fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        let AddAuthor { person: author, key } = self;
        // A private key that is given by mistake is not shown.
        let key = PublicKey::parse(&key).map_err(|fault| {
            let is_private = key.starts_with("PRIVATE+KEY+");
            Failure::refused(CommandRefusal::Key(SigningKeyRefusal::NotPublic {
                fault: (!is_private).then_some(fault),
            }))
        })?;
        let mut book = session.book_to_write()?;
        let added = add_author(&mut book, author.clone(), key.clone(), &session.stamp()?)?;
        match session.options.format {
            Format::Json => session.json(&AuthorAddedJson {
                author: AsText(&author),
                key: AsText(&key),
                replaced: added.replaced.as_ref().map(AsText),
                position: added.position,
                size: added.size,
            })?,
            Format::Csv | Format::Text if added.replaced.is_some() => {
                writeln!(session.out, "{author} has a new key from position {} on.", added.position)?
            }
            Format::Csv | Format::Text => {
                writeln!(session.out, "{author} is an author from position {} on.", added.position)?
            }
        }
        session.keep(&mut book)?;
        Ok(Outcome::Done)
    }
}

const HEADER: [&str; 5] = ["author", "roles", "since", "valid", "key"];

impl ListAuthors {
    fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        let book = session.book_at(&self.at)?;
        let state = book.state();
        let authority = state.authority();
        let policy = authority.policy().map(|set| &set.policy);
        let mut rows = Vec::new();
        for (author, keys) in authority.authors() {
            let grants = policy.into_iter().flat_map(|policy| &policy.roles).filter(|grant| grant.author == *author);
            let roles: Vec<&str> = grants.flat_map(|grant| &grant.roles).map(|role| role.as_str()).collect();
            for (index, key) in keys.iter().enumerate() {
                let valid = index + 1 == keys.len();
                rows.push(AuthorJson {
                    author: AsText(author),
                    roles: roles.clone(),
                    since: key.position.into(),
                    valid,
                    key: AsText(&key.key),
                });
            }
        }
        match session.options.format {
            Format::Json => session.json(&rows)?,
            Format::Csv => {
                session.out.row(&HEADER)?;
                for row in &rows {
                    session.out.row(&row.cells())?;
                }
            }
            Format::Text if rows.is_empty() => {
                session
                    .note("There is no author yet: `trueup key new FILE` makes a key, `trueup author add` records it.");
            }
            Format::Text => {
                let mut table = Table::new(&[Align::Left, Align::Left, Align::Right, Align::Left, Align::Left]);
                table.row(HEADER);
                rows.iter().for_each(|row| table.row(row.cells()));
                table.write(&mut session.out)?;
            }
        }
        Ok(Outcome::Done)
    }
}

#[derive(Serialize)]
struct AuthorAddedJson<'a> {
    author: AsText<&'a Name>,
    key: AsText<&'a PublicKey>,
    replaced: Option<AsText<&'a PublicKey>>,
    position: u64,
    size: u64,
}

#[derive(Serialize)]
struct AuthorJson<'a> {
    author: AsText<&'a Name>,
    roles: Vec<&'a str>,
    since: u64,
    valid: bool,
    key: AsText<&'a PublicKey>,
}

impl AuthorJson<'_> {
    fn cells(&self) -> [String; 5] {
        let valid = if self.valid { "yes" } else { "replaced" };
        [
            self.author.0.to_string(),
            self.roles.join(" "),
            self.since.to_string(),
            valid.to_owned(),
            self.key.0.to_string(),
        ]
    }
}
