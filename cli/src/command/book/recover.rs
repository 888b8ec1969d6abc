//! `trueup recover`: the sound part of a damaged book, into a new one.

use std::path::Display;
use std::path::PathBuf;

use clap::Args;
use data_encoding::HEXLOWER;
use replay::recover::{Recovered, recover};
use replay::verify::{Verdict, verify};
use serde::Serialize;

use crate::arguments::Format;
use crate::failure::{Failure, blamed};
use crate::render::json::AsText;
use crate::session::state::{Outcome, Session};
use crate::wording::book::recover_error;

/// Copy the intact part of a damaged book into a new book
///
/// The first SIZE entries are checked, entry by entry, and copied byte for byte: the new book has their hashes and their tree
/// root. The damaged book is left as it is. `trueup verify` says up to which size it is sound.
#[derive(Args, Debug)]
pub struct Recover {
    /// Entries that the new book has; the end of an append
    #[arg(long, value_name = "SIZE", value_parser = clap::value_parser!(u64).range(1..))]
    to: u64,
    /// The folder of the new book; it must not be there yet, or be empty
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

impl Recover {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        session.must_be_there()?;
        let wait = session.wait("checking and copying entries");
        let recovered = recover(&session.options.book, self.to, &self.out)
            .map_err(|error| blamed(recover_error(&error, self.to)))?;
        // A second reading, by other code than that which wrote: what is handed over is proven.
        let verified = verify(&self.out)?;
        drop(wait);
        if verified.verdict != Verdict::Consistent || verified.root != Some(recovered.root) {
            panic!("BUG: what was recovered is {:?}: {:?}", verified.verdict, verified.problems);
        }
        session.has_made(recovered.size);
        self.show(&recovered, session)?;
        Ok(Outcome::Done)
    }

    fn show(&self, recovered: &Recovered, session: &mut Session) -> Result<(), Failure> {
        let root = HEXLOWER.encode(&recovered.root);
        if session.options.format == Format::Json {
            let (book, size, bytes) = (AsText(self.out.display()), recovered.size, recovered.bytes);
            return session.json(&RecoveredBook { book, size, root: &root, bytes });
        }
        writeln!(session.out, "The sound part, size {}, is in `{}`, root {root}.", recovered.size, self.out.display())?;
        session.note(
            "What was recorded behind them is not in it: compare with your sources and record it again. The keys of persons are \
             not copied: put the key file beside the new folder, or name it with `--keys FILE` (docs/operations.md).",
        );
        Ok(())
    }
}

#[derive(Serialize)]
struct RecoveredBook<'r> {
    book: AsText<Display<'r>>,
    size: u64,
    root: &'r str,
    bytes: u64,
}
