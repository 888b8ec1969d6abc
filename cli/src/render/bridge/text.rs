//! A bridge as text: the total, by payee, by component, and line by line.

use projections::lines::PayeeCurrency;
use replay::bridge::rows::{Bridge, BridgeComponent, BridgeRow, BridgeTotal, CauseGroup};

use crate::failure::Failure;
use crate::render::amount::amount;
use crate::render::bridge::words::BridgeWords;
use crate::render::layout::table::{Align, Table};
use crate::session::state::Session;

/// The most lines that are shown one by one.
const LINES_SHOWN_MAX: usize = 40;
/// The most causes of a total that are shown one by one.
const CAUSES_SHOWN_MAX: usize = 20;
/// The most payees that are shown.
const PAYEES_SHOWN_MAX: usize = 40;

pub fn write(bridge: &Bridge, words: BridgeWords, session: &mut Session) -> Result<(), Failure> {
    writeln!(session.out, "From: {}", words.end(&bridge.from))?;
    writeln!(session.out, "To:   {}", words.end(&bridge.to))?;
    let totals = bridge.totals();
    if bridge.rows.is_empty() {
        let lines: usize = totals.iter().map(|total| total.unchanged).sum();
        session.out.blank()?;
        writeln!(session.out, "No line differs ({lines} compared).")?;
        return Ok(());
    }
    for total in &totals {
        session.out.blank()?;
        write_total(total, words, session)?;
    }
    write_payees(&bridge.by_payee(), session)?;
    write_components(&bridge.by_component(), session)?;
    write_lines(&bridge.rows, words, session)
}

fn write_total(total: &BridgeTotal, words: BridgeWords, session: &mut Session) -> Result<(), Failure> {
    let currency = total.a.currency;
    let (lines, all) = (total.lines, total.lines + total.unchanged);
    writeln!(session.out, "{currency}: {lines} of {all} lines differ")?;
    let mut table = Table::new(&[Align::Left, Align::Right]);
    table.row(["from".to_owned(), amount(total.a)]);
    for cause in total.causes.iter().take(CAUSES_SHOWN_MAX) {
        table.row([format!("  {}", words.cause(cause)), amount(cause.amount)]);
    }
    if let rest @ [_, ..] = total.causes.get(CAUSES_SHOWN_MAX..).unwrap_or_default() {
        let sum = ledger::money::Money::sum(currency, rest.iter().map(|cause| cause.amount));
        table.row([format!("  {} more causes (`--format json` has all)", rest.len()), amount(sum)]);
    }
    table.row(["unexplained".to_owned(), amount(total.unexplained())]);
    table.row(["to".to_owned(), amount(total.b)]);
    Ok(table.write(&mut session.out)?)
}

/// The amounts of a total: from, what each group of causes made, what is unexplained, to, and the difference.
fn cells(total: &BridgeTotal) -> Vec<String> {
    let groups = CauseGroup::ALL.map(|group| total.of_group(group));
    let middle = groups.into_iter().chain([total.unexplained(), total.b, total.difference()]);
    [total.a].into_iter().chain(middle).map(amount).collect()
}

const AMOUNTS: [&str; 8] = ["from", "time", "facts", "rules", "engine", "unexplained", "to", "difference"];

fn table_of(first: &[&str]) -> Table {
    let align: Vec<Align> = vec![Align::Left; first.len()].into_iter().chain([Align::Right; 8]).collect();
    let mut table = Table::new(&align);
    table.row(first.iter().chain(&AMOUNTS).map(|cell| (*cell).to_owned()));
    table
}

fn write_payees(payees: &[(PayeeCurrency, BridgeTotal)], session: &mut Session) -> Result<(), Failure> {
    let mut changed: Vec<&(PayeeCurrency, BridgeTotal)> = payees.iter().filter(|(_, total)| total.lines > 0).collect();
    changed.sort_by_key(|(_, total)| std::cmp::Reverse(total.difference().minor.abs()));
    session.out.blank()?;
    let mut table = table_of(&["payee", "currency"]);
    for ((payee, currency), total) in changed.iter().take(PAYEES_SHOWN_MAX) {
        table.row([payee.to_string(), currency.to_string()].into_iter().chain(cells(total)));
    }
    table.write(&mut session.out)?;
    if let more @ 1.. = changed.len().saturating_sub(PAYEES_SHOWN_MAX) {
        writeln!(session.out, "and {more} more payees (`--format csv` or `--format json` has all)")?;
    }
    Ok(())
}

fn write_components(
    components: &[((BridgeComponent, ledger::money::Currency), BridgeTotal)],
    session: &mut Session,
) -> Result<(), Failure> {
    session.out.blank()?;
    let mut table = table_of(&["component", "currency"]);
    for (((plan, component), currency), total) in components.iter().filter(|(_, total)| total.lines > 0) {
        let name = plan.as_ref().map_or_else(|| component.to_string(), |plan| format!("{plan}/{component}"));
        table.row([name, currency.to_string()].into_iter().chain(cells(total)));
    }
    Ok(table.write(&mut session.out)?)
}

fn write_lines(rows: &[BridgeRow], words: BridgeWords, session: &mut Session) -> Result<(), Failure> {
    session.out.blank()?;
    for row in rows.iter().take(LINES_SHOWN_MAX) {
        let (payee, currency) = &row.holder;
        let (a, b) = (amount(row.a), amount(row.b));
        writeln!(session.out, "{payee} {}: {a} -> {b} {currency}", row.line)?;
        let mut table = Table::new(&[Align::Right, Align::Left]).indented(2);
        for cause in &row.causes {
            table.row([amount(cause.amount), words.cause(cause)]);
        }
        let unexplained = row.unexplained();
        if !unexplained.is_zero() {
            table.row([amount(unexplained), "unexplained".to_owned()]);
        }
        table.write(&mut session.out)?;
    }
    if let more @ 1.. = rows.len().saturating_sub(LINES_SHOWN_MAX) {
        writeln!(
            session.out,
            "and {more} more lines (`--format csv` or `--format json` has all; `--payee` names one payee)"
        )?;
    }
    Ok(())
}
