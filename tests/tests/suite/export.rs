//! The journal for other programs: it balances, what it asserts is right, and the programs accept it where they are installed.

use std::collections::BTreeMap;

use crate::double_entry::new_book;
use crate::ledger_programs::accept;
use crate::support::TestBook;

fn cents(amount: &str) -> i64 {
    amount.replace('.', "").parse().expect("cents")
}

/// Reads a journal of hledger: every transaction sums to 0, and every assertion holds.
fn check_hledger(journal: &str) -> BTreeMap<String, i64> {
    let mut balances: BTreeMap<String, i64> = BTreeMap::new();
    let (mut sum, mut asserted) = (0, 0);
    for line in journal.lines() {
        // `commodity` and `account` lines, dates and blank lines are no postings.
        let Some(posting) = line.strip_prefix("    ") else {
            assert_eq!(sum, 0, "before {line:?}");
            continue;
        };
        let (account, rest) = posting.split_once("  ").expect("an account and an amount");
        let words: Vec<&str> = rest.split_whitespace().collect();
        let balance = balances.entry(account.to_owned()).or_default();
        match words[..] {
            [amount, "USD"] => {
                sum += cents(amount);
                *balance += cents(amount);
            }
            ["0", "USD", "=", amount, "USD"] => {
                assert_eq!(*balance, cents(amount), "{line}");
                asserted += 1;
            }
            _ => panic!("{line:?}"),
        }
    }
    assert_eq!(sum, 0);
    assert!(asserted > 0, "nothing is asserted");
    balances
}

fn balances_of(book: &TestBook) -> BTreeMap<String, i64> {
    let rows = book.json(&["trial-balance"]);
    let row = |row: &serde_json::Value| {
        let text = |name: &str| row[name].as_str().expect("a text").to_owned();
        (text("account"), cents(&text("debit")) - cents(&text("credit")))
    };
    rows.as_array().expect("rows").iter().map(row).collect()
}

#[test]
fn the_journal_balances_and_ends_in_the_trial_balance() {
    let book = new_book();
    let whole = book.done(&["export", "--as", "hledger"]);
    let mut balances = check_hledger(&whole);
    balances.retain(|_, balance| *balance != 0);
    assert_eq!(balances, balances_of(&book));
    assert!(whole.contains("2027-04-30 * (") && whole.contains("june | earning land/arr/whole/B-1"), "{whole}");
    // A part begins with the balances before it.
    let part = book.done(&["export", "--as", "hledger", "--from", "2027-05", "--to", "2027-06"]);
    let mut balances = check_hledger(&part);
    balances.retain(|_, balance| *balance != 0);
    assert_eq!(balances, balances_of(&book));
}

#[test]
fn the_table_has_each_movement_once() {
    let book = new_book();
    let table = book.done(&["export", "--as", "journal"]);
    let mut balances: BTreeMap<String, i64> = BTreeMap::new();
    for row in table.lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        let [.., account, _, debit, credit] = cells[..] else { panic!("{row}") };
        *balances.entry(account.to_owned()).or_default() += cents(debit) - cents(credit);
    }
    balances.retain(|_, balance| *balance != 0);
    assert_eq!(balances, balances_of(&book));
    let lines = book.done(&["export", "--as", "lines", "--period", "2027-05"]);
    assert_eq!(lines, book.done(&["statement", "--all", "2027-05", "--format", "csv"]));
}

#[test]
fn beancount_has_names_that_it_allows() {
    let text = new_book().done(&["export", "--as", "beancount"]);
    for line in [
        "2027-04-01 open Expenses:Commission:Land:Arr",
        "2027-04-01 open Liabilities:Payable:June",
        "2027-05-01 balance Liabilities:Payable:June  -4050.00 ~ 0 USD",
    ] {
        assert!(text.lines().any(|one| one == line), "{line}\nis not in\n{text}");
    }
}

#[test]
fn months_in_disorder_are_refused() {
    let book = new_book();
    let said = book.refused(&["export", "--as", "hledger", "--from", "2027-06", "--to", "2027-05"]);
    assert!(said.starts_with("error[period-order]"), "{said}");
    let said = book.refused(&["export", "--as", "hledger", "--period", "2027-07"]);
    assert!(said.starts_with("error[period-open]"), "{said}");
}

#[test]
fn hledger_and_beancount_accept_it_where_they_are_installed() {
    accept(&new_book());
}
