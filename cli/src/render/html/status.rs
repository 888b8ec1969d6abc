//! What has become of a statement: the place near the top of its page where it says whether it is closed, approved, held or paid.

use data_encoding::BASE64;
use replay::statements::statement::Statement;

use crate::render::statement::item::month_words;

/// The status of a statement. It is beside the figures, and no part of them.
pub struct StatementStatus {
    /// In one word or a few.
    pub state: &'static str,
    /// What there is to know about it, by name.
    pub details: Vec<StatusDetail>,
}

/// A detail of a status.
pub struct StatusDetail {
    pub name: &'static str,
    pub words: String,
}

impl StatementStatus {
    /// The status of a closed month of which nothing else is known.
    pub fn closed(statement: &Statement) -> StatementStatus {
        let period = statement.figures.period;
        let detail = |name, words| StatusDetail { name, words };
        let details = vec![
            detail("Period", format!("{}, {} to {}", month_words(period), period.first(), period.last())),
            detail("Computed from", format!("the first {} entries of the log", statement.known.size)),
            detail("Root of the log", BASE64.encode(&statement.known.root)),
        ];
        StatementStatus { state: "Closed", details }
    }
}
