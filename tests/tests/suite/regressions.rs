//! Fixed bugs: the facts that showed each, and the right result.

use crate::support::TestBook;

const PLAN: &str = "plan = \"p\"\nversion = 1\nedition = 1\ncurrency = \"USD\"\neffective = 2027-01-01\n\
    [[component]]\nid = \"c\"\nmeasure = { booking = \"arr\" }\nrate = \"10%\"\n";
const USAGE: &str = "plan = \"u\"\nversion = 1\nedition = 1\ncurrency = \"USD\"\neffective = 2027-01-01\n\
    [[component]]\nid = \"c\"\nmeasure = { usage = \"amount\" }\nrate = \"10%\"\n";
const PEOPLE: &str = r#"{"fact": "payee", "at": "2027-01-01", "payee": "ana", "name": "Ana", "currency": "USD"}
{"fact": "payee", "at": "2027-01-01", "payee": "bob"}
{"fact": "assignment", "at": "2027-01-01", "payee": "ana", "plan": "p"}
{"fact": "assignment", "at": "2027-01-01", "payee": "ana", "plan": "u"}
{"fact": "assignment", "at": "2027-01-01", "payee": "bob", "plan": "u"}
{"fact": "credit-split", "at": "2027-01-01", "on": {"account": "x"}, "shares": [{"payee": "ana", "percent": "100%"}]}
{"fact": "credit-split", "at": "2027-01-01", "on": {"account": "y"}, "shares": [{"payee": "bob", "percent": "100%"}]}"#;

