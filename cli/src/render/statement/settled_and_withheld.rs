//! What is beside a close's statements: lines that were settled before the book began, and what a freeze withholds.

use std::collections::BTreeMap;
use std::io::{self, Write};

use ledger::date::Day;
use ledger::id::PayeeId;
use ledger::money::{Currency, Money};
use projections::lines::LineName;
use projections::lines::PayeeCurrency;
use replay::close::opening::OpeningSettled;
use replay::statements::statement::Line;
use serde::Serialize;

use crate::render::amount::amount;
use crate::render::json::AsText;
use crate::render::layout::table::{Align, Table};
use crate::terminal::screen::Screen;

/// In words; nothing, where there is nothing of the kind.
pub fn beside(
    settled: &[OpeningSettled],
    frozen: Option<Day>,
    withheld: &[(PayeeCurrency, Line)],
    out: &mut Screen<impl Write>,
) -> io::Result<()> {
    let mut sums: BTreeMap<Currency, (usize, Money)> = BTreeMap::new();
    for line in settled {
        let sum = sums.entry(line.holder.1).or_insert((0, Money::zero(line.holder.1)));
        *sum = (sum.0 + 1, sum.1 + line.posted.entitled);
    }
    for (currency, (lines, sum)) in sums {
        let lines = if lines == 1 { "1 line".to_owned() } else { format!("{lines} lines") };
        writeln!(out, "Settled before the book began: {lines}, {} {currency}.", amount(sum))?;
    }
    let (Some(frozen), false) = (frozen, withheld.is_empty()) else { return Ok(()) };
    out.blank()?;
    writeln!(out, "Withheld: these lines are frozen up to {frozen} and keep what was posted.")?;
    let mut table = Table::new(&[Align::Left, Align::Left, Align::Left, Align::Right, Align::Right, Align::Right]);
    table.row(["payee", "line", "due", "posted", "entitled", "withheld"]);
    for ((payee, currency), line) in withheld {
        let amounts = [line.before, line.entitled, line.amount].map(amount);
        let [before, entitled, withheld] = amounts;
        let withheld = format!("{withheld} {currency}");
        table.row([payee.to_string(), line.name.to_string(), line.due.to_string(), before, entitled, withheld]);
    }
    table.write(out)?;
    out.blank()
}

/// A line that was settled before the book began, as it is published.
#[derive(Serialize)]
pub struct SettledJson<'l> {
    payee: AsText<&'l PayeeId>,
    currency: AsText<Currency>,
    line: AsText<&'l LineName>,
    amount: AsText<Money>,
}

impl SettledJson<'_> {
    pub fn of(line: &OpeningSettled) -> SettledJson<'_> {
        SettledJson {
            payee: AsText(&line.holder.0),
            currency: AsText(line.holder.1),
            line: AsText(&line.name),
            amount: AsText(line.posted.entitled),
        }
    }
}

/// A line that a freeze withholds, as it is published.
#[derive(Serialize)]
pub struct WithheldJson<'l> {
    payee: AsText<&'l PayeeId>,
    currency: AsText<Currency>,
    line: AsText<&'l LineName>,
    due: AsText<Day>,
    posted: AsText<Money>,
    entitled: AsText<Money>,
    difference: AsText<Money>,
}

impl WithheldJson<'_> {
    pub fn of(((payee, currency), line): &(PayeeCurrency, Line)) -> WithheldJson<'_> {
        WithheldJson {
            payee: AsText(payee),
            currency: AsText(*currency),
            line: AsText(&line.name),
            due: AsText(line.due),
            posted: AsText(line.before),
            entitled: AsText(line.entitled),
            difference: AsText(line.amount),
        }
    }
}
