//! The settlement of a statement: from what was earned to what is paid, and the clawback and draw balances.

use std::io::{self, Write};

use ledger::exact::Exact;
use ledger::money::Money;
use plans::payment::settle::SettlementSums;
use replay::statements::statement::{Figures, Statement, ToDate};

use crate::render::amount::amount;
use crate::render::layout::table::{Align, INDENT, Table};
use crate::render::statement::item::{BookView, month_words};
use crate::terminal::screen::Screen;

pub fn write(statement: &Statement, view: BookView<'_>, out: &mut Screen<impl Write>) -> io::Result<()> {
    out.blank()?;
    writeln!(out, "Settlement")?;
    let mut table = Table::new(&[Align::Right, Align::Right, Align::Right, Align::Left]).indented(INDENT);
    if statement.to_date.is_some() {
        let month = month_words(statement.figures.period);
        table.row([&month, "Quarter to date", "Year to date", ""]);
    }
    for SettlementPart { words, month, to_date } in shown_parts(statement) {
        let [quarter, year] = match to_date {
            Some([quarter, year]) => [amount(quarter), amount(year)],
            None => [String::new(), String::new()],
        };
        table.row([amount(month), quarter, year, words.to_owned()]);
    }
    table.write(out)?;
    notes(statement, view).iter().try_for_each(|words| writeln!(out, "  {words}"))
}

/// A part of the way from earned to paid.
pub struct SettlementPart {
    /// What it is.
    pub words: &'static str,
    pub month: Money,
    /// The quarter and the year to date, where they were asked for.
    pub to_date: Option<[Money; 2]>,
}

/// From earned to paid: this month, and beside it the quarter and the year to date.
pub fn shown_parts(statement: &Statement) -> Vec<SettlementPart> {
    let month = parts(&statement.figures.settled);
    let to_date =
        statement.to_date.as_ref().map(|ToDate { quarter, year }| [&quarter.settled, &year.settled].map(parts));
    let all = PARTS.into_iter().enumerate().map(|(index, (words, shown))| {
        let to_date = to_date.map(|columns| columns.map(|parts| parts[index]));
        (SettlementPart { words, month: month[index], to_date }, shown)
    });
    let is_shown = |part: &SettlementPart| {
        [part.month].into_iter().chain(part.to_date.into_iter().flatten()).any(|amount| !amount.is_zero())
    };
    all.filter(|(part, shown)| *shown == Shown::Always || is_shown(part)).map(|(part, _)| part).collect()
}

/// What else there is to know: from when on is summed up, and how the clawback and draw balances came about.
pub fn notes(statement: &Statement, view: BookView<'_>) -> Vec<String> {
    let figures = &statement.figures;
    let cap = view.view.recovery_cap(figures.holder.0.as_str(), figures.period.last());
    let cap = cap.filter(|cap| cap.exact() < Exact::ONE && figures.settled.closing.owed.is_positive());
    let cap = cap.map(|cap| format!("At most {cap} of a month's earnings goes to clawback recovery."));
    let counted = statement.to_date.as_ref().map(counted_from);
    [counted, clawback_balance(figures), cap, draw_balance(figures)].into_iter().flatten().collect()
}

/// When a row of the settlement is shown.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Shown {
    Always,
    IfNotZero,
}

/// The part that is the sum of those above it.
pub const TO_PAY: &str = "TO PAY";

/// In the order in which they are shown.
const PARTS: [(&str, Shown); 7] = [
    ("Earned", Shown::Always),
    ("Clawback recovered", Shown::IfNotZero),
    ("Draw recovered", Shown::IfNotZero),
    ("Guarantee top-up", Shown::IfNotZero),
    ("Draw advance", Shown::IfNotZero),
    (TO_PAY, Shown::Always),
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
