//! The line that a dispute names: one that the close posted to the payee, or one that was measured by then, pending or forfeited.

use std::collections::BTreeSet;

use ledger::fact::DisputedLine;
use ledger::id::PayeeId;
use ledger::money::Currency;
use ledger::nearest::nearest;
use projections::lines::LineName;
use projections::posted_state::ClosedPeriod;

use crate::book::Book;
use crate::disputes::refusal::DisputeRefusal;
use crate::error::BookError;
use crate::statements::build::posted_of;
use crate::statements::history::lines::is_called;
use crate::statements::measured::{measured_lines, measured_names};

/// The line of a payee that a text names, in a closed month. Refused if there is none, with the nearest. Fails if the log cannot be read.
pub(super) fn disputed_line(
    book: &Book,
    closed: &ClosedPeriod,
    payee: &PayeeId,
    text: &str,
) -> Result<Result<DisputedLine, DisputeRefusal>, BookError> {
    let mut names = BTreeSet::new();
    for figures in posted_of(book, closed, payee)? {
        if let Some(line) = figures.lines.iter().find(|line| is_called(&line.name, text)) {
            return Ok(Ok(disputed(figures.holder.1, &line.name)));
        }
        names.extend(figures.lines.iter().map(|line| line.name.to_string()));
    }
    let measured = measured_lines(book, closed, payee, |name| is_called(name, text));
    if let Some(found) = measured.first() {
        return Ok(Ok(disputed(found.figures.holder.1, &found.figures.lines[0].name)));
    }
    names.extend(measured_names(book, closed, payee));
    let nearest = nearest(text, names.iter().map(String::as_str)).map(str::to_owned);
    let (payee, period, line) = (payee.clone(), closed.close.period, text.to_owned());
    Ok(Err(DisputeRefusal::LineUnknown { payee, period, line, nearest }))
}

fn disputed(currency: Currency, name: &LineName) -> DisputedLine {
    let LineName { plan, component, item, part } = name.clone();
    DisputedLine { currency, plan, component, item, part }
}
