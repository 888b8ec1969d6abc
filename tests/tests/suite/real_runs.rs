//! Two real companies' exports, through mappings of this project: three years of orders, and thirteen months of a shop.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::audit;
use crate::ledger_programs;
use crate::support::{TestBook, shared};

/// The sum of all pay of the orders, computed independently.
const PAY_IN_CENTS: i64 = 110_340_490;

fn maps(path: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("maps").join(path).display().to_string()
}

fn cents(text: &Value) -> i64 {
    text.as_str().expect("a text").replace('.', "").parse().expect("an amount with two decimals")
}

/// Twelve months to a year, from one month to another.
fn months(first: (i32, u32), last: (i32, u32)) -> Vec<String> {
    let number = |(year, month): (i32, u32)| year * 12 + month as i32 - 1;
    (number(first)..=number(last)).map(|month| format!("{}-{:02}", month / 12, month % 12 + 1)).collect()
}

/// Records mapped files; gives how many facts were new.
fn record(book: &TestBook, map: &str, file: &Path) -> Value {
    book.json(&["record", "--map", &maps(map), &file.display().to_string()])
}

/// Feeding the same again, several times, changes not a byte.
fn nothing_comes_of_it_again(book: &TestBook, runs: &[(&str, PathBuf)]) {
    let before = book.bytes();
    for _ in 0..3 {
        for (map, file) in runs {
            let again = record(book, map, file);
            assert_eq!((&again["new"], &again["restated"]), (&0.into(), &0.into()), "{map}");
        }
    }
    assert!(book.bytes() == before);
    assert_eq!(book.json(&["verify"])["verdict"], "consistent");
}

// Orders --------------------------------------------------------------------------------------------------------------

