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

#[test]
fn the_register_goes_from_opening_to_closing_balances() {
    let book = new_book();
    let months = book.json(&["export", "--as", "register"]);
    let periods: Vec<&str> =
        months.as_array().expect("months").iter().filter_map(|month| month["period"].as_str()).collect();
    assert_eq!(periods, ["2027-04", "2027-05", "2027-06"]);
    let april = serde_json::json!({
        "currency": "USD", "opening": {"payable": "0.00", "owed": "300.00", "draw": "200.00"},
        "gross": "4000.00", "reversed": "0.00", "set_off": "0.00", "recovered": "300.00", "top_up": "0.00",
        "advances": "550.00", "draw_recovered": "200.00", "pay": "4050.00", "paid": "0.00", "owed_repaid": "0.00", "draw_repaid": "0.00",
        "closing": {"payable": "4050.00", "owed": "0.00", "draw": "500.00"},
    });
    assert_eq!(months[0]["totals"], serde_json::json!([april]));
    let mut row = april;
    row["payee"] = "june".into();
    assert_eq!(months[0]["rows"], serde_json::json!([row]));
    let csv = book.done(&["export", "--as", "register", "--period", "2027-06", "--format", "csv"]);
    let expected = "\
row,period,payee,currency,opening_payable,opening_owed,opening_draw,gross,reversed,set_off,recovered,top_up,advances,draw_recovered,pay,paid,owed_repaid,draw_repaid,closing_payable,closing_owed,closing_draw
payee,2027-06,june,USD,4575.50,0.00,0.00,0.00,4000.00,0.00,0.00,0.00,0.00,0.00,0.00,0.00,0.00,0.00,4575.50,4000.00,0.00
total,2027-06,,USD,4575.50,0.00,0.00,0.00,4000.00,0.00,0.00,0.00,0.00,0.00,0.00,0.00,0.00,0.00,4575.50,4000.00,0.00
";
    assert_eq!(csv, expected);
    let text = book.done(&["export", "--as", "register", "--period", "2027-05"]);
    let words: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(words[0], ["Payroll", "register", "of", "2027-05"]);
    // Columns without any amount are left out.
    assert_eq!(words[1].join(" "), "payee payable before draw before gross draw recovered pay payable");
    assert_eq!(words[2].join(" "), "june USD 4,050.00 500.00 1,025.50 500.00 525.50 4,575.50");
    assert_eq!(words[3].join(" "), "total USD 4,050.00 500.00 1,025.50 500.00 525.50 4,575.50");
}

/// What the register says in all, the trial balance says too: on histories with guarantees, advances, clawbacks and corrections.
#[test]
fn the_register_of_the_demo_adds_up() {
    let demo = TestBook::new();
    demo.done(&["demo", &demo.book().display().to_string()]);
    let months = demo.json(&["export", "--as", "register"]);
    let of =
        |row: &serde_json::Value, path: &str| cents(row.pointer(path).and_then(|v| v.as_str()).expect("an amount"));
    let mut before: BTreeMap<String, [i64; 3]> = BTreeMap::new();
    for month in months.as_array().expect("months") {
        for row in month["rows"].as_array().expect("rows") {
            let sums = |words: &[&str]| words.iter().map(|word| of(row, &format!("/{word}"))).sum::<i64>();
            let balances = |side: &str| ["payable", "owed", "draw"].map(|name| of(row, &format!("/{side}/{name}")));
            assert_eq!(
                sums(&["pay"]),
                sums(&["gross", "top_up", "advances"]) - sums(&["recovered", "draw_recovered"]),
                "{row}"
            );
            let [opening, closing] = ["opening", "closing"].map(balances);
            assert_eq!(closing[0], opening[0] + sums(&["pay"]) - sums(&["paid", "set_off"]), "{row}");
            assert_eq!(closing[1], opening[1] + sums(&["reversed"]) - sums(&["recovered", "set_off"]), "{row}");
            let payee = row["payee"].as_str().expect("a payee").to_owned();
            assert_eq!(before.insert(payee, closing).unwrap_or_default(), opening, "{row}");
        }
    }
    let payable: i64 = before.values().map(|balances| balances[0]).sum();
    let ledger = balances_of(&demo).into_iter().filter(|(account, _)| account.starts_with("payable:"));
    assert_eq!(payable, -ledger.map(|(_, balance)| balance).sum::<i64>());
}

#[test]
fn lines_have_all_that_a_spreadsheet_wants() {
    let book = new_book();
    let table = book.done(&["export", "--as", "lines"]);
    let header: Vec<&str> = table.lines().next().expect("a header").split(',').collect();
    for column in [
        "period",
        "payee",
        "plan",
        "version",
        "component",
        "item",
        "part",
        "due",
        "date",
        "account",
        "amount",
        "entitled",
        "before",
        "reason",
        "of",
    ] {
        assert!(header.contains(&column), "{column} is not in {header:?}");
    }
    let row = table.lines().find(|row| row.contains("land/arr/whole/B-1,reversal")).expect("a reversal");
    assert_eq!(
        row,
        "2027-06,june,USD,land/arr/whole/B-1,reversal,land,1,arr,B-1,whole,2027-04-15,-4000.00,0.00,4000.00,cancellation,2027-04,2027-04-15,acme"
    );
    assert!(table.lines().any(|row| row.ends_with(",2027-04-01,") && row.contains(",draw,land,,bridge,")), "{table}");
}
