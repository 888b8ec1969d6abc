//! `export --as journal --map`: the journal in the accounts, columns and formats of somebody's general ledger.

use std::collections::BTreeMap;

use crate::double_entry::new_book;
use crate::support::TestBook;

/// Accounts for everything that moves in the book of `double_entry.rs`.
const ACCOUNTS: &str = r#"
[[account]]
kind = "commission"
plan = "land"
component = "arr"
code = "6100"
name = "New business"

[[account]]
ledger = "expense:*"
code = "6190"
name = "Other; commission"

[[account]]
ledger = "settlement:*"
code = "2150"
name = "Payable"

[[account]]
kind = "payable"
code = "2150"
name = "Payable"

[[account]]
ledger = "ow*d:june"
code = "1420"

[[account]]
kind = "draw"
code = "1430"

[[account]]
kind = "opening"
code = "9000"
"#;

fn exported(book: &TestBook, map: &str) -> String {
    let map = book.write("gl.toml", map);
    book.done(&["export", "--as", "journal", "--map", &map])
}

fn cents(amount: &str) -> i64 {
    if amount.is_empty() { 0 } else { amount.replace(['.', ','], "").parse().expect("cents") }
}

#[test]
fn sums_are_by_month_account_and_columns() {
    let book = new_book();
    let found = exported(
        &book,
        &format!("[output]\nrows = \"sums\"\ndecimal = \",\"\ndelimiter = \";\"\ndate = \"%d.%m.%Y\"\n{ACCOUNTS}"),
    );
    // What is settled goes from expense to payable, and is under one code with it.
    let expected = "\
period;date;code;name;currency;debit;credit
2027-04;30.04.2027;1430;;USD;500,00;
2027-04;30.04.2027;2150;Payable;USD;;4050,00
2027-04;30.04.2027;6100;New business;USD;4000,00;
2027-04;30.04.2027;6190;\"Other; commission\";USD;50,00;
2027-04;30.04.2027;9000;;USD;;500,00
2027-05;31.05.2027;1430;;USD;;500,00
2027-05;31.05.2027;2150;Payable;USD;;525,50
2027-05;31.05.2027;6100;New business;USD;1000,00;
2027-05;31.05.2027;6190;\"Other; commission\";USD;25,50;
2027-06;30.06.2027;1420;;USD;4000,00;
2027-06;30.06.2027;6100;New business;USD;;4000,00
";
    assert_eq!(found, expected);
}

#[test]
fn debits_are_credits_and_codes_hold_the_trial_balance() {
    let book = new_book();
    for head in ["", "[output]\nrows = \"sums\"\n"] {
        let columns = "\n[[column]]\nname = \"a\"\nvalue = \"{code}\"\n[[column]]\nname = \"d\"\nvalue = \"{debit}\"\n\
                       [[column]]\nname = \"c\"\nvalue = \"{credit}\"\n[[column]]\nname = \"s\"\nvalue = \"{amount}\"\n";
        let found = exported(&book, &format!("{head}{ACCOUNTS}{columns}"));
        let mut codes: BTreeMap<&str, i64> = BTreeMap::new();
        for row in found.lines().skip(1) {
            let cells: Vec<&str> = row.split(',').collect();
            let [code, debit, credit, signed] = cells[..] else { panic!("{row}") };
            assert_eq!(cents(debit) - cents(credit), cents(signed), "{row}");
            assert!(debit.is_empty() != credit.is_empty(), "{row}");
            *codes.entry(code).or_default() += cents(signed);
        }
        assert_eq!(codes.values().sum::<i64>(), 0);
        codes.retain(|_, balance| *balance != 0);
        let expected = [("1420", 400_000), ("2150", -457_550), ("6100", 100_000), ("6190", 7_550), ("9000", -50_000)];
        assert_eq!(codes.into_iter().collect::<Vec<_>>(), expected, "{found}");
    }
}

#[test]
fn columns_have_what_is_known_of_the_payee_on_the_last_day() {
    let book = new_book();
    let facts = r#"{"fact": "payee", "at": "2027-05-31", "payee": "june", "team": "west", "name": "June \"J\" Lee", "attributes": {"cost center": "4711"}}
{"fact": "payee", "at": "2027-06-01", "payee": "june", "team": "east"}
"#;
    book.done(&["record", &book.write("later.jsonl", facts)]);
    let columns = r#"
[[column]]
name = "Month"
value = "{month}/{year}"
[[column]]
name = "Account"
value = "{code}"
[[column]]
name = "Department"
value = "{payee.team}-{attribute.cost center}"
default = "none"
only = ["6100"]
[[column]]
name = "Amount"
value = "{currency} {amount}"
[[column]]
name = "Memo"
value = "{{{payee.name}}}"
default = "?"
"#;
    let found = exported(&book, &format!("[output]\nrows = \"sums\"\n{ACCOUNTS}{columns}"));
    let of_6100: Vec<&str> = found.lines().filter(|line| line.contains(",6100,")).collect();
    let expected = [
        "04/2027,6100,none,USD 4000.00,?",
        "05/2027,6100,west-4711,USD 1000.00,\"{June \"\"J\"\" Lee}\"",
        "06/2027,6100,east-4711,USD -4000.00,\"{June \"\"J\"\" Lee}\"",
    ];
    assert_eq!(of_6100, expected);
    assert!(found.contains("05/2027,1430,,USD -500.00"), "{found}");
}

