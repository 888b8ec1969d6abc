//! The page of a statement.

use askama::Template;
use ledger::money::Money;
use projections::lines::LineName;
use replay::book::{Book, BookError};
use replay::statements::pending::{Lapsed, line_of_pending};
use replay::statements::statement::{Statement, SumsToDate};

use crate::render::amount::amount;
use crate::render::html::escape::CssText;
use crate::render::html::sections::{
    BalanceChange, ChangedLine, LineTable, LineWriter, NotPaid, PlanSection, ShownDraw, ShownSettlement,
};
use crate::render::html::status::PageStatus;
use crate::render::layout::shorten;
use crate::render::statement::explain::EntryWords;
use crate::render::statement::forfeited::{counted_earlier, judged_names, new_and_earlier};
use crate::render::statement::item::{BookView, month_words};
use crate::render::statement::legend::Legend;
use crate::render::statement::lines::{
    AmountsToDate, NOTHING_DUE, adjustments, groups, heading, is_nothing_due, payee_words,
};
use crate::render::statement::page::gone;
use crate::render::statement::settlement::{notes, shown_parts};

/// A statement as a page.
#[derive(Template)]
#[template(path = "statement.html")]
pub struct StatementPage {
    heading: String,
    /// At the foot of each printed page.
    foot: CssText,
    book: String,
    month: String,
    currency: String,
    status: PageStatus,
    nothing_due: Option<&'static str>,
    pay: String,
    balances: [BalanceChange; 3],
    changes: Vec<ChangedLine>,
    no_longer_pending: Vec<NotPaid>,
    plans: Vec<PlanSection>,
    adjustments: Option<LineTable>,
    draws: Vec<ShownDraw>,
    settlement: Vec<ShownSettlement>,
    settlement_notes: Vec<String>,
    forfeited: Vec<NotPaid>,
    /// How many were forfeited earlier, and each of them.
    forfeited_earlier: Option<(String, Vec<NotPaid>)>,
    pending: Vec<NotPaid>,
    /// What words of plans mean.
    terms: Vec<&'static str>,
}

impl StatementPage {
    /// `lapsed` is what was waited for at the close before and does not come. Reads the entries that the lines rest on.
    pub fn of(statement: &Statement, lapsed: Option<&Vec<Lapsed>>, book: &Book) -> Result<StatementPage, BookError> {
        let view = BookView::new(book, statement.known.size);
        let lapsed = lapsed.map_or(&[][..], Vec::as_slice);
        let mut writer = LineWriter { statement, view, entries: EntryWords::of(book), changes: Vec::new() };
        let plans = plans(&mut writer)?;
        let adjustments = adjusted(&mut writer)?;
        let draws = statement.figures.draws.iter().zip(&statement.draw_whys);
        let draws: Result<Vec<ShownDraw>, BookError> = draws.map(|(draw, why)| writer.draw(draw, why)).collect();
        let (forfeited, earlier) = new_and_earlier(statement, lapsed);
        let earlier = (!earlier.is_empty()).then(|| {
            let rows = earlier.iter().map(|row| NotPaid::forfeited(row, view)).collect();
            (counted_earlier(statement, &earlier), rows)
        });
        let (month, currency) = (month_words(statement.figures.period), statement.figures.holder.1);
        Ok(StatementPage {
            heading: heading(statement, view),
            foot: CssText::new(&format!("{}, {month}, {currency}", shorten::name(&payee_words(statement, view)))),
            book: statement.book.clone(),
            month,
            currency: currency.to_string(),
            status: PageStatus::of(statement),
            nothing_due: is_nothing_due(statement).then_some(NOTHING_DUE),
            pay: amount(statement.figures.settled.pay),
            balances: BalanceChange::of(statement),
            changes: writer.changes,
            no_longer_pending: gone(lapsed).into_iter().map(|row| NotPaid::gone(&row.was, view)).collect(),
            plans,
            adjustments,
            draws: draws?,
            settlement: shown_parts(statement).into_iter().map(ShownSettlement::from).collect(),
            settlement_notes: notes(statement, view),
            terms: terms(statement, &judged_names(&forfeited), view),
            forfeited: forfeited.into_iter().map(|row| NotPaid::forfeited(row, view)).collect(),
            forfeited_earlier: earlier,
            pending: statement.pending.iter().map(|row| NotPaid::pending(row, view)).collect(),
        })
    }

    /// Whether the settlement has columns of the quarter and the year to date.
    fn has_to_date(&self) -> bool {
        self.settlement.iter().any(|row| row.to_date.is_some())
    }
}

fn plans(writer: &mut LineWriter<'_, '_>) -> Result<Vec<PlanSection>, BookError> {
    let mut sections: Vec<PlanSection> = Vec::new();
    let mut last = None;
    for group in groups(writer.statement) {
        if last != Some(group.plan) {
            sections.push(PlanSection { title: group.plan_title(writer.view), components: Vec::new() });
            last = Some(group.plan);
        }
        let component = writer.component(&group)?;
        sections.last_mut().expect("a plan was pushed").components.push(component);
    }
    Ok(sections)
}

/// The adjustments; nothing where there are none, in this month or in the year to date.
fn adjusted(writer: &mut LineWriter<'_, '_>) -> Result<Option<LineTable>, BookError> {
    let statement = writer.statement;
    let lines = adjustments(statement);
    let sum = Money::sum(statement.figures.holder.1, lines.iter().map(|told| told.line.amount));
    let to_date = AmountsToDate::of(statement, sum, SumsToDate::of_adjustments);
    if lines.is_empty() && to_date.is_none() {
        return Ok(None);
    }
    writer.table("Amounts that were adjusted by hand".to_owned(), &lines, to_date).map(Some)
}

/// The terms of plans that are explained, in the order in which the statement has them.
fn terms(statement: &Statement, forfeited: &[LineName], view: BookView<'_>) -> Vec<&'static str> {
    let mut legend = Legend::new(view);
    let posted = statement.figures.lines.iter().map(|line| (&line.name, line.version));
    let pending: Vec<LineName> = statement.pending.iter().map(line_of_pending).collect();
    let waiting = forfeited.iter().chain(&pending).map(|name| (name, None));
    legend.terms(posted.chain(waiting))
}
