//! How what was earned becomes what is paid, as a column that adds up, and where what is owed and drawn went.

use std::io::{self, Write};

use ledger::exact::Exact;
use ledger::field::Percent;
use ledger::money::Money;
use replay::statements::statement::Figures;

use crate::render::amount::amount;
use crate::render::table::{Align, INDENT, Table};
use crate::screen::Screen;

/// `cap` is how much of a month's pay may go into what is owed.
pub fn write(figures: &Figures, cap: Option<Percent>, out: &mut Screen<impl Write>) -> io::Result<()> {
    let settled = &figures.settled;
    let mut table = Table::new(&[Align::Right, Align::Left]).indented(INDENT);
    table.row([amount(settled.gross), "earned".to_owned()]);
    let parts = [
        (-settled.recovered, "kept back for what is owed"),
        (-settled.draw_recovered, "kept back for what was drawn"),
        (settled.top_up, "topped up to the guarantee"),
        (settled.advance, "paid ahead as a draw"),
    ];
    for (money, words) in parts.into_iter().filter(|(money, _)| !money.is_zero()) {
        table.row([amount(money), words.to_owned()]);
    }
    table.row([amount(settled.pay), "TO PAY".to_owned()]);
    out.blank()?;
    writeln!(out, "Settlement")?;
    table.write(out)?;
    if let Some(words) = owed(figures) {
        writeln!(out, "  {words}")?;
    }
    if let Some(cap) = cap.filter(|cap| cap.exact() < Exact::ONE && settled.closing.owed.is_positive()) {
        writeln!(out, "  Of a month's earnings at most {cap} is kept back for what is owed.")?;
    }
    if let Some(words) = drawn(figures) {
        writeln!(out, "  {words}")?;
    }
    Ok(())
}

/// From what was owed to what is: nothing is said where nothing ever was.
fn owed(figures: &Figures) -> Option<String> {
    let settled = &figures.settled;
    let parts = [
        (figures.opening.owed, "from before"),
        (settled.reversed, "taken back now"),
        (-settled.set_off, "set off against what was not paid out"),
        (-settled.recovered, "kept back"),
    ];
    chain("Owed", &parts, settled.closing.owed)
}

fn drawn(figures: &Figures) -> Option<String> {
    let (opening, closing) = (figures.opening.draw, figures.settled.closing.draw);
    let recovered = figures.settled.draw_recovered;
    let parts = [(opening, "from before"), (-recovered, "kept back"), (closing - opening + recovered, "given now")];
    chain("Drawn ahead", &parts, closing)
}

/// `Owed: 12,000.00 from before + 16,875.00 taken back now - 10,125.00 kept back = 18,750.00.`
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
