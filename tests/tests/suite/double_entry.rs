//! Double entry: debits equal credits, accounts agree with settlements, and balances roll from month to month.

use std::collections::BTreeMap;

use projections::posted_state::{Balances, PostedState};
use replay::book::Book;
use replay::pay::roll_forward::roll_forward;
use replay::pay::trial_balance::digest;

use crate::support::TestBook;

/// What must hold after every close of any history.
pub fn judge(book: &Book) -> Result<(), String> {
    let posted = book.state().posted_state();
    judge_accounts(posted)?;
    let last = posted.last_close().expect("a close");
    if last.close.trial_balance != Some(digest(&posted.accounts)) {
        return Err("the close recorded another trial balance".to_owned());
    }
    judge_roll_forward(book)
}

pub fn judge_accounts(posted: &PostedState) -> Result<(), String> {
    let mut sums: BTreeMap<_, i128> = BTreeMap::new();
    for row in posted.accounts.trial_balance() {
        *sums.entry(row.debit.currency).or_default() += row.debit.minor - row.credit.minor;
        if row.account.starts_with("settlement:") {
            return Err(format!("{row:?} is not 0 after a close"));
        }
    }
    if let Some((currency, difference)) = sums.iter().find(|(_, difference)| **difference != 0) {
        return Err(format!("debits less credits are {difference} minor units of {currency}"));
    }
    for (holder, balances) in &posted.balances {
        let found = posted.accounts.balances_of(holder);
        if found != *balances {
            return Err(format!("{holder:?}: the accounts have {found:?}, the settlement {balances:?}"));
        }
    }
    Ok(())
}

fn judge_roll_forward(book: &Book) -> Result<(), String> {
    let posted = book.state().posted_state();
    let rows = roll_forward(book, &posted.closes).map_err(|error| error.to_string())?;
    let mut last: BTreeMap<_, Balances> = BTreeMap::new();
    for row in rows {
        let (opening, closing) = (row.opening, row.closing);
        let payable =
            opening.payable + row.earned - row.recovered - row.set_off + row.advances - row.draw_recovered - row.paid;
        let owed = opening.owed + row.reversed - row.recovered - row.set_off - row.owed_repaid;
        if (payable, owed) != (closing.payable, closing.owed) {
            return Err(format!("{row:?} does not roll"));
        }
        let before = last.insert(row.holder.clone(), closing).unwrap_or(Balances::zero(row.holder.1));
        // What is owed or drawn may have entered with the close.
        if before.payable != opening.payable || before.owed > opening.owed || before.draw > opening.draw {
            return Err(format!("{row:?} does not begin where the month before ended: {before:?}"));
        }
    }
    for (holder, balances) in &posted.balances {
        let found = last.get(holder).copied().unwrap_or(Balances::zero(holder.1));
        if found != *balances {
            return Err(format!("{holder:?}: the roll-forward ends with {found:?}, the book has {balances:?}"));
        }
    }
    Ok(())
}

const PLAN: &str = r#"plan = "land"
version = 1
edition = 1
currency = "USD"
effective = 2027-01-01

[[component]]
id = "arr"
measure = { booking = "arr" }
period = "year"
quota = "assigned"
rate = "10%"
cancellation = "restate"

[[draw]]
id = "bridge"
kind = "advance"
amount = "500"
months = 1
on = "assignment"
recoverable = true
recover-after = "1 month"

[[draw]]
id = "start"
kind = "advance"
amount = "50"
months = 1
on = "assignment"
recoverable = false
"#;

const FACTS: &str = r#"{"fact": "payee", "at": "2027-01-01", "payee": "june", "currency": "USD"}
{"fact": "account", "at": "2027-01-01", "account": "acme"}
{"fact": "assignment", "at": "2027-04-01", "payee": "june", "plan": "land", "quota": {"arr": "600000"}}
{"fact": "opening-balance", "at": "2027-04-01", "payee": "june", "currency": "USD", "owed": "300", "draw": "200"}
{"fact": "booking", "at": "2027-04-15", "booking": "B-1", "account": "acme", "arr": "40000", "currency": "USD", "credit": [{"payee": "june", "percent": "100%"}]}
{"fact": "booking", "at": "2027-05-10", "booking": "B-2", "account": "acme", "arr": "10000", "currency": "USD", "credit": [{"payee": "june", "percent": "100%"}]}
{"fact": "adjustment", "at": "2027-05-11", "payee": "june", "amount": "25.50", "currency": "USD", "reason": "contest"}
{"fact": "cancellation", "at": "2027-06-20", "booking": "B-1"}
"#;

pub fn new_book() -> TestBook {
    let book = TestBook::with_book();
    book.done(&["plan", "publish", &book.write("plan.toml", PLAN)]);
    book.done(&["record", &book.write("facts.jsonl", FACTS)]);
    for period in ["2027-04", "2027-05", "2027-06"] {
        book.done(&["close", period, "--full"]);
    }
    book
}

/// The size of the log after the close of a month.
fn size_after(book: &TestBook, period: &str) -> String {
    let log = book.json(&["statement", "--all", period]);
    let known = log[0]["log"]["size"].as_u64().expect("a size");
    let mut size = known;
    while book.run(&["statement", "june", period, "--at", &size.to_string()]).status.code() != Some(0) {
        size += 1;
    }
    size.to_string()
}

