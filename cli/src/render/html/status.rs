//! What has become of a statement: the place near the top of its page where it says whether it is closed, approved, held or paid.

use data_encoding::BASE64;
use replay::statements::statement::Statement;

use crate::render::statement::item::month_words;
use crate::render::status::statement as status;

/// The status of a statement. It is beside the figures, and no part of them.
pub struct PageStatus {
    /// In a few words.
    pub state: String,
    /// What was done about it, each with its date and author.
    pub history: Vec<String>,
    /// What there is to know about it, by name.
    pub details: Vec<StatusDetail>,
}

/// A detail of a status.
pub struct StatusDetail {
    pub name: &'static str,
    pub words: String,
}

impl PageStatus {
    /// The status of a statement of a closed month.
    pub fn of(statement: &Statement) -> PageStatus {
        let period = statement.figures.period;
        let detail = |name, words| StatusDetail { name, words };
        let details = vec![
            detail("Period", format!("{}, {} to {}", month_words(period), period.first(), period.last())),
            detail("Computed from", format!("the first {} entries of the log", statement.known.size)),
            detail("Root of the log", BASE64.encode(&statement.known.root)),
        ];
        let (state, history) = match &statement.status {
            Some(found) => {
                let currency = statement.figures.holder.1;
                (status::state(found, currency), status::history(found, (period, currency)))
            }
            None => ("closed".to_owned(), Vec::new()),
        };
        PageStatus { state, history, details }
    }
}
