//! The page that lists the statements of a month, with a link to each.

use std::collections::BTreeMap;

use askama::Template;
use ledger::date::Month;
use ledger::money::{Currency, Money};
use replay::book::Book;
use replay::statements::statement::Statement;

use crate::payee_name::name_of;
use crate::render::amount::amount;
use crate::render::html::escape::CssText;
use crate::render::html::file_name::link;
use crate::render::layout::shorten;
use crate::render::statement::item::month_words;

/// The statements of a month as a page.
#[derive(Template)]
#[template(path = "index.html")]
pub struct IndexPage {
    heading: String,
    /// At the foot of each printed page.
    foot: CssText,
    book: String,
    rows: Vec<IndexRow>,
    sums: Vec<IndexSum>,
}

/// A statement.
struct IndexRow {
    payee: String,
    /// What the payee is called, if there is a name.
    name: String,
    currency: String,
    /// What became of it, in a word.
    status: String,
    pay: String,
    payable: String,
    owed: String,
    draw: String,
    link: String,
}

/// What is to be paid in a currency.
struct IndexSum {
    currency: Currency,
    statements: usize,
    pay: String,
}

impl IndexPage {
    /// `files` has the names of the files, in the order of the statements.
    pub fn of(statements: &[Statement], files: &[String], period: Month, book: &Book) -> IndexPage {
        let heading = format!("Statements for {}", month_words(period));
        let name = book.name().to_string();
        IndexPage {
            foot: CssText::new(&format!("{}, {heading}", shorten::name(&name))),
            heading,
            rows: statements.iter().zip(files).map(|(statement, file)| IndexRow::of(statement, file, book)).collect(),
            sums: sums(statements),
            book: name,
        }
    }
}

impl IndexRow {
    fn of(statement: &Statement, file: &str, book: &Book) -> IndexRow {
        let (payee, currency) = &statement.figures.holder;
        let settled = &statement.figures.settled;
        IndexRow {
            payee: payee.to_string(),
            name: name_of(payee, book).map(|name| shorten::name(&name)).unwrap_or_default(),
            currency: currency.to_string(),
            status: statement.status.as_ref().map_or("closed", |found| found.state.word()).replace('-', " "),
            pay: amount(settled.pay),
            payable: amount(settled.closing.payable),
            owed: amount(settled.closing.owed),
            draw: amount(settled.closing.draw),
            link: link(file),
        }
    }
}

fn sums(statements: &[Statement]) -> Vec<IndexSum> {
    let mut sums: BTreeMap<Currency, (usize, Money)> = BTreeMap::new();
    for statement in statements {
        let currency = statement.figures.holder.1;
        let sum = sums.entry(currency).or_insert((0, Money::zero(currency)));
        *sum = (sum.0 + 1, sum.1 + statement.figures.settled.pay);
    }
    let row = |(currency, (statements, pay))| IndexSum { currency, statements, pay: amount(pay) };
    sums.into_iter().map(row).collect()
}
