//! Paid at the end of a longer period (docs/calculation.md 7 and 8).

use serde_json::Value;

use super::{booking, close, close_each, lines, new_book, record};

/// A fiscal year from February: its first quarter ends on 30 April.
const QUARTER: &str = "year-start = 2\n[[component]]\nid = \"q\"\nmeasure = { booking = \"arr\" }\nrate = \"1%\"\ndue = \"quarter-end\"\n";

fn sale() -> String {
    booking("B-1", "2027-02-10", r#""arr": "50000""#)
}

fn with(keys: &str) -> String {
    format!("{QUARTER}{keys}")
}

/// What is pending after a close: part, amount, and the day on which it is due.
fn pending(statement: &Value) -> Vec<[&str; 3]> {
    let keys = ["part", "amount", "on"];
    let pending = statement["pending"].as_array().expect("a list").iter();
    pending.map(|one| keys.map(|key| one[key].as_str().unwrap_or(""))).collect()
}

const UNPAID: &str = "[[component.clawback]]\nid = \"back\"\nsignal = \"unpaid\"\ntake-back = \"40%\"\n";

fn unpaid(at: &str) -> String {
    format!(r#"{{"fact": "signal", "at": "{at}", "signal": "unpaid", "booking": "B-1"}}"#)
}

#[test]
fn it_is_pending_until_the_quarter_ends() {
    let other = "[[component]]\nid = \"now\"\nmeasure = { booking = \"arr\" }\nrate = \"1%\"\n";
    let book = new_book(&with(other), &[&sale()]);
    let february = close(&book, "2027-02");
    assert_eq!(lines(&february), [["B-1", "whole", "2027-02-10", "500.00", ""]]);
    assert_eq!(pending(&february), [["whole", "500.00", "2027-04-30"]]);
    assert_eq!(lines(&close(&book, "2027-03")), [[""; 5]; 0]);
    assert_eq!(lines(&close(&book, "2027-04")), [["B-1", "whole", "2027-04-30", "500.00", ""]]);
}

#[test]
fn a_clawback_waits_for_what_it_takes_from() {
    let book = new_book(&with(UNPAID), &[&sale(), &unpaid("2027-03-05")]);
    close(&book, "2027-02");
    assert_eq!(lines(&close(&book, "2027-03")), [[""; 5]; 0]);
    let april = close(&book, "2027-04");
    let both = [["B-1", "back", "2027-04-30", "-200.00", ""], ["B-1", "whole", "2027-04-30", "500.00", ""]];
    assert_eq!(lines(&april), both);
}

#[test]
fn a_later_clawback_has_its_own_date_and_takes_what_was_judged_by_then() {
    let parts = "[[component.installment]]\nid = \"a\"\nshare = \"50%\"\n[[component.installment]]\nid = \"b\"\nshare = \"50%\"\nafter = \"3 months\"\n";
    let book = new_book(&with(&format!("{parts}{UNPAID}")), &[&sale()]);
    close_each(&book, &["2027-02", "2027-03"]);
    assert_eq!(lines(&close(&book, "2027-04")), [["B-1", "a", "2027-04-30", "250.00", ""]]);
    // `b` is judged on 10 May and due on 31 July: a clawback of 9 May does not take from it, one of 20 May does.
    record(&book, &[&unpaid("2027-05-09")]);
    assert_eq!(lines(&close(&book, "2027-05")), [["B-1", "back", "2027-05-09", "-100.00", ""]]);
    let corrected = new_book(&with(&format!("{parts}{UNPAID}")), &[&sale(), &unpaid("2027-05-20")]);
    close_each(&corrected, &["2027-02", "2027-03", "2027-04", "2027-05", "2027-06"]);
    let july = close(&corrected, "2027-07");
    let both = [["B-1", "b", "2027-07-31", "250.00", ""], ["B-1", "back", "2027-07-31", "-200.00", ""]];
    assert_eq!(lines(&july), both);
}

#[test]
fn a_cancellation_counts_by_the_judged_day() {
    let cancelled = |at: &str| format!(r#"{{"fact": "cancellation", "at": "{at}", "booking": "B-1"}}"#);
    let late = new_book(QUARTER, &[&sale(), &cancelled("2027-03-01")]);
    close_each(&late, &["2027-02", "2027-03"]);
    assert_eq!(lines(&close(&late, "2027-04")), [["B-1", "whole", "2027-04-30", "500.00", ""]]);
    let at_once = new_book(QUARTER, &[&sale(), &cancelled("2027-02-10")]);
    close_each(&at_once, &["2027-02", "2027-03"]);
    assert_eq!(lines(&close(&at_once, "2027-04")), [[""; 5]; 0]);
}

#[test]
fn corrections_before_and_after_the_due_day() {
    let book = new_book(QUARTER, &[&sale()]);
    close(&book, "2027-02");
    record(&book, &[&booking("B-1", "2027-02-10", r#""arr": "60000", "corrects": "booking:B-1""#)]);
    close(&book, "2027-03");
    assert_eq!(lines(&close(&book, "2027-04")), [["B-1", "whole", "2027-04-30", "600.00", ""]]);
    // Dated in the next quarter, it is due at the end of that: until then nothing is.
    record(&book, &[&booking("B-1", "2027-05-02", r#""arr": "60000", "corrects": "booking:B-1""#)]);
    let may = close(&book, "2027-05");
    assert_eq!(lines(&may), [["B-1", "whole", "2027-04-30", "-600.00", "correction"]]);
    close(&book, "2027-06");
    let july = close(&book, "2027-07");
    assert_eq!(lines(&july).iter().map(|line| (line[2], line[3])).collect::<Vec<_>>(), [("2027-07-31", "600.00")]);
}
