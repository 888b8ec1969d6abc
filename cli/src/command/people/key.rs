//! `trueup key`: keys for signing.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use ledger::id::Name;
use ledger::signing::{PrivateKey, key_name};
use serde::Serialize;

use crate::arguments::Format;
use crate::failure::Failure;
use crate::refusal::{CommandRefusal, SigningKeyRefusal};
use crate::render::json::AsText;
use crate::session::signing::{book_around, write_new};
use crate::session::stamp::random;
use crate::session::state::{Outcome, Session};

/// Make keys for signing
#[derive(Subcommand, Debug)]
pub enum KeyCommand {
    New(NewKey),
}

/// Make an Ed25519 key in a new file, and print its public key
///
/// The file is for its owner alone: whoever has it can sign as that person. Keep it outside of the book and its backups.
/// The public key (C2SP vkey, `NAME+HASH+BASE64`) is what `trueup author add` takes.
#[derive(Args, Debug)]
pub struct NewKey {
    /// The file to make
    file: PathBuf,
    /// The key's name, without blanks and `+`; by default the name of the file without its ending
    #[arg(long, value_parser = name)]
    name: Option<Name>,
}

fn name(text: &str) -> Result<Name, String> {
    key_name(text).ok_or_else(|| "it takes 1 to 128 bytes of printable text without blanks and `+`".to_owned())
}

impl KeyCommand {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        match self {
            KeyCommand::New(command) => command.run(session),
        }
    }
}

impl NewKey {
    fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        let NewKey { file, name } = self;
        let of_file = || file.file_stem().and_then(|stem| stem.to_str()).and_then(key_name);
        let Some(name) = name.or_else(of_file) else {
            return Err(Failure::refused(CommandRefusal::Key(SigningKeyRefusal::NameMissing { file })));
        };
        if let Some(book) = book_around(&file) {
            return Err(Failure::refused(CommandRefusal::Key(SigningKeyRefusal::InBook { file, book })));
        }
        let key = PrivateKey::new(name, random()?);
        write_new(&file, &format!("{}\n", key.secret_text()))?;
        match session.options.format {
            Format::Json => {
                let (name, key) = (AsText(key.public().name()), AsText(key.public()));
                session.json(&KeyJson { name, key, file: file.display().to_string() })?
            }
            // Never wrapped: it is to be copied.
            Format::Csv | Format::Text => session.bytes(format!("{}\n", key.public()).as_bytes())?,
        }
        session.note(&format!("The private key is in `{}`. Whoever has that file can sign with it.", file.display()));
        Ok(Outcome::Done)
    }
}

#[derive(Serialize)]
struct KeyJson<'k> {
    name: AsText<&'k Name>,
    key: AsText<&'k ledger::signing::PublicKey>,
    file: String,
}