fn id(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

fn booking(amount: u32, more: &str) -> String {
    format!(
        r#"{{"fact": "booking", "at": "2027-01-05", "booking": "B-1", "account": "x", "arr": "{amount}", "currency": "USD"{more}}}"#
    )
}

fn usage(account: &str, amount: u32, more: &str) -> String {
    format!(
        r#"{{"fact": "usage-snapshot", "account": "{account}", "contract": "C", "from": "2027-01-01", "to": "2027-01-31", "amount": "{amount}", "currency": "USD"{more}}}"#
    )
}

fn retraction(of: &str, reason: &str) -> String {
    format!(r#"{{"fact": "retraction", "retracts": "{of}", "reason": "{reason}"}}"#)
}

fn new_book() -> TestBook {
    let book = TestBook::with_book();
    for (name, plan) in [("p.toml", PLAN), ("u.toml", USAGE)] {
        book.write(name, plan);
        book.done(&["plan", "publish", name]);
    }
    record(&book, &[PEOPLE.to_owned()]);
    book
}

/// New, restated and known.
fn record(book: &TestBook, lines: &[String]) -> (u64, u64, u64) {
    book.write("facts.jsonl", &(lines.join("\n") + "\n"));
    let recorded = book.json(&["record", "facts.jsonl"]);
    let of = |name: &str| recorded[name].as_u64().expect("a count");
    (of("new"), of("restated"), of("known"))
}

fn refused(book: &TestBook, lines: &[String], code: &str) {
    book.write("facts.jsonl", &(lines.join("\n") + "\n"));
    let said = book.refused(&["record", "facts.jsonl"]);
    assert!(said.contains(code), "{said}");
}

#[test]
fn a_correction_fed_again_does_not_override_a_later_one() {
    let book = new_book();
    let (x, y, z) = (booking(1000, ""), booking(2000, ", \"corrects\": true"), booking(3000, ", \"corrects\": true"));
    assert_eq!(record(&book, &[x.clone(), y.clone(), z.clone()]), (1, 2, 0));
    refused(&book, std::slice::from_ref(&y), "fact-superseded");
    assert_eq!(record(&book, &[x, y, z]), (0, 0, 3));
}

#[test]
fn a_retraction_fed_again_does_not_retract_again() {
    let book = new_book();
    let with_id = booking(1000, &format!(", \"id\": \"{}\"", id(1)));
    let first = retraction(&id(1), "wrong").replace("\"fact\"", &format!("\"id\": \"{}\", \"fact\"", id(2)));
    record(&book, &[with_id, first, retraction(&id(2), "it was right")]);
    refused(&book, &[retraction(&id(1), "wrong")], "fact-superseded");
    let both = [retraction(&id(1), "wrong"), retraction(&id(2), "it was right")];
    assert_eq!(record(&book, &both), (0, 0, 2));
}

#[test]
fn a_retraction_by_key_fed_again_takes_back_no_more() {
    let book = new_book();
    let by_key = retraction("booking:B-1", "dup");
    let all = [booking(5, ""), booking(6, ", \"corrects\": true"), by_key.clone()];
    record(&book, &all);
    assert_eq!(record(&book, std::slice::from_ref(&by_key)), (0, 0, 1));
    let preview = book.json(&["preview", "2027-01"]);
    assert_eq!(preview["statements"][0]["settlement"]["gross"], "0.50");
    record(&book, &[booking(7, ", \"corrects\": true")]);
    assert_eq!(record(&book, &[by_key]), (0, 1, 0));
}

#[test]
fn a_retraction_by_key_with_an_id_of_its_own_fed_again_is_known() {
    let book = new_book();
    let by_key = retraction("booking:B-1", "dup").replace("\"fact\"", &format!("\"id\": \"{}\", \"fact\"", id(2)));
    let all = [booking(5, ""), by_key.clone()];
    record(&book, &all);
    assert_eq!(record(&book, &all), (0, 0, 2));
    refused(&book, &[by_key.replace("dup", "typo")], "fact-id-taken");
    refused(&book, &[by_key.replace("B-1", "B-2")], "fact-id-taken");
}

#[test]
fn the_account_is_part_of_what_a_snapshot_says() {
    let book = new_book();
    record(&book, &[usage("x", 1000, &format!(", \"id\": \"{}\"", id(1)))]);
    refused(&book, &[usage("zzz", 1000, "")], "fact-contract-account");
    assert_eq!(record(&book, &[usage("y", 1000, &format!(", \"corrects\": \"{}\"", id(1)))]), (0, 1, 0));
    book.done(&["close", "2027-01"]);
    assert_eq!(book.json(&["statement", "--all", "2027-01"])[0]["payee"], "bob");
}

#[test]
fn a_contract_that_moved_is_still_the_old_accounts_in_older_views() {
    let book = new_book();
    record(&book, &[usage("x", 1000, &format!(", \"id\": \"{}\"", id(1)))]);
    let size = book.json(&["preview", "2027-01"])["size"].to_string();
    let back = retraction(&id(1), "wrong account").replace("\"fact\"", &format!("\"id\": \"{}\", \"fact\"", id(2)));
    record(&book, &[back, usage("y", 1000, "")]);
    assert_eq!(book.json(&["preview", "2027-01", "--at", &size])["statements"][0]["payee"], "ana");
    assert_eq!(book.json(&["preview", "2027-01"])["statements"][0]["payee"], "bob");
    refused(&book, &[retraction(&id(2), "it was right")], "fact-has-dependents");
}

#[test]
fn opening_balances_enter_with_the_first_close_that_reaches_them() {
    let book = new_book();
    let opening = r#"{"fact": "opening-balance", "at": "2027-02-01", "payee": "ana", "currency": "USD", "owed": "500", "id": "ID"}"#;
    record(&book, &[opening.replace("ID", &id(1))]);
    book.done(&["close", "2027-01"]);
    assert_eq!(book.json(&["balances"]).as_array().map(Vec::len), Some(0));
    refused(&book, &[retraction(&id(1), "too late")], "fact-opening-late");
    book.done(&["close", "2027-02"]);
    assert_eq!(book.json(&["balances"])[0]["owed"], "500.00");
    book.done(&["close", "2027-03"]);
    assert_eq!(book.json(&["balances"])[0]["owed"], "500.00");
}

#[test]
fn what_a_retraction_brings_back_must_fit_again() {
    let book = new_book();
    let own = |number: u32, fact: &str| fact.replacen("\"fact\"", &format!("\"id\": \"{}\", \"fact\"", id(number)), 1);
    record(&book, &[booking(1000, "")]);
    let moved = booking(2000, ", \"corrects\": true").replace("B-1", "B-2").replace("true", "\"booking:B-1\"");
    record(&book, &[own(1, &moved), booking(5000, "")]);
    refused(&book, &[retraction(&id(1), "wrong")], "fact-has-dependents");
    // An assignment whose payee is gone meanwhile.
    let zoe = r#"{"fact": "payee", "at": "2027-01-01", "payee": "zoe"}"#;
    let assigned = r#"{"fact": "assignment", "at": "2027-01-01", "payee": "zoe", "plan": "p"}"#;
    record(
        &book,
        &[own(2, zoe), own(3, assigned), own(4, &retraction(&id(3), "no")), own(5, &retraction(&id(2), "no"))],
    );
    refused(&book, &[retraction(&id(4), "yes")], "fact-has-dependents");
}

#[test]
fn a_draw_at_the_end_of_time_leaves_the_book_readable() {
    let book = TestBook::with_book();
    let draw = "[[draw]]\nid = \"d\"\nkind = \"advance\"\non = \"assignment\"\namount = \"5\"\nmonths = 6\nrecoverable = true\nrecover-after = \"24 months\"\n";
    book.write("p.toml", &format!("{PLAN}{draw}"));
    book.done(&["plan", "publish", "p.toml"]);
    let people = PEOPLE.lines().next().expect("a payee").to_owned();
    record(&book, &[people, r#"{"fact": "assignment", "at": "9998-06-01", "payee": "ana", "plan": "p"}"#.to_owned()]);
    book.done(&["close", "9998-06"]);
    assert_eq!(book.json(&["verify"])["verdict"], "consistent");
    assert_eq!(book.json(&["balances"])[0]["draw"], "5.00");
}

#[test]
fn sums_beyond_what_is_held_keep_a_month_open() {
    let book = TestBook::with_book();
    book.write("p.toml", &PLAN.replace("10%", "100000000000%"));
    book.done(&["plan", "publish", "p.toml"]);
    let people: Vec<String> = PEOPLE.lines().filter(|line| !line.contains("\"u\"")).map(str::to_owned).collect();
    record(&book, &people);
    let many =
        |index: u32| booking(1, "").replace("B-1", &format!("B-{index}")).replace("\"1\"", "\"999999999999999\"");
    record(&book, &(0..1000).map(many).collect::<Vec<_>>());
    assert!(book.refused(&["close", "2027-01"]).contains("close-too-large"));
}

#[test]
fn one_id_means_one_fact_within_a_file_too() {
    let book = new_book();
    let own = ", \"id\": \"00000000-0000-8000-8000-000000000009\"";
    let february = usage("x", 5, own).replace("2027-01-01", "2027-02-01").replace("2027-01-31", "2027-02-28");
    refused(&book, &[usage("x", 5, own), february.clone()], "fact-id-taken");
    let back = retraction("00000000-0000-8000-8000-000000000009", "wrong");
    assert_eq!(record(&book, &[february, back]), (1, 1, 0));
}

#[test]
fn two_signals_are_told_apart_by_an_id_in_either_order() {
    let signal = r#"{"fact": "signal", "at": "2027-01-20", "signal": "live", "account": "x"}"#.to_owned();
    let own = signal.replace("\"fact\"", &format!("\"id\": \"{}\", \"fact\"", id(7)));
    assert_eq!(record(&new_book(), &[signal.clone(), own.clone()]), (2, 0, 0));
    assert_eq!(record(&new_book(), &[own, signal]), (2, 0, 0));
}

#[test]
fn nothing_personal_is_recorded_where_sealed_fields_cannot_be_compared() {
    let book = new_book();
    let zoe = r#"{"fact": "payee", "at": "2027-01-01", "payee": "zoe", "name": "Zoe"}"#.to_owned();
    record(&book, std::slice::from_ref(&zoe));
    std::fs::remove_file(book.folder.path().join("book.keys")).expect("the keys");
    refused(&book, &[zoe], "keys-missing");
    assert_eq!(record(&book, &[booking(1, "")]), (1, 0, 0));
    book.done(&["preview", "2027-01"]);
}

#[test]
fn a_correction_by_key_that_moves_to_another_key_fed_again_is_known() {
    let book = new_book();
    let moved = booking(2000, ", \"corrects\": \"booking:B-1\"").replace("\"B-1\"", "\"B-2\"");
    let both = [booking(1000, ""), moved.clone()];
    assert_eq!(record(&book, &both), (1, 1, 0));
    assert_eq!(record(&book, &both), (0, 0, 2));
    // Another one under the key that it left does not make it another correction.
    record(&book, &[booking(3000, "")]);
    assert_eq!(record(&book, std::slice::from_ref(&moved)), (0, 0, 1));
    // Nor does a correction of its own: it was replaced since.
    record(&book, &[booking(4000, ", \"corrects\": true").replace("\"B-1\"", "\"B-2\"")]);
    refused(&book, &[moved], "fact-superseded");
}

#[test]
fn usage_that_a_correction_by_key_moves_to_another_interval_fed_again_is_known() {
    let book = new_book();
    let key = "usage-snapshot:x/C@2027-01-01..2027-01-31";
    let moved = usage("x", 7, &format!(", \"corrects\": \"{key}\"")).replace("\"2027-01-31\"", "\"2027-02-28\"");
    let both = [usage("x", 5, ""), moved];
    assert_eq!(record(&book, &both), (1, 1, 0));
    assert_eq!(record(&book, &both), (0, 0, 2));
}

#[test]
fn an_assignment_that_a_correction_by_key_moves_to_another_day_fed_again_is_known() {
    let book = new_book();
    let zoe = r#"{"fact": "payee", "at": "2027-01-01", "payee": "zoe"}"#.to_owned();
    let assigned = r#"{"fact": "assignment", "at": "2027-01-01", "payee": "zoe", "plan": "p"}"#.to_owned();
    let moved =
        assigned.replace("2027-01-01", "2027-02-01").replace("}", ", \"corrects\": \"assignment:zoe/p@2027-01-01\"}");
    let all = [zoe, assigned, moved];
    assert_eq!(record(&book, &all), (2, 1, 0));
    assert_eq!(record(&book, &all), (0, 0, 3));
}

#[test]
fn a_correction_of_one_of_two_facts_of_a_day_fed_again_is_known() {
    let book = new_book();
    let zoe = |more: &str| format!(r#"{{"fact": "payee", "at": "2027-01-01", "payee": "zoe"{more}}}"#);
    let corrected = zoe(", \"recovery_cap\": \"50%\", \"corrects\": true");
    let all = [zoe(""), corrected, zoe(", \"team\": \"west\"")];
    assert_eq!(record(&book, &all), (2, 1, 0));
    assert_eq!(record(&book, &all), (0, 0, 3));
}
