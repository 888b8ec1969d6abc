//! Disputes in words: in the status of a statement, and one whole.

use ledger::date::Month;
use ledger::json::JsonWriter;
use replay::book::Book;
use replay::disputes::summary::DisputeSummary;

use crate::render::status::recorded::recorded;

/// What a dispute is about: `line land/arr/whole/B-1`, or `the statement`.
pub fn subject(dispute: &DisputeSummary) -> String {
    dispute.line.as_ref().map_or_else(|| "the statement".to_owned(), |line| format!("line {line}"))
}

/// A dispute in the status of the statement of a month: since when it is open, or how it was resolved.
pub fn beside(dispute: &DisputeSummary, period: Month) -> String {
    let (number, subject) = (dispute.dispute, subject(dispute));
    let of_month = if dispute.period == period { String::new() } else { format!(" of {}", dispute.period) };
    match &dispute.resolved {
        None => {
            let answers = match dispute.answers.len() {
                0 => String::new(),
                1 => "; answered once".to_owned(),
                more => format!("; answered {more} times"),
            };
            format!("disputed: {subject}{of_month}, dispute {number}, open since {}{answers}", opened(dispute))
        }
        Some(resolved) => {
            let outcome = resolved.outcome;
            let corrected =
                resolved.by.map(|by| format!("; corrected by the entry at position {by}, {}", posted(resolved.posted)));
            let corrected = corrected.unwrap_or_default();
            let ended = recorded(&resolved.entry);
            format!("dispute {number} about {subject}{of_month} {outcome} {ended}{corrected}")
        }
    }
}

/// `2027-05-02 by ana (position 57): the reason`.
fn opened(dispute: &DisputeSummary) -> String {
    let words = recorded(&dispute.opened);
    words.strip_prefix("on ").unwrap_or(&words).to_owned()
}

/// Whether the correction is posted: `posted with 2027-04`.
pub fn posted(posted: Option<Month>) -> String {
    posted.map_or_else(|| "not posted yet".to_owned(), |period| format!("posted with {period}"))
}

/// `1, 2 and 5`; of more than ten the first ones, and how many more.
pub fn numbers(disputes: &[u64]) -> String {
    const NAMED_MAX: usize = 10;
    let mut words: Vec<String> = disputes.iter().take(NAMED_MAX).map(u64::to_string).collect();
    let more = disputes.len() - words.len();
    words.extend((more > 0).then(|| format!("{more} more")));
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// Adds to an entry's JSON the numbers of the disputes that it corrects; nothing if it corrects none.
pub fn corrected(book: &Book, position: u64, out: &mut JsonWriter) {
    let disputes = book.state().disputes();
    if disputes.corrected_with(position).next().is_some() {
        out.name("corrects_disputes").list(|out| {
            disputes.corrected_with(position).for_each(|dispute| out.number(dispute.number()));
        });
    }
}

/// ` (corrects dispute 3)`; nothing if an entry corrects none.
pub fn corrects(book: &Book, position: u64) -> String {
    let found: Vec<u64> = book.state().disputes().corrected_with(position).map(|dispute| dispute.number()).collect();
    match found.len() {
        0 => String::new(),
        1 => format!(" (corrects dispute {})", found[0]),
        _ => format!(" (corrects disputes {})", numbers(&found)),
    }
}
