//! A bridge as text: for each currency the total, by payee and by component, and then line by line.

use std::io::Write;

use ledger::money::{Currency, Money};
use replay::bridge::rows::{Bridge, BridgeRow, BridgeTotal, CauseGroup};

use crate::failure::Failure;
use crate::render::amount::amount;
use crate::render::bridge::withheld::FrozenLines;
use crate::render::bridge::words::{BridgeWords, line_words};
use crate::render::layout::table::{Align, INDENT, Table};
use crate::terminal::screen::Screen;

/// The most lines that are shown one by one.
const LINES_SHOWN_MAX: usize = 40;
/// The most causes of a total that are shown one by one.
const CAUSES_SHOWN_MAX: usize = 20;
/// The most payees that are shown.
const PAYEES_SHOWN_MAX: usize = 40;

pub fn write(bridge: &Bridge, words: BridgeWords, out: &mut Screen<impl Write>) -> Result<(), Failure> {
    writeln!(out, "From: {}", words.end(&bridge.from))?;
    writeln!(out, "To:   {}", words.end(&bridge.to))?;
    let totals = bridge.totals();
    if bridge.rows.is_empty() {
        let lines: usize = totals.iter().map(|total| total.unchanged).sum();
        out.blank()?;
        writeln!(out, "No line differs ({lines} compared).")?;
        return Ok(());
    }
    let (payees, components) = (bridge.by_payee(), bridge.by_component());
    for total in &totals {
        let currency = total.a.currency;
        out.blank()?;
        write_total(total, words, out)?;
        let payees = payees.iter().filter(|((_, of), _)| *of == currency);
        let payees: Vec<_> = payees.map(|((payee, _), total)| (payee.to_string(), total)).collect();
        write_parts("payee", payees, out)?;
        let components = components.iter().filter(|((_, of), _)| *of == currency);
        let name = |plan: &Option<ledger::id::PlanId>, component| match plan {
            Some(plan) => format!("{plan}/{component}"),
            None => format!("{component}"),
        };
        let components: Vec<_> =
            components.map(|(((plan, component), _), total)| (name(plan, component), total)).collect();
        write_parts("component", components, out)?;
    }
    write_lines(&bridge.rows, words, out)
}

fn write_total(total: &BridgeTotal, words: BridgeWords, out: &mut Screen<impl Write>) -> Result<(), Failure> {
    let currency = total.a.currency;
    let (lines, all) = (total.lines, total.lines + total.unchanged);
    let lines = if all == 1 { format!("{lines} of 1 line differs") } else { format!("{lines} of {all} lines differ") };
    writeln!(out, "{currency}: {lines}")?;
    let mut table = Table::new(&[Align::Left, Align::Right]).indented(INDENT);
    table.row(["from".to_owned(), amount(total.a)]);
    for cause in total.causes.iter().take(CAUSES_SHOWN_MAX) {
        table.row([format!("  {}", words.cause(cause)), amount(cause.amount)]);
    }
    if let rest @ [_, ..] = total.causes.get(CAUSES_SHOWN_MAX..).unwrap_or_default() {
        let sum = Money::sum(currency, rest.iter().map(|cause| cause.amount));
        table.row([format!("  {} more causes (`--format json` has all)", rest.len()), amount(sum)]);
    }
    table.row(["unexplained".to_owned(), amount(total.unexplained())]);
    table.row(["to".to_owned(), amount(total.b)]);
    Ok(table.write(out)?)
}

/// The totals of parts of one currency that differ, the largest difference first. A group without any cause has no column;
/// what is unexplained always has one.
fn write_parts(what: &str, parts: Vec<(String, &BridgeTotal)>, out: &mut Screen<impl Write>) -> Result<(), Failure> {
    let mut parts: Vec<_> = parts.into_iter().filter(|(_, total)| total.lines > 0).collect();
    if parts.is_empty() {
        return Ok(());
    }
    parts.sort_by_key(|(_, total)| std::cmp::Reverse(total.difference().minor.abs()));
    let has = |group: &CauseGroup| parts.iter().flat_map(|(_, total)| &total.causes).any(|cause| cause.group == *group);
    let groups: Vec<CauseGroup> = CauseGroup::ALL.into_iter().filter(has).collect();
    out.blank()?;
    let align: Vec<Align> = [Align::Left].into_iter().chain(vec![Align::Right; groups.len() + 4]).collect();
    let mut table = Table::new(&align).indented(INDENT);
    let middle = groups.iter().map(|group| group.word());
    table.row([what, "from"].into_iter().chain(middle).chain(["unexplained", "to", "difference"]));
    for (name, total) in parts.iter().take(PAYEES_SHOWN_MAX) {
        let middle = groups.iter().map(|group| total.of_group(*group));
        let amounts = [total.a].into_iter().chain(middle).chain([total.unexplained(), total.b, total.difference()]);
        table.row([name.clone()].into_iter().chain(amounts.map(amount)));
    }
    table.write(out)?;
    if let more @ 1.. = parts.len().saturating_sub(PAYEES_SHOWN_MAX) {
        writeln!(out, "  and {more} more (`--format csv` or `--format json` has all)")?;
    }
    Ok(())
}

