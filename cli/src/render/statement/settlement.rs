//! The settlement of a statement: from what was earned to what is paid, and the clawback and draw balances.

use std::io::{self, Write};

use ledger::exact::Exact;
use ledger::field::Percent;
use ledger::money::Money;
use replay::statements::statement::Figures;

use crate::render::amount::amount;
use crate::render::layout::table::{Align, INDENT, Table};
use crate::terminal::screen::Screen;

/// `cap` is the most of a month's pay that clawback recovery may take.
pub fn write(figures: &Figures, cap: Option<Percent>, out: &mut Screen<impl Write>) -> io::Result<()> {
    let settled = &figures.settled;
    let mut table = Table::new(&[Align::Right, Align::Left]).indented(INDENT);
    table.row([amount(settled.gross), "Earned".to_owned()]);
    let parts = [
        (-settled.recovered, "Clawback recovered"),
        (-settled.draw_recovered, "Draw recovered"),
        (settled.top_up, "Guarantee top-up"),
        (settled.advance, "Draw advance"),
    ];
    for (money, words) in parts.into_iter().filter(|(money, _)| !money.is_zero()) {
        table.row([amount(money), words.to_owned()]);
    }
    table.row([amount(settled.pay), "TO PAY".to_owned()]);
    out.blank()?;
    writeln!(out, "Settlement")?;
    table.write(out)?;
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
