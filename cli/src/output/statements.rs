//! Statements as files of HTML: one for each payee and currency, and a page that links to them.

use std::collections::BTreeMap;
use std::path::Path;

use askama::Template;
use ledger::date::Month;
use projections::lines::PayeeCurrency;
use replay::book::Book;
use replay::statements::pending::Lapsed;
use replay::statements::statement::Statement;

use crate::failure::Failure;
use crate::output::folder::OutputFolder;
use crate::render::html::file_name::{INDEX, file_names};
use crate::render::html::index_page::IndexPage;
use crate::render::html::statement_page::StatementPage;

/// What was waited for at the close before and does not come, by payee and currency.
pub type LapsedByHolder = BTreeMap<PayeeCurrency, Vec<Lapsed>>;

/// The page of a statement.
pub fn page(statement: &Statement, lapsed: &LapsedByHolder, book: &Book) -> Result<String, Failure> {
    let page = StatementPage::of(statement, lapsed.get(&statement.figures.holder), book)?;
    Ok(rendered(&page))
}

/// Writes the pages of all statements of a month and the page that links to them.
pub fn write(
    statements: &[Statement],
    lapsed: &LapsedByHolder,
    period: Month,
    book: &Book,
    folder: &Path,
) -> Result<(), Failure> {
    let files = file_names(statements.iter().map(|statement| &statement.figures.holder));
    let mut out = OutputFolder::begin(folder)?;
    for (statement, file) in statements.iter().zip(&files) {
        out.write(file, &page(statement, lapsed, book)?)?;
    }
    out.write(INDEX, &rendered(&IndexPage::of(statements, &files, period, book)))?;
    out.finish()
}

fn rendered(page: &impl Template) -> String {
    page.render().expect("BUG: a page that cannot be written into memory") + "\n"
}
