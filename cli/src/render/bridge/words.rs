//! The ends and causes of a bridge in words.

use ledger::date::Month;
use ledger::id::percent_decoded;
use projections::lines::LineName;
use replay::bridge::rows::{BridgeCause, BridgeEnd, CauseEffect, EndAmounts};
use replay::statements::statement::positions;

/// How many runs of positions a cause shows.
const RUNS_SHOWN_MAX: usize = 3;

/// What the bridge is about.
#[derive(Copy, Clone, Default)]
pub struct BridgeWords {
    /// Entries from this position on are tried out, and not in the log.
    pub tried: Option<u64>,
    /// The month from which on lines are due that are shown; any where it is `None`.
    pub due_from: Option<Month>,
}

impl BridgeWords {
    /// An end: `due by 2027-03-31, as posted by the close of 2027-03`.
    pub fn end(self, end: &BridgeEnd) -> String {
        let day = end.period.last();
        let due = match self.due_from {
            Some(from) => format!("due from {} to {day}", from.first()),
            None => format!("due by {day}"),
        };
        match (end.amounts, self.tried) {
            // An end without any entry is that of a book without closes.
            (EndAmounts::Posted, _) if end.known == 0 => "nothing, before the first close".to_owned(),
            (EndAmounts::Posted, _) => format!("{due}, as closes up to {} posted it", end.period),
            (EndAmounts::Previewed, _) => format!("{due}, as the close of {} would leave it", end.period),
            (EndAmounts::Derived, Some(tried)) if end.known > tried => format!("{due}, with what is tried out"),
            (EndAmounts::Derived, _) => format!("{due}, as known at size {}", end.known),
        }
    }

    /// A cause: `booking B-7 (entry 150)`.
    pub fn cause(self, cause: &BridgeCause) -> String {
        let what = match (cause.kind.as_str(), cause.item.is_empty()) {
            ("time", _) => "fell due in between".to_owned(),
            ("engine", _) => "calculation change (engine)".to_owned(),
            ("freeze", _) => "kept by a freeze".to_owned(),
            (kind, true) => kind.to_owned(),
            (kind, false) => format!("{kind} {}", cause.item),
        };
        let what = match cause.effect {
            CauseEffect::Own => what,
            CauseEffect::Attainment => format!("{what}, through attainment"),
        };
        format!("{what}{}", self.entries(cause))
    }

    fn entries(self, cause: &BridgeCause) -> String {
        let is_tried = |position: &u32| self.tried.is_some_and(|tried| u64::from(*position) >= tried);
        if !cause.positions.is_empty() && cause.positions.iter().all(is_tried) {
            return " (tried out)".to_owned();
        }
        let runs = positions(&cause.positions);
        let shown = runs.iter().take(RUNS_SHOWN_MAX).cloned().collect::<Vec<_>>().join(", ");
        match (runs.len(), cause.positions.len()) {
            (0, _) => String::new(),
            (_, 1) => format!(" (entry {shown})"),
            (runs, _) if runs > RUNS_SHOWN_MAX => format!(" (entries {shown} and more)"),
            _ => format!(" (entries {shown})"),
        }
    }
}

/// The name of a line for people: `plan/component/part/item`, as commands take it, without percent codes.
pub fn line_words(line: &LineName) -> String {
    let name = line.to_string();
    percent_decoded(&name).unwrap_or(name)
}
