//! Attainment on one amount, pay on another (docs/calculation.md 6).

use super::{booking, close, lines, new_book, publish, record};

const HEAD: &str = "[[component]]\nid = \"deal\"\nmeasure = { booking = \"tcv\", pays = \"arr\" }\nperiod = \"year\"\nrate = \"10%\"\ntiers = [{ from = \"100000\", rate = \"12%\" }]\n";

fn sold(id: &str, at: &str, tcv: u32, arr: u32) -> String {
    booking(id, at, &format!(r#""tcv": "{tcv}", "arr": "{arr}""#))
}

#[test]
fn each_band_pays_its_part_of_the_other_amount() {
    let facts = [sold("B-1", "2027-01-10", 90_000, 90_000), sold("B-2", "2027-02-10", 20_000, 15_000)];
    let book = new_book(HEAD, &[&facts[0], &facts[1]]);
    assert_eq!(lines(&close(&book, "2027-01")), [["B-1", "whole", "2027-01-10", "9000.00", ""]]);
    assert_eq!(lines(&close(&book, "2027-02")), [["B-2", "whole", "2027-02-10", "1650.00", ""]]);
    // With more before it, all of B-2 is in the higher band; without, in the lower.
    let larger = booking("B-1", "2027-01-10", r#""tcv": "100000", "arr": "90000", "corrects": "booking:B-1""#);
    record(&book, &[&larger]);
    let march = close(&book, "2027-03");
    assert_eq!(lines(&march), [["B-2", "whole", "2027-02-10", "150.00", "correction"]]);
    let retraction =
        |reason: &str| format!(r#"{{"fact": "retraction", "retracts": "booking:B-1", "reason": "{reason}"}}"#);
    record(&book, &[&retraction("the correction was wrong")]);
    let april = close(&book, "2027-04");
    assert_eq!(lines(&april), [["B-2", "whole", "2027-02-10", "-150.00", "correction"]]);
    record(&book, &[&retraction("never signed")]);
    let may = close(&book, "2027-05");
    let expected = [
        ["B-1", "whole", "2027-01-10", "-9000.00", "correction"],
        ["B-2", "whole", "2027-02-10", "-150.00", "correction"],
    ];
    assert_eq!(lines(&may), expected);
}

#[test]
fn retroactive_and_per_item_tiers_are_by_the_first_amount_too() {
    let facts = [sold("B-1", "2027-01-10", 90_000, 9_000), sold("B-2", "2027-01-11", 120_000, 60_000)];
    let with = |mode: &str| {
        let book = new_book(&format!("{HEAD}mode = \"{mode}\"\n"), &[&facts[0], &facts[1]]);
        let january = close(&book, "2027-01");
        lines(&january).iter().map(|line| line[3].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(with("retroactive"), ["1080.00", "7200.00"]);
    // Of 120,000, 100,000 are below the threshold: 50,000 at 10 % and 10,000 at 12 %.
    assert_eq!(with("per-item"), ["900.00", "6200.00"]);
}

#[test]
fn without_a_value_nothing_is_paid() {
    let facts = [sold("B-1", "2027-01-10", 0, 15_000), sold("B-2", "2027-01-11", 10_000, 0)];
    let book = new_book(HEAD, &[&facts[0], &facts[1]]);
    let warned = book.done(&["preview", "2027-01"]);
    assert!(warned.contains("measured value of booking `B-1` is 0") && !warned.contains("B-2"), "{warned}");
    assert_eq!(lines(&close(&book, "2027-01")), [[""; 5]; 0]);
}

#[test]
fn a_cancelled_booking_has_neither_amount() {
    let facts = [sold("B-1", "2027-01-10", 90_000, 30_000), sold("B-2", "2027-02-10", 20_000, 15_000)];
    let book = new_book(&format!("{HEAD}cancellation = \"restate\"\n"), &[&facts[0], &facts[1]]);
    close(&book, "2027-01");
    close(&book, "2027-02");
    record(&book, &[r#"{"fact": "cancellation", "at": "2027-03-10", "booking": "B-1"}"#]);
    let march = close(&book, "2027-03");
    let expected = [
        ["B-1", "whole", "2027-01-10", "-3000.00", "cancellation"],
        ["B-2", "whole", "2027-02-10", "-150.00", "cancellation"],
    ];
    assert_eq!(lines(&march), expected);
    publish(&book, 2, &HEAD.replace("pays = \"arr\"", "pays = \"tcv\""));
    let april = close(&book, "2027-04");
    let expected = [
        ["B-1", "whole", "2027-01-10", "9000.00", "plan-change"],
        ["B-2", "whole", "2027-02-10", "700.00", "plan-change"],
    ];
    assert_eq!(lines(&april), expected);
}