#[test]
fn whatever_is_not_covered_is_told_at_once_and_nothing_is_written() {
    let book = new_book();
    let map = book.write(
        "gl.toml",
        "[[account]]\nledger = \"expense:*\"\ncode = \"6\"\n[[column]]\nname = \"t\"\nvalue = \"{payee.team}\"\n",
    );
    let output = book.run(&["export", "--as", "journal", "--map", &map]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    for account in ["clearing:opening", "draw:june", "owed:june", "payable:june", "settlement:june"] {
        assert!(said.contains(&format!("takes what moved on `{account}`")), "{said}");
    }
    assert_eq!(said.matches("error[").count(), 6, "{said}");
    assert!(said.contains("`june` has no `payee.team` on 2027-04-30"), "{said}");
}

#[test]
fn the_mistakes_of_a_mapping_have_their_places() {
    let book = new_book();
    for (map, place, words) in [
        ("[[account]]\ncode = \"1\"\n", ":1:1", "says with `ledger` or with `kind`"),
        ("[[account]]\nledger = \"*\"\nkind = \"draw\"\ncode = \"1\"\n", ":3:1", "says with `ledger` or with `kind`"),
        ("[[account]]\nkind = \"draws\"\ncode = \"1\"\n", ":2:8", "did you mean `\"draw\"`?"),
        ("[[account]]\nkind = \"draw\"\nplan = \"p\"\ncode = \"1\"\n", ":3:1", "`plan` says nothing here"),
        ("[[account]]\nledger = \"*\"\n", ":1:1", "`code` is missing"),
        ("[[account]]\nledger = \"*\"\ncode = 6100\n", ":3:8", "write a text in quotes"),
        ("[output]\nrow = \"sums\"\n", ":2:1", "did you mean `rows`?"),
        ("[output]\ndate = \"%Q\"\n", ":2:8", "`%Q`"),
        ("[[column]]\nname = \"a\"\nvalue = \"{reference}\"\n", ":3:9", "no field of these rows"),
        ("[[column]]\nname = \"a\"\nvalue = \"{payee\"\n", ":3:9", "no other half"),
    ] {
        let text = if map.starts_with("[[account]]") { map.to_owned() } else { format!("{map}{ACCOUNTS}") };
        let file = book.write("gl.toml", &text);
        let said = book.refused(&["export", "--as", "journal", "--map", &file]);
        assert!(said.contains(&format!("gl.toml{place}")) && said.contains(words), "{map}{said}");
    }
    let sums = format!("[output]\nrows = \"sums\"\n{ACCOUNTS}[[column]]\nname = \"a\"\nvalue = \"{{position}}\"\n");
    let said = book.refused(&["export", "--as", "journal", "--map", &book.write("gl.toml", &sums)]);
    assert!(said.contains("map-template") && said.contains("is of one entry"), "{said}");
    let said = book.refused(&["export", "--as", "hledger", "--map", "gl.toml"]);
    assert!(said.starts_with("error[export-option]"), "{said}");
}

#[test]
fn the_example_takes_the_demo() {
    let demo = TestBook::new();
    demo.done(&["demo", &demo.book().display().to_string()]);
    let map = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../mappings/general-ledger/journal.toml");
    let found = demo.done(&["export", "--as", "journal", "--map", &map.display().to_string(), "--period", "2027-11"]);
    let lines: Vec<&str> = found.lines().collect();
    assert_eq!(lines[0], "Posting date,Account,Account name,Department,Cost center,Currency,Debit,Credit,Memo");
    assert!(
        lines[1..].iter().all(|line| line.starts_with("30/11/2027,") && line.ends_with(",Commission 2027-11")),
        "{found}"
    );
    let sum =
        |column: usize| lines[1..].iter().map(|line| cents(line.split(',').nth(column).expect("a cell"))).sum::<i64>();
    assert_eq!(sum(6), sum(7));
    assert!(sum(6) > 0);
}