fn orders(folder: &Path) -> [(&'static str, PathBuf); 3] {
    ["sellers/reps", "quotas/quotas", "orders/orders"].map(|pair| {
        let (map, file) = pair.split_once('/').expect("a mapping and a file");
        let map = match map {
            "sellers" => "adventureworks/sellers.toml",
            "quotas" => "adventureworks/quotas.toml",
            _ => "adventureworks/orders.toml",
        };
        (map, folder.join(format!("{file}.csv")))
    })
}

/// A statement without positions: the same facts lie elsewhere in another log.
fn told(mut statement: Value) -> Value {
    fn forget(value: &mut Value) {
        match value {
            Value::Object(members) => {
                members.retain(|name, _| !["log", "from", "positions", "status"].contains(&name.as_str()));
                members.values_mut().for_each(forget);
            }
            Value::Array(items) => items.iter_mut().for_each(forget),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    forget(&mut statement);
    statement
}

#[test]
fn three_years_of_orders_from_their_tables_pay_as_from_facts() {
    let (Some(prepared), Some(run)) = (shared("data/adventureworks/prepared"), shared("data/adventureworks/run"))
    else {
        return;
    };
    let book = TestBook::with_book();
    book.done(&["plan", "publish", &maps("adventureworks/plan.toml")]);
    let runs = orders(&prepared);
    let new: Vec<Value> = runs.iter().map(|(map, file)| record(&book, map, file)["new"].clone()).collect();
    assert_eq!(new, [36, 163, 635 + 3_796].map(Value::from));
    let mut pay = 0;
    let mut statements = Vec::new();
    for month in months((2011, 1), (2013, 12)) {
        book.done(&["close", &month]);
        let closed = book.json(&["statement", "--all", &month]);
        for statement in closed.as_array().expect("an array") {
            pay += cents(&statement["settlement"]["pay"]);
            statements.push(told(statement.clone()));
        }
    }
    assert_eq!(pay, PAY_IN_CENTS);
    let from_facts = TestBook::with_book().follow(&run);
    assert!(statements == from_facts.into_iter().map(told).collect::<Vec<_>>(), "the statements differ");
    ledger_programs::accept(&book);
    audit::accept(&book);
    nothing_comes_of_it_again(&book, &runs);
    // The same facts by another way are known as well.
    let facts = book.json(&["record", &run.join("facts.jsonl").display().to_string()]);
    assert_eq!((&facts["new"], &facts["restated"]), (&0.into(), &0.into()));
}

// A shop --------------------------------------------------------------------------------------------------------------

/// The country on each customer's first line, read without any of our own readers.
fn countries(lines: &str) -> BTreeMap<&str, &str> {
    let mut countries = BTreeMap::new();
    for line in lines.lines().skip(1) {
        let mut cells = line.rsplit(',');
        let (country, customer) = (cells.next().expect("a country"), cells.next().expect("a customer"));
        if let Some(customer) = customer.strip_suffix(".0") {
            countries.entry(customer).or_insert(country);
        }
    }
    countries
}

/// 2 % of an amount with two decimals or more, in cents, half a cent away from zero.
fn two_percent(amount: &str) -> i64 {
    let (whole, decimals) = amount.split_once('.').unwrap_or((amount, ""));
    let number: i128 = format!("{whole}{decimals}").parse().expect("a decimal");
    // 2 % of a pound are 2 pence.
    let (twice, unit) = (2 * number.abs(), 10i128.pow(decimals.len() as u32));
    let rounded = (2 * twice + unit) / (2 * unit);
    i64::try_from(rounded * number.signum()).expect("small")
}

/// What each seller earns in each month, in cents, and how many customer-months are negative.
fn expected(usage: &str, lines: &str, sellers: &str) -> (BTreeMap<(String, String), i64>, usize) {
    let countries = countries(lines);
    let sellers: BTreeMap<&str, &str> = sellers.lines().filter_map(|line| line.split_once(',')).collect();
    let (mut earned, mut negative) = (BTreeMap::new(), 0);
    for row in usage.lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        let [customer, month, _, _, net, ..] = cells[..] else { panic!("{row}") };
        let seller = sellers[countries[customer]];
        *earned.entry((month.to_owned(), seller.to_owned())).or_insert(0) += two_percent(net);
        negative += usize::from(net.starts_with('-'));
    }
    (earned, negative)
}

#[test]
fn thirteen_months_of_a_shop_pay_two_percent_of_what_customers_use() {
    let Some(folder) = shared("data/online-retail") else { return };
    let packed = folder.join("online_retail.csv.xz");
    let text = unpacked(&packed);
    let usage = std::fs::read_to_string(folder.join("customer_month_usage.csv")).expect("the months");
    let sellers = std::fs::read_to_string(maps("online-retail/sellers.csv")).expect("the sellers");
    let (mut expected, negative) = expected(&usage, &text, &sellers);
    assert_eq!(negative, 666);
    let book = TestBook::with_book();
    book.done(&["plan", "publish", &maps("online-retail/plan.toml")]);
    let runs = [("online-retail/lines.toml", packed)];
    let recorded = record(&book, runs[0].0, &runs[0].1);
    assert_eq!(recorded["new"], 37 + 37 + 4_372 + 4_372 + 19_296);
    assert_eq!(recorded["left_out"][0]["rows"], 135_080);
    let mut taken_back = 0;
    for month in months((2010, 12), (2011, 12)) {
        book.done(&["close", &month]);
        for statement in book.json(&["statement", "--all", &month]).as_array().expect("an array") {
            let amounts: Vec<i64> =
                statement["lines"].as_array().expect("lines").iter().map(|line| cents(&line["amount"])).collect();
            let seller = statement["payee"].as_str().expect("a payee").to_owned();
            let due = expected.remove(&(month.clone(), seller)).unwrap_or(0);
            assert_eq!(amounts.iter().sum::<i64>(), due, "{month} {}", statement["payee"]);
            let settlement = &statement["settlement"];
            assert_eq!(cents(&settlement["gross"]) - cents(&settlement["reversed"]), due, "{month}");
            taken_back += amounts.iter().filter(|amount| **amount < 0).count();
        }
    }
    assert!(expected.values().all(|due| *due == 0), "nobody was told of {expected:?}");
    // Of the negative customer-months, some are less than a quarter of a pound and amount to no penny.
    let pennies = usage.lines().skip(1).filter(|row| two_percent(row.split(',').nth(4).expect("net")) < 0).count();
    assert_eq!(taken_back, pennies);
    ledger_programs::accept(&book);
    audit::accept(&book);
    nothing_comes_of_it_again(&book, &runs);
}

fn unpacked(path: &Path) -> String {
    let mut text = String::new();
    let file = std::fs::File::open(path).expect("the lines");
    std::io::Read::read_to_string(&mut lzma_rust2::XzReader::new(file, true), &mut text).expect("UTF-8");
    text
}
