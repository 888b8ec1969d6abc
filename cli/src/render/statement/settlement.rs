//! The settlement of a statement: from what was earned to what is paid, and the clawback and draw balances.

use std::io::{self, Write};

use ledger::exact::Exact;
use ledger::field::Percent;
use ledger::money::Money;
use plans::payment::settle::SettlementSums;
use replay::statements::statement::{Figures, Statement, ToDate};

use crate::render::amount::amount;
use crate::render::layout::table::{Align, INDENT, Table};
use crate::render::statement::item::month_words;
use crate::terminal::screen::Screen;

/// `cap` is the most of a month's pay that clawback recovery may take.
pub fn write(statement: &Statement, cap: Option<Percent>, out: &mut Screen<impl Write>) -> io::Result<()> {
    let (figures, settled) = (&statement.figures, &statement.figures.settled);
    out.blank()?;
    writeln!(out, "Settlement")?;
    sums(statement).write(out)?;
    if let Some(to_date) = &statement.to_date {
        writeln!(out, "  {}", counted_from(to_date))?;
    }
    if let Some(words) = clawback_balance(figures) {
        writeln!(out, "  {words}")?;
    }
    if let Some(cap) = cap.filter(|cap| cap.exact() < Exact::ONE && settled.closing.owed.is_positive()) {
        writeln!(out, "  At most {cap} of a month's earnings goes to clawback recovery.")?;
    }
    if let Some(words) = draw_balance(figures) {
        writeln!(out, "  {words}")?;
    }
    Ok(())
}

/// From earned to paid: this month, and beside it the quarter and the year to date.
fn sums(statement: &Statement) -> Table {
    let settled = &statement.figures.settled;
    let [quarter, year] = match &statement.to_date {
        Some(ToDate { quarter, year }) => [Some(&quarter.settled), Some(&year.settled)],
        None => [None, None],
    };
    let mut table = Table::new(&[Align::Right, Align::Right, Align::Right, Align::Left]).indented(INDENT);
    if statement.to_date.is_some() {
        let month = month_words(statement.figures.period);
        table.row([&month, "Quarter to date", "Year to date", ""]);
    }
    let columns = [Some(settled), quarter, year].map(|sums| sums.map(parts));
    for (index, (words, shown)) in PARTS.into_iter().enumerate() {
        let amounts = columns.map(|parts| parts.map(|parts| parts[index]));
        if shown == Shown::Always || amounts.iter().flatten().any(|amount| !amount.is_zero()) {
            let [month, quarter, year] = amounts.map(|part| part.map_or(String::new(), amount));
            table.row([month, quarter, year, words.to_owned()]);
        }
    }
    table
}

/// When a row of the settlement is shown.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Shown {
    Always,
    IfNotZero,
}

/// TO PAY is the sum of the rows above it.
const PARTS: [(&str, Shown); 7] = [
    ("Earned", Shown::Always),
    ("Clawback recovered", Shown::IfNotZero),
    ("Draw recovered", Shown::IfNotZero),
    ("Guarantee top-up", Shown::IfNotZero),
    ("Draw advance", Shown::IfNotZero),
    ("TO PAY", Shown::Always),
    ("Reversed, to the clawback balance", Shown::IfNotZero),
];

/// The amounts of [`PARTS`].
fn parts(sums: &SettlementSums) -> [Money; 7] {
    let [clawback, draw] = [-sums.recovered, -sums.draw_recovered];
    [sums.gross, clawback, draw, sums.top_up, sums.advance, sums.pay, sums.reversed]
}

/// Where the quarter and the year begin that are summed up to date.
fn counted_from(ToDate { quarter, year }: &ToDate) -> String {
    let (quarter_from, year_from) = (month_words(quarter.from), month_words(year.from));
    let began = if quarter.from == year.from {
        format!("The quarter and the fiscal year began in {year_from}.")
    } else {
        format!("The quarter began in {quarter_from}, the fiscal year in {year_from}.")
    };
    if year.first_closed == year.from {
        return began;
    }
    format!("{began} The book's first close is of {}.", month_words(year.first_closed))
}

/// The clawback balance from opening to closing; nothing where there was none.
fn clawback_balance(figures: &Figures) -> Option<String> {
    let settled = &figures.settled;
    let parts = [
        (figures.opening.owed, "opening"),
        (settled.reversed, "reversed"),
        (-settled.set_off, "set off against the payable balance"),
        (-settled.recovered, "recovered"),
    ];
    chain("Clawback balance", &parts, settled.closing.owed)
}

fn draw_balance(figures: &Figures) -> Option<String> {
    let (opening, closing) = (figures.opening.draw, figures.settled.closing.draw);
    let recovered = figures.settled.draw_recovered;
    let parts = [(opening, "opening"), (-recovered, "recovered"), (closing - opening + recovered, "advanced")];
    chain("Draw balance", &parts, closing)
}

/// `Clawback balance: 12,000.00 opening + 16,875.00 reversed - 10,125.00 recovered = 18,750.00.`
fn chain(title: &str, parts: &[(Money, &str)], sum: Money) -> Option<String> {
    let mut text = String::new();
    for (money, words) in parts.iter().filter(|(money, _)| !money.is_zero()) {
        let size = if money.is_negative() { -*money } else { *money };
        let sign = match (text.is_empty(), money.is_negative()) {
            (true, false) => "",
            (true, true) => "-",
            (false, false) => " + ",
            (false, true) => " - ",
        };
        text.push_str(&format!("{sign}{} {words}", amount(size)));
    }
    (!text.is_empty()).then(|| format!("{title}: {text} = {}.", amount(sum)))
}
