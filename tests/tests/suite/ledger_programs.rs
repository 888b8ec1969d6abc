//! The exports in the eyes of hledger and beancount: both accept them, and hledger's balances are those of the trial balance to the
//! cent. `TRUEUP_HLEDGER` and `TRUEUP_BEAN_CHECK` name the programs where they are not on the path.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Once;

use crate::support::TestBook;

/// An account, a currency, and its debits less its credits as a decimal.
type Balances = BTreeMap<(String, String), String>;

/// Has both programs check the exports of a book, as far as they are installed.
pub fn accept(book: &TestBook) {
    hledger_accepts(book);
    beancount_accepts(book);
}

fn hledger_accepts(book: &TestBook) {
    let journal = book.write("book.journal", &book.done(&["export", "--as", "hledger"]));
    let hledger = |arguments: &[&str]| {
        static SKIPPED: Once = Once::new();
        run("hledger", "TRUEUP_HLEDGER", &[&["-f", &journal], arguments].concat(), &SKIPPED)
    };
    if hledger(&["check", "--strict", "ordereddates"]).is_none() {
        return;
    }
    let Some(table) = hledger(&["balance", "--flat", "--no-total", "-O", "csv"]) else { return };
    assert_eq!(balances_of_hledger(&table), trial_balance(book));
}

/// `"payable:ana","-3.00 USD, 5 JPY"`.
fn balances_of_hledger(table: &str) -> Balances {
    let mut balances = Balances::new();
    for line in table.lines().skip(1) {
        let (account, amounts) = line.split_once("\",\"").expect("two cells in quotes");
        for amount in amounts.trim_end_matches('"').split(", ") {
            let (amount, currency) = amount.split_once(' ').expect("an amount and a currency");
            // hledger keeps the decimal mark of a currency without decimals.
            let amount = amount.trim_end_matches('.').to_owned();
            balances.insert((account.trim_start_matches('"').to_owned(), currency.to_owned()), amount);
        }
    }
    balances
}

fn trial_balance(book: &TestBook) -> Balances {
    let rows = book.json(&["trial-balance"]);
    let row = |row: &serde_json::Value| {
        let text = |name: &str| row[name].as_str().expect("a text").to_owned();
        let is_zero = text("debit").chars().all(|c| matches!(c, '0' | '.'));
        let balance = if is_zero { format!("-{}", text("credit")) } else { text("debit") };
        ((text("account"), text("currency")), balance)
    };
    rows.as_array().expect("rows").iter().map(row).collect()
}

fn beancount_accepts(book: &TestBook) {
    static SKIPPED: Once = Once::new();
    let text = book.done(&["export", "--as", "beancount"]);
    let ledger = book.write("book.beancount", &text);
    if run("bean-check", "TRUEUP_BEAN_CHECK", &[&ledger], &SKIPPED).is_some() {
        // What it checked is the trial balance: the last directive of each account that is not 0.
        let directives = text.lines().filter_map(|line| line.split_once(" balance "));
        let mut last = BTreeMap::new();
        for (_, directive) in directives {
            let words: Vec<&str> = directive.split_whitespace().collect();
            let [account, balance, "~", "0", currency] = words[..] else { panic!("{directive}") };
            last.insert((account, currency), balance);
        }
        let is_zero = |balance: &&str| balance.chars().all(|c| matches!(c, '0' | '.'));
        let mut found: Vec<&str> = last.into_values().filter(|balance| !is_zero(balance)).collect();
        let mut expected: Vec<String> = trial_balance(book).into_values().collect();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected);
    }
}

/// What a program prints, which must end well; `None`, and a loud line, if it is not installed.
fn run(program: &str, variable: &str, arguments: &[&str], skipped: &Once) -> Option<String> {
    let named = std::env::var_os(variable).unwrap_or_else(|| program.into());
    let run = Command::new(&named).args(arguments).stdin(Stdio::null()).env("LC_ALL", "C.UTF-8").output();
    let Ok(output) = run else {
        skipped.call_once(|| {
            // Past the capture of the test harness, which shows nothing of a test that passes.
            let line = format!("SKIPPED: `{program}` is not installed ({variable} is where it is looked for first), so it has not read our exports\n");
            let _ = std::io::stderr().write_all(line.as_bytes());
        });
        return None;
    };
    let [said, printed] = [&output.stderr, &output.stdout].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    assert!(output.status.success(), "{program} {arguments:?}: {said}{printed}");
    Some(printed)
}

#[test]
fn the_demo_and_names_of_all_kinds_are_accepted() {
    let demo = TestBook::new();
    let folder = demo.book().display().to_string();
    demo.done(&["demo", &folder]);
    accept(&demo);
    accept(&odd_names());
}

/// Payees, plans and bookings that both formats read in other ways, in currencies of three, two and no decimals.
fn odd_names() -> TestBook {
    let payees = ["ana", "Ana", "a b", "a-b", "a:b", "(x) | y", "* \\\"q\\\" ; z", "\u{738b}", "-", "7 = 8", "BHD"];
    let currencies = ["USD", "JPY", "BHD"];
    let book = TestBook::with_book();
    let mut facts = String::new();
    for (place, (currency, plan)) in currencies.iter().zip(["land", "the plan; \\\"b\\\"", "p:q"]).enumerate() {
        let text = format!(
            "plan = \"{plan}\"\nversion = 1\nedition = 1\ncurrency = \"{currency}\"\neffective = 2027-01-01\n\n\
             [[component]]\nid = \"c (1)  x\"\nmeasure = {{ booking = \"arr\" }}\nrate = \"10%\"\n"
        );
        book.done(&["plan", "publish", &book.write("plan.toml", &text)]);
        for (number, payee) in payees.iter().enumerate().filter(|(number, _)| number % 3 == place) {
            facts += &format!(
                "{{\"fact\": \"assignment\", \"at\": \"2027-01-01\", \"payee\": \"{payee}\", \"plan\": \"{plan}\"}}\n\
                 {{\"fact\": \"booking\", \"at\": \"2027-0{}-15\", \"booking\": \"{payee} {currency}; \\\"\", \"account\": \"a\", \
                 \"contract\": \"{currency}\", \"arr\": \"1234{number}\", \"currency\": \"{currency}\", \
                 \"credit\": [{{\"payee\": \"{payee}\", \"percent\": \"100%\"}}]}}\n",
                1 + number % 2
            );
        }
    }
    let people =
        payees.iter().map(|payee| format!("{{\"fact\": \"payee\", \"at\": \"2027-01-01\", \"payee\": \"{payee}\"}}\n"));
    let facts = people.collect::<String>() + &facts;
    book.done(&["record", &book.write("facts.jsonl", &facts)]);
    book.done(&["close", "2027-01"]);
    book.done(&["close", "2027-02"]);
    book
}
