//! `trueup freeze`: what was posted up to a day is not moved any more.

use clap::Args;
use ledger::date::Day;
use replay::close::freeze::freeze;
use serde::Serialize;

use crate::arguments::{Format, day};
use crate::failure::Failure;
use crate::render::json::AsText;
use crate::session::state::{Outcome, Session};

/// Freeze the lines that were due by a day: later closes do not adjust them
///
/// From the next close on, what becomes known about them is listed there and not posted. Everything later is worked out
/// on the true values.
#[derive(Args, Debug)]
pub struct Freeze {
    /// The day, like 2027-03-31; not beyond the last month that is closed
    #[arg(value_parser = day, required_unless_present = "lift", conflicts_with = "lift")]
    until: Option<Day>,
    /// Lift the freeze: the next close posts what it withheld
    #[arg(long)]
    lift: bool,
    /// The reason, for auditors
    #[arg(long)]
    reason: String,
}

impl Freeze {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        let mut book = session.book_to_write()?;
        let size = freeze(&mut book, self.until, &self.reason, &session.stamp()?)?;
        match (session.options.format, self.until) {
            (Format::Json, until) => session.json(&FreezeJson { until: until.map(AsText), size })?,
            (_, Some(until)) => {
                writeln!(session.out, "Lines due by {until} keep what was posted of them. Size {size}.")?
            }
            (_, None) => {
                writeln!(session.out, "The freeze is lifted: the next close posts what it withheld. Size {size}.")?
            }
        }
        session.keep(&mut book)?;
        Ok(Outcome::Done)
    }
}

#[derive(Serialize)]
struct FreezeJson {
    until: Option<AsText<Day>>,
    size: u64,
}
