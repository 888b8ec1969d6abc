//! `trueup plan publish`: a plan's text goes into the book.

use std::path::PathBuf;

use clap::Args;
use replay::record::publish::publish;
use serde::Serialize;

use crate::arguments::Format;
use crate::failure::Failure;
use crate::input::files::{name_of, plan_text};
use crate::session::state::{Outcome, Session};
use crate::wording;

/// Publish a plan: its text is recorded in the book, byte for byte
#[derive(Args, Debug)]
pub struct Publish {
    /// The plan, a TOML file; `-` is standard input
    file: PathBuf,
}

impl Publish {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        let text = plan_text(&self.file)?;
        let mut book = session.book_to_write()?;
        let done = publish(&mut book, &name_of(&self.file), &text, &session.stamp()?)?;
        session.warn(&wording::plans::warnings(&done.warnings));
        if session.options.format == Format::Json {
            session.json(&PublishedVersion {
                plan: &done.plan,
                version: done.version,
                position: done.position,
                size: done.size,
            })?;
        } else {
            let (version, plan, position) = (done.version, &done.plan, done.position);
            writeln!(session.out, "Version {version} of plan `{plan}` is published, at position {position}.")?;
        }
        session.keep(&mut book)?;
        Ok(Outcome::Done)
    }
}

#[derive(Serialize)]
struct PublishedVersion<'p> {
    plan: &'p str,
    version: u32,
    position: u64,
    size: u64,
}
