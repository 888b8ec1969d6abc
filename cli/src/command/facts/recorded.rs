//! What was recorded, or would be: counts and restatements, for people and for programs.

use replay::book::Book;
use replay::missing::missing_of_recorded;
use replay::record::{RESTATEMENTS_FIRST, Recorded};
use serde::Serialize;

use crate::mapping::passed_over::PassedOver;
use crate::mapping::rejects::SetAside;
use crate::mapping::transform::batch::LeftOut;
use crate::render::missing::{MissingJson, MissingReport};
use crate::render::restatement::{RestatedSumJson, RestatementJson, lines, sums_json};
use crate::session::state::Outcome;

/// What was recorded, and what is missing from it.
pub struct RecordDone<'l> {
    pub recorded: Recorded,
    pub left_out: &'l [LeftOut],
    pub passed_over: &'l [PassedOver],
    pub missing: MissingReport,
    /// The lines or rows that were set aside.
    pub set_aside: SetAside,
}

impl<'l> RecordDone<'l> {
    /// The result of a recording into a book that had `before` entries, or of a dry run.
    pub fn of(recorded: Recorded, left_out: &'l [LeftOut], book: &Book, before: u64) -> RecordDone<'l> {
        let state = recorded.tried.as_deref().unwrap_or(book.state());
        let missing = MissingReport::of(&missing_of_recorded(state, before));
        let set_aside = SetAside { wrong: recorded.rejected.len(), of_groups: 0 };
        RecordDone { recorded, left_out, passed_over: &[], missing, set_aside }
    }

    /// Setting lines aside is what was asked for; whoever called it is told that there are some.
    pub fn outcome(&self) -> Outcome {
        if self.recorded.rejected.is_empty() { Outcome::Done } else { Outcome::SetAside }
    }
}

/// Line by line: the counts, the first restatements, and the sums.
pub fn recorded_lines(recorded: &Recorded) -> Vec<String> {
    let restated = lines(&recorded.restatements, RESTATEMENTS_FIRST).into_iter().map(|line| format!("  {line}"));
    [sentence(recorded)].into_iter().chain(restated).collect()
}

fn sentence(recorded: &Recorded) -> String {
    let mut text = format!("{} new, {} restated, {} known", recorded.new, recorded.restated, recorded.known);
    if recorded.skipped > 0 {
        text.push_str(&format!(", {} left out", recorded.skipped));
    }
    match recorded.into_closed {
        0 => {}
        1 => text.push_str("; 1 reaches into closed months (the next close will post the differences)"),
        more => text.push_str(&format!("; {more} reach into closed months (the next close will post the differences)")),
    }
    text
}

/// What was recorded, as it is published. The last members are there if the options of the command ask for them.
#[derive(Serialize)]
pub struct RecordedJson<'l> {
    new: u64,
    restated: u64,
    known: u64,
    into_closed: u64,
    size: u64,
    missing: Vec<MissingJson<'l>>,
    restatements: Vec<RestatementJson<'l>>,
    /// Restatements that were too many to be kept.
    restatements_more: u64,
    restated_sums: Vec<RestatedSumJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dry_run: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejected: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_out: Option<&'l [LeftOut]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passed_over: Option<&'l [PassedOver]>,
}

impl<'l> RecordedJson<'l> {
    /// Without the members that options ask for.
    pub fn of(recorded: &'l Recorded, missing: Vec<MissingJson<'l>>) -> RecordedJson<'l> {
        let Recorded { new, restated, known, into_closed, size, restatements, .. } = recorded;
        RecordedJson {
            new: *new,
            restated: *restated,
            known: *known,
            into_closed: *into_closed,
            size: *size,
            missing,
            restatements: restatements.kept.iter().map(RestatementJson::of).collect(),
            restatements_more: restatements.more,
            restated_sums: sums_json(restatements),
            dry_run: None,
            skipped: None,
            rejected: None,
            left_out: None,
            passed_over: None,
        }
    }
}