fn write_lines(rows: &[BridgeRow], words: BridgeWords, out: &mut Screen<impl Write>) -> Result<(), Failure> {
    out.blank()?;
    for row in rows.iter().take(LINES_SHOWN_MAX) {
        let (payee, currency) = &row.holder;
        let (a, b) = (amount(row.a), amount(row.b));
        writeln!(out, "{payee} {}: {a} -> {b} {currency}", line_words(&row.line))?;
        let mut table = Table::new(&[Align::Right, Align::Left]).indented(INDENT);
        for cause in &row.causes {
            table.row([amount(cause.amount), words.cause(cause)]);
        }
        let unexplained = row.unexplained();
        if !unexplained.is_zero() {
            table.row([amount(unexplained), "unexplained".to_owned()]);
        }
        table.write(out)?;
    }
    if let more @ 1.. = rows.len().saturating_sub(LINES_SHOWN_MAX) {
        writeln!(out, "and {more} more lines (`--format csv` or `--format json` has all; `--payee` names one payee)")?;
    }
    Ok(())
}

/// How many payees gain and lose, and how much, in each currency.
pub fn write_winners(bridge: &Bridge, out: &mut Screen<impl Write>) -> Result<(), Failure> {
    if bridge.rows.is_empty() {
        return Ok(());
    }
    out.blank()?;
    let payees = bridge.by_payee();
    for total in bridge.totals() {
        let mine = payees.iter().filter(|((_, of), _)| *of == total.a.currency);
        let differences: Vec<Money> = mine.map(|(_, total)| total.difference()).collect();
        writeln!(out, "{}", winners(&differences, total.a.currency))?;
    }
    Ok(())
}

/// `USD: 2 payees gain 4,000.00, 1 payee loses 200.00; 3,800.00 more in all.`
fn winners(differences: &[Money], currency: Currency) -> String {
    let part = |is: fn(&Money) -> bool, verb: &str| {
        let mine: Vec<Money> = differences.iter().copied().filter(is).collect();
        let who = if mine.len() == 1 { format!("1 payee {verb}s") } else { format!("{} payees {verb}", mine.len()) };
        let sum = magnitude(Money::sum(currency, mine.iter().copied()));
        (!mine.is_empty()).then(|| format!("{who} {sum}"))
    };
    let parts: Vec<String> = part(|money| money.is_positive(), "gain")
        .into_iter()
        .chain(part(|money| money.is_negative(), "lose"))
        .collect();
    if parts.is_empty() {
        return format!("{currency}: nobody gains or loses.");
    }
    let all = Money::sum(currency, differences.iter().copied());
    let more = if all.is_negative() { "less" } else { "more" };
    format!("{currency}: {}; {} {more} in all.", parts.join(", "), magnitude(all))
}

/// An amount without its sign.
fn magnitude(money: Money) -> String {
    amount(if money.is_negative() { -money } else { money })
}

/// What a close would withhold of the differences, because the lines are frozen.
pub fn write_frozen(frozen: Option<&FrozenLines>, out: &mut Screen<impl Write>) -> Result<(), Failure> {
    let Some(frozen) = frozen else { return Ok(()) };
    for (currency, (lines, difference)) in &frozen.lines {
        let what = if *lines == 1 { "1 line was".to_owned() } else { format!("{lines} lines were") };
        writeln!(
            out,
            "{currency}: {what} due by {} and frozen: a close would withhold {} of this difference.",
            frozen.until,
            amount(*difference)
        )?;
    }
    Ok(())
}