#[test]
fn each_posting_is_in_the_accounts_that_it_belongs_to() {
    let book = new_book();
    let rows = |at: &str| book.json(&["trial-balance", "--at", at]);
    let april = size_after(&book, "2027-04");
    // 4,000.00 earned: 300.00 goes to what was owed, 200.00 to the draw of before; 500.00 and 50.00 are advanced.
    let expected = serde_json::json!([
        {"account": "clearing:opening", "currency": "USD", "debit": "0.00", "credit": "500.00"},
        {"account": "draw:june", "currency": "USD", "debit": "500.00", "credit": "0.00"},
        {"account": "expense:commission:land:arr", "currency": "USD", "debit": "4000.00", "credit": "0.00"},
        {"account": "expense:guarantee", "currency": "USD", "debit": "50.00", "credit": "0.00"},
        {"account": "payable:june", "currency": "USD", "debit": "0.00", "credit": "4050.00"},
    ]);
    assert_eq!(rows(&april), expected);
    // May: 1,025.50 earned, 500.00 of it for the draw. June: 4,000.00 are reversed.
    let expected = serde_json::json!([
        {"account": "clearing:opening", "currency": "USD", "debit": "0.00", "credit": "500.00"},
        {"account": "expense:commission:adjustment", "currency": "USD", "debit": "25.50", "credit": "0.00"},
        {"account": "expense:commission:land:arr", "currency": "USD", "debit": "1000.00", "credit": "0.00"},
        {"account": "expense:guarantee", "currency": "USD", "debit": "50.00", "credit": "0.00"},
        {"account": "owed:june", "currency": "USD", "debit": "4000.00", "credit": "0.00"},
        {"account": "payable:june", "currency": "USD", "debit": "0.00", "credit": "4575.50"},
    ]);
    assert_eq!(book.json(&["trial-balance"]), expected);
}

#[test]
fn every_size_of_the_log_balances() {
    let book = new_book();
    let size = book.json(&["verify"])["size"].as_u64().expect("a size");
    for at in 1..=size {
        let rows = book.json(&["trial-balance", "--at", &at.to_string()]);
        let sum = |side: &str| -> i64 {
            let amounts = rows.as_array().expect("rows").iter().map(|row| row[side].as_str().expect("an amount"));
            amounts.map(|amount| amount.replace('.', "").parse::<i64>().expect("cents")).sum()
        };
        assert_eq!(sum("debit"), sum("credit"), "at size {at}: {rows}");
    }
}

#[test]
fn the_text_has_totals_and_says_that_the_close_recorded_the_same() {
    let book = new_book();
    let output = book.run(&["trial-balance"]);
    let [text, notes] = [&output.stdout, &output.stderr].map(|said| String::from_utf8_lossy(said).into_owned());
    let total = text.lines().last().expect("a line");
    assert_eq!(total.split_whitespace().collect::<Vec<_>>(), ["total", "USD", "5,075.50", "5,075.50"]);
    assert!(notes.contains("As the close of 2027-06 recorded it."), "{notes}");
}

#[test]
fn balances_roll_from_month_to_month() {
    let book = new_book();
    let rows = book.json(&["balances", "--roll-forward", "2027-05..2027-06"]);
    let expected = serde_json::json!([
        {"payee": "june", "currency": "USD", "period": "2027-05",
         "opening": {"payable": "4050.00", "owed": "0.00", "draw": "500.00"},
         "earned": "1025.50", "reversed": "0.00", "set_off": "0.00", "recovered": "0.00", "advances": "0.00",
         "draw_recovered": "500.00", "paid": "0.00", "owed_repaid": "0.00", "draw_repaid": "0.00",
         "closing": {"payable": "4575.50", "owed": "0.00", "draw": "0.00"}},
        {"payee": "june", "currency": "USD", "period": "2027-06",
         "opening": {"payable": "4575.50", "owed": "0.00", "draw": "0.00"},
         "earned": "0.00", "reversed": "4000.00", "set_off": "0.00", "recovered": "0.00", "advances": "0.00",
         "draw_recovered": "0.00", "paid": "0.00", "owed_repaid": "0.00", "draw_repaid": "0.00",
         "closing": {"payable": "4575.50", "owed": "4000.00", "draw": "0.00"}},
    ]);
    assert_eq!(rows, expected);
    let csv = book.done(&["balances", "--roll-forward", "2027-05", "--format", "csv"]);
    assert_eq!(csv.lines().count(), 2, "{csv}");
    let first = book.done(&["balances", "--roll-forward", "2027-04..2027-06"]);
    assert!(first.contains("clawback"), "{first}");
}

#[test]
fn months_that_are_not_closed_are_refused() {
    let book = new_book();
    for range in ["2027-05..2027-07", "2027-03..2027-04", "2027-08"] {
        let refused = book.refused(&["balances", "--roll-forward", range]);
        assert!(refused.starts_with("error[period-open]"), "{range}: {refused}");
    }
}
