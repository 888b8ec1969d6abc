//! Three years of orders of a real data set: 36 closes, 17 sellers, compared to the cent.

use crate::support::{TestBook, shared};

/// The sum of all pay, computed independently.
const PAY_IN_CENTS: i64 = 110_340_490;

#[test]
fn three_years_of_orders_pay_to_the_cent() {
    let Some(folder) = shared("data/adventureworks/run") else { return };
    let book = TestBook::with_book();
    let statements = book.follow(&folder);
    let cents = |text: &str| text.replace('.', "").parse::<i64>().expect("an amount with two decimals");
    let pay: i64 =
        statements.iter().map(|statement| cents(statement["settlement"]["pay"].as_str().expect("text"))).sum();
    assert_eq!(pay, PAY_IN_CENTS);
    let verified = book.json(&["verify"]);
    assert_eq!(verified["verdict"], "consistent");
    // The whole file again records nothing.
    let facts = folder.join("facts.jsonl").display().to_string();
    let before = book.bytes();
    let again = book.json(&["record", &facts]);
    assert_eq!((&again["new"], &again["restated"]), (&0.into(), &0.into()));
    assert!(book.bytes() == before);
}
