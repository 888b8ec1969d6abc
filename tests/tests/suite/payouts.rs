//! Money leaves once, and only what is approved and not held: approvals, rejections, holds, payouts, what came back, repayments and
//! write-offs (docs/pay.md).

use serde_json::{Value, json};

use crate::support::TestBook;

pub const PLAN: &str = r#"plan = "land"
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
recover-after = "6 months"
"#;

pub const FACTS: &str = r#"{"fact": "payee", "at": "2027-01-01", "payee": "ana", "currency": "USD"}
{"fact": "payee", "at": "2027-01-01", "payee": "june", "currency": "USD"}
{"fact": "account", "at": "2027-01-01", "account": "acme"}
{"fact": "assignment", "at": "2027-04-01", "payee": "ana", "plan": "land", "quota": {"arr": "600000"}}
{"fact": "assignment", "at": "2027-04-01", "payee": "june", "plan": "land", "quota": {"arr": "600000"}}
{"fact": "booking", "at": "2027-04-15", "booking": "B-1", "account": "acme", "arr": "40000", "currency": "USD", "credit": [{"payee": "june", "percent": "100%"}]}
{"fact": "booking", "at": "2027-05-10", "booking": "B-2", "account": "acme", "arr": "10000", "currency": "USD", "credit": [{"payee": "june", "percent": "100%"}]}
"#;

/// April and May are closed: june is due 4,500.00 and then 1,000.00, ana 500.00.
pub fn closed_book() -> TestBook {
    let book = TestBook::with_book();
    book.done(&["plan", "publish", &book.write("plan.toml", PLAN)]);
    book.done(&["record", &book.write("facts.jsonl", FACTS)]);
    book.done(&["close", "2027-04", "--full"]);
    book.done(&["close", "2027-05", "--full"]);
    book
}

/// What a payout pays, as `payee amount`.
fn paid(book: &TestBook, period: &str) -> Vec<String> {
    let payouts = book.json(&["payout", period]);
    let text = |one: &Value| {
        let word = |name: &str| one[name].as_str().expect("a text").to_owned();
        format!("{} {}", word("payee"), word("amount"))
    };
    payouts.as_array().expect("payouts").iter().map(text).collect()
}

fn payable(book: &TestBook, payee: &str) -> String {
    let rows = book.json(&["balances"]);
    let row = rows.as_array().expect("rows").iter().find(|row| row["payee"] == payee).expect("a row");
    row["payable"].as_str().expect("an amount").to_owned()
}

fn status(book: &TestBook, payee: &str, period: &str) -> Value {
    book.json(&["statement", payee, period])[0]["status"].clone()
}

/// Debits equal credits, and the accounts of payees are their balances.
fn assert_balanced(book: &TestBook) {
    let rows = book.json(&["trial-balance"]);
    let rows = rows.as_array().expect("rows");
    let cents =
        |row: &Value, side: &str| -> i64 { row[side].as_str().expect("text").replace('.', "").parse().expect("cents") };
    let sum: i64 = rows.iter().map(|row| cents(row, "debit") - cents(row, "credit")).sum();
    assert_eq!(sum, 0, "{rows:?}");
    for balance in book.json(&["balances"]).as_array().expect("rows") {
        for (account, side, sign) in [("payable", "payable", -1), ("owed", "owed", 1), ("draw", "draw", 1)] {
            let name = format!("{account}:{}", balance["payee"].as_str().expect("a payee"));
            let row = rows.iter().find(|row| row["account"] == name.as_str());
            let of_account = row.map_or(0, |row| sign * (cents(row, "debit") - cents(row, "credit")));
            assert_eq!(of_account, cents(balance, side), "{name}: {rows:?}");
        }
    }
    let months = book.json(&["balances", "--roll-forward", "2027-04..2027-05"]);
    for row in months.as_array().expect("rows") {
        let of = |name: &str| cents(row, name);
        let (opening, closing) = (&row["opening"], &row["closing"]);
        let rolled =
            of("earned") - of("recovered") - of("set_off") + of("advances") - of("draw_recovered") - of("paid");
        assert_eq!(cents(opening, "payable") + rolled, cents(closing, "payable"), "{row}");
        let owed = of("reversed") - of("recovered") - of("set_off") - of("owed_repaid");
        assert_eq!(cents(opening, "owed") + owed, cents(closing, "owed"), "{row}");
    }
}

#[test]
fn what_is_approved_is_paid_once() {
    let book = closed_book();
    assert_eq!(paid(&book, "2027-05"), Vec::<String>::new(), "nothing is approved");
    let approved = book.json(&["approve", "2027-04"]);
    assert_eq!(approved["totals"], json!([{"currency": "USD", "amount": "5000.00"}]));
    assert_eq!(paid(&book, "2027-05"), ["ana 500.00", "june 4500.00"]);
    assert_eq!(paid(&book, "2027-05"), Vec::<String>::new(), "it is paid");
    let again = book.run(&["payout", "2027-05"]);
    assert_eq!(again.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&again.stdout).contains("Nothing to pay up to 2027-05."));
    assert!(
        String::from_utf8_lossy(&again.stderr)
            .contains("1,000.00 USD up to 2027-05 is not approved and was not paid: `june`")
    );
    assert_eq!((payable(&book, "june"), payable(&book, "ana")), ("1000.00".to_owned(), "0.00".to_owned()));
    assert!(book.refused(&["approve", "2027-04"]).starts_with("error[approve-nothing]"));
    assert_balanced(&book);
    assert_eq!(status(&book, "june", "2027-04")["state"], "paid");
    assert_eq!(status(&book, "june", "2027-05")["state"], "closed");
    book.done(&["verify"]);
}

#[test]
fn one_payee_can_be_approved_before_the_others() {
    let book = closed_book();
    book.done(&["approve", "2027-05", "--payee", "ana"]);
    assert_eq!(paid(&book, "2027-05"), ["ana 500.00"]);
    book.done(&["approve", "2027-05"]);
    assert_eq!(paid(&book, "2027-04"), ["june 4500.00"], "no more than that month and those before");
    assert_eq!(paid(&book, "2027-05"), ["june 1000.00"]);
}

#[test]
fn what_is_rejected_is_paid_after_a_later_month_is_approved() {
    let book = closed_book();
    book.done(&["approve", "2027-04"]);
    book.done(&["reject", "2027-04", "--reason", "B-1 is contested"]);
    assert_eq!(paid(&book, "2027-05"), Vec::<String>::new());
    assert!(book.refused(&["approve", "2027-04"]).starts_with("error[approve-rejected]"));
    let rejected = status(&book, "june", "2027-04");
    assert_eq!((&rejected["state"], &rejected["rejected"]["text"]), (&json!("rejected"), &json!("B-1 is contested")));
    book.done(&["approve", "2027-05"]);
    assert_eq!(paid(&book, "2027-05"), ["ana 500.00", "june 5500.00"]);
    assert_balanced(&book);
}

#[test]
fn what_is_owed_is_set_off_against_what_is_rejected_first() {
    let book = closed_book();
    book.done(&["reject", "2027-04", "--payee", "june", "--reason", "B-1 is contested"]);
    let cancelled = r#"{"fact": "cancellation", "at": "2027-06-02", "booking": "B-1"}"#;
    book.done(&["record", &book.write("cancelled.jsonl", cancelled)]);
    book.done(&["close", "2027-06", "--full"]);
    let june = &book.json(&["statement", "june", "2027-06"])[0];
    assert_eq!(june["settlement"]["reversed"], "4000.00");
    assert_eq!(june["settlement"]["set_off"], "4000.00", "out of the 4,500.00 that are rejected");
    assert_eq!(june["closing"], json!({"payable": "1500.00", "owed": "0.00", "draw": "500.00"}));
    assert_eq!(status(&book, "june", "2027-04")["set_off"], "4000.00");
    book.done(&["approve", "2027-06"]);
    assert_eq!(paid(&book, "2027-06"), ["ana 500.00", "june 1500.00"]);
    assert_balanced(&book);
}

#[test]
fn a_hold_of_an_amount_leaves_the_rest_and_becomes_less_by_what_is_set_off() {
    let book = closed_book();
    book.done(&["approve", "2027-05"]);
    let held = book.json(&["hold", "june", "--amount", "4200", "--currency", "USD", "--reason", "B-1"]);
    assert_eq!(held["held"], json!([{"currency": "USD", "amount": "4200.00"}]));
    assert_eq!(paid(&book, "2027-05"), ["ana 500.00", "june 1300.00"]);
    assert_eq!(status(&book, "june", "2027-05")["state"], "held");
    let cancelled = r#"{"fact": "cancellation", "at": "2027-06-02", "booking": "B-1"}"#;
    book.done(&["record", &book.write("cancelled.jsonl", cancelled)]);
    book.done(&["close", "2027-06", "--full"]);
    let june = &book.json(&["statement", "june", "2027-06"])[0];
    assert_eq!((&june["settlement"]["set_off"], &june["closing"]["payable"]), (&json!("4000.00"), &json!("200.00")));
    assert_eq!(paid(&book, "2027-06"), Vec::<String>::new(), "200.00 of the hold are left");
    book.done(&["release", "june"]);
    assert_eq!(paid(&book, "2027-06"), ["june 200.00"]);
    assert!(book.refused(&["release", "june"]).starts_with("error[release-none]"));
    assert_balanced(&book);
}

#[test]
fn a_hold_without_an_amount_holds_everything_until_it_is_released() {
    let book = closed_book();
    book.done(&["hold", "june", "--reason", "bank details"]);
    book.done(&["approve", "2027-05"]);
    let output = book.run(&["payout", "2027-05"]);
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("5,500.00 USD up to 2027-05 is held and was not paid: `june`")
    );
    book.done(&["release", "june", "--reason", "they came"]);
    assert_eq!(paid(&book, "2027-05"), ["june 5500.00"]);
}

#[test]
fn what_came_back_is_paid_again() {
    let book = closed_book();
    book.done(&["approve", "2027-05"]);
    book.done(&["payout", "2027-05"]);
    let confirm = |text: &str| {
        let file = book.write("bank.csv", &format!("payee,currency,amount,status,reference,date\n{text}"));
        book.json(&["payout", "2027-05", "--confirm", &file])
    };
    let lines = "ana,USD,500.00,paid,T-1,2027-06-02\njune,USD,4000.00,partly,T-2,2027-06-02\n";
    let first = confirm(lines);
    assert_eq!(first["confirmed"][1]["returned"], "1500.00");
    assert_eq!(first["unconfirmed"], json!([]));
    let twice = confirm(lines);
    assert_eq!((&twice["confirmed"], &twice["known"]), (&json!([]), &json!(2)));
    assert_eq!(payable(&book, "june"), "1500.00");
    assert_balanced(&book);
    // The latest close came back first.
    assert_eq!(status(&book, "june", "2027-05")["state"], "returned");
    assert_eq!(status(&book, "june", "2027-04")["paid"], "4000.00");
    assert_eq!(paid(&book, "2027-05"), ["june 1500.00"]);
    let back = confirm("june,USD,4000.00,returned,T-2,2027-06-09\n");
    assert_eq!(back["confirmed"][0]["returned"], "4000.00");
    assert_eq!(paid(&book, "2027-05"), ["june 4000.00"]);
    assert_balanced(&book);
    book.done(&["verify"]);
}

/// 500.00 of ana: 200.00 are held, the rest is paid; what is held is rejected, and then the payout comes back.
#[test]
fn what_was_rejected_meanwhile_stays_rejected_when_a_payout_comes_back() {
    let book = closed_book();
    book.done(&["approve", "2027-05", "--payee", "ana"]);
    book.done(&["hold", "ana", "--amount", "200", "--currency", "USD", "--reason", "look"]);
    assert_eq!(paid(&book, "2027-05"), ["ana 300.00"]);
    book.done(&["reject", "2027-04", "--payee", "ana", "--reason", "wrong"]);
    book.done(&["release", "ana"]);
    let file = book.write("bank.csv", "payee,currency,amount,status\nana,USD,300.00,returned\n");
    book.done(&["payout", "2027-05", "--confirm", &file]);
    let found = status(&book, "ana", "2027-04");
    assert_eq!(
        (&found["state"], &found["left"], &found["left_rejected"]),
        (&json!("returned"), &json!("500.00"), &json!("200.00"))
    );
    let text = book.done(&["statement", "ana", "2027-04"]);
    assert!(text.contains("Status: returned, 300.00 USD to be paid again, 200.00 USD rejected"), "{text}");
    assert_eq!(paid(&book, "2027-05"), ["ana 300.00"]);
    assert_eq!(payable(&book, "ana"), "200.00");
    assert_balanced(&book);
}

/// The report and the roll-forward of a month have nothing of later months and sizes.
#[test]
fn ageing_and_roll_forward_are_as_of_what_is_asked_for() {
    let book = closed_book();
    let size = book.json(&["verify"])["size"].to_string();
    let rolled = || book.json(&["balances", "--roll-forward", "2027-05", "--at", &size]);
    let before = rolled();
    book.done(&["approve", "2027-05"]);
    book.done(&["payout", "2027-05"]);
    assert_eq!(rolled(), before);
    let aged = |period: &str| book.json(&["report", "ageing", "--period", period])["rows"].clone();
    let april = aged("2027-04");
    assert_eq!(
        (&april[0]["payee"], &april[0]["balance"], &april[0]["days_0_30"]),
        (&json!("ana"), &json!("draw"), &json!("500.00"))
    );
    let cancelled = r#"{"fact": "cancellation", "at": "2027-06-02", "booking": "B-1"}"#;
    book.done(&["record", &book.write("cancelled.jsonl", cancelled)]);
    book.done(&["close", "2027-06", "--full"]);
    assert_eq!(aged("2027-04"), april);
    assert!(aged("2027-06").as_array().expect("rows").iter().any(|row| row["balance"] == "owed"));
    assert!(book.refused(&["report", "ageing", "--period", "2027-01"]).starts_with("error[period-open]"));
}

#[test]
fn all_lines_that_are_no_result_are_refused_at_once() {
    let book = closed_book();
    book.done(&["approve", "2027-05"]);
    book.done(&["payout", "2027-05"]);
    let text = "payee,currency,amount,status\nana,USD,500.00,paid\njune,USD,1.00,paid\nzoe,USD,5.00,paid\n";
    let refused = book.refused(&["payout", "2027-05", "--confirm", &book.write("bank.csv", text)]);
    assert!(refused.contains("bank.csv:3:1") && refused.contains("error[confirm-amount]"), "{refused}");
    assert!(refused.contains("bank.csv:4:1") && refused.contains("error[confirm-none]"), "{refused}");
}

#[test]
fn what_is_repaid_or_written_off_is_owed_no_longer() {
    let book = closed_book();
    book.done(&["approve", "2027-05"]);
    book.done(&["payout", "2027-05"]);
    let cancelled = r#"{"fact": "cancellation", "at": "2027-06-02", "booking": "B-1"}"#;
    book.done(&["record", &book.write("cancelled.jsonl", cancelled)]);
    book.done(&["close", "2027-06", "--full"]);
    let repaid = book.json(&["repay", "june", "--amount", "1500", "--currency", "USD", "--reference", "wire 7"]);
    assert_eq!(repaid["balances"], json!({"owed": "2500.00", "draw": "500.00"}));
    let all = ["write-off", "june", "--amount", "2500", "--currency", "USD", "--of", "owed", "--reason", "settled"];
    book.done(&all);
    let draw = book.json(&["repay", "june", "--amount", "200", "--currency", "USD"]);
    assert_eq!(draw["draw"], "200.00", "nothing is owed any more");
    assert!(book.refused(&all).starts_with("error[pay-more-than-owed]"));
    assert_balanced(&book);
    let ageing = book.json(&["report", "ageing"]);
    let rows = ageing["rows"].as_array().expect("rows");
    let row = |payee: &str| rows.iter().find(|row| row["payee"] == payee).expect("a row");
    // Given for April, which ended 61 days before the end of June.
    assert_eq!((&row("june")["days_61_90"], &row("june")["total"]), (&json!("300.00"), &json!("300.00")));
    // The next closes go on from the lower draw balance: it is recovered from October on.
    for month in ["2027-07", "2027-08", "2027-09"] {
        book.done(&["close", month, "--full"]);
    }
    let more = r#"{"fact": "booking", "at": "2027-10-10", "booking": "B-3", "account": "acme", "arr": "10000", "currency": "USD", "credit": [{"payee": "june", "percent": "100%"}]}"#;
    book.done(&["record", &book.write("more.jsonl", more)]);
    book.done(&["close", "2027-10", "--full"]);
    let october = &book.json(&["statement", "june", "2027-10"])[0];
    assert_eq!(october["settlement"]["draw_recovered"], "300.00");
    assert_eq!(october["settlement"]["pay"], "700.00");
}

#[test]
fn the_status_is_as_of_the_size_that_is_asked_for() {
    let book = closed_book();
    let size = book.json(&["verify"])["size"].to_string();
    let before = book.done(&["statement", "june", "2027-04", "--format", "json"]);
    book.done(&["approve", "2027-05"]);
    book.done(&["payout", "2027-05"]);
    assert_eq!(book.done(&["statement", "june", "2027-04", "--format", "json", "--at", &size]), before);
    assert_ne!(book.done(&["statement", "june", "2027-04", "--format", "json"]), before);
}

/// Also of somebody to whom the close posted nothing.
#[test]
fn figures_of_a_statement_stay_when_it_is_paid() {
    let book = TestBook::with_book();
    let facts = r#"{"fact": "payee", "at": "2027-01-01", "payee": "bob", "currency": "USD"}
{"fact": "adjustment", "at": "2027-04-05", "payee": "bob", "amount": "80", "currency": "USD", "reason": "goodwill"}"#;
    book.done(&["record", &book.write("facts.jsonl", facts)]);
    book.done(&["close", "2027-04"]);
    book.done(&["close", "2027-05"]);
    let figures = |period: &str| {
        let mut found = book.json(&["statement", "bob", period])[0].clone();
        found.as_object_mut().expect("a statement").remove("status");
        found
    };
    let before = [figures("2027-04"), figures("2027-05")];
    assert_eq!(before[1]["closing"]["payable"], "80.00");
    book.done(&["approve", "2027-05"]);
    book.done(&["payout", "2027-05"]);
    assert_eq!([figures("2027-04"), figures("2027-05")], before);
    assert_eq!(payable(&book, "bob"), "0.00");
}

#[test]
fn a_leaver_has_a_final_statement() {
    let book = closed_book();
    let left = r#"{"fact": "payee", "at": "2027-06-15", "payee": "ana", "status": "left"}"#;
    book.done(&["record", &book.write("left.jsonl", left)]);
    book.done(&["close", "2027-06"]);
    assert_eq!(status(&book, "ana", "2027-06")["leaver"], json!({"left": "2027-06-15", "final": true}));
    assert_eq!(status(&book, "ana", "2027-05").get("leaver"), None);
    let text = book.done(&["statement", "ana", "2027-06"]);
    assert!(text.contains("left on 2027-06-15; final statement: nothing is pending"), "{text}");
}

/// A snapshot has everything that was decided: the same with and without one.
#[test]
fn approvals_holds_and_payouts_are_in_snapshots() {
    let book = closed_book();
    book.done(&["approve", "2027-04"]);
    book.done(&["hold", "june", "--amount", "200", "--currency", "USD", "--reason", "look"]);
    book.done(&["hold", "ana", "--reason", "look"]);
    book.done(&["payout", "2027-04"]);
    let file = book.write("bank.csv", "payee,currency,amount,status\njune,USD,300.00,partly\n");
    book.done(&["payout", "2027-04", "--confirm", &file]);
    book.done(&["reject", "2027-05", "--reason", "wrong rate"]);
    let answers = || {
        let asked: [&[&str]; 4] = [
            &["statement", "--all", "2027-04"],
            &["statement", "--all", "2027-05"],
            &["trial-balance"],
            &["balances", "--roll-forward", "2027-04..2027-05"],
        ];
        asked.map(|command| book.json(command))
    };
    let from_log = answers();
    book.done(&["snapshot"]);
    assert_eq!(answers(), from_log);
    book.done(&["release", "june"]);
    assert_eq!(paid(&book, "2027-05"), ["june 4200.00"]);
}

/// The only segment of a book's log.
pub fn segment(book: &TestBook) -> std::path::PathBuf {
    let mut files =
        std::fs::read_dir(book.book().join("log")).expect("a log").map(|entry| entry.expect("an entry").path());
    files.find(|path| path.extension().is_some_and(|end| end == "seg")).expect("a segment")
}

pub fn copy_of(book: &TestBook) -> TestBook {
    let copy = TestBook::new();
    let copied =
        std::process::Command::new("cp").arg("-r").arg(book.folder.path().join(".")).arg(copy.folder.path()).status();
    assert!(copied.is_ok_and(|status| status.success()), "the book is not copied");
    copy
}

/// The power fails while an approval, a payout or a confirmation is written: whatever is on disk of it, asking again does it once.
#[test]
fn a_crash_at_any_byte_pays_once() {
    let book = closed_book();
    let bank = "payee,currency,amount,status\nana,USD,500.00,paid\njune,USD,5500.00,returned\n";
    book.write("bank.csv", bank);
    for command in
        [&["approve", "2027-05"][..], &["payout", "2027-05"], &["payout", "2027-05", "--confirm", "bank.csv"]]
    {
        let done = copy_of(&book);
        done.done(command);
        let (before, after) =
            (std::fs::read(segment(&book)).expect("bytes"), std::fs::read(segment(&done)).expect("bytes"));
        let written = after.len() - before.len();
        for part in 0..=8 {
            let crashed = copy_of(&book);
            let bytes = [&before[..], &after[before.len()..before.len() + written * part / 8]].concat();
            std::fs::write(segment(&crashed), bytes).expect("written");
            // Asked again it does it, or says that it is done; and a third time changes nothing.
            let again = crashed.run(command);
            let said = String::from_utf8_lossy(&again.stderr).into_owned();
            assert!(again.status.success() || said.contains("error[approve-nothing]"), "{part}: {said}");
            crashed.run(command);
            for asked in [&["balances"][..], &["trial-balance"]] {
                assert_eq!(crashed.json(asked), done.json(asked), "{command:?}, {part} eighths were written");
            }
            assert_balanced(&crashed);
            let kinds = |of: &TestBook| of.json(&["log", "--kind", "payout"]).as_array().map(Vec::len);
            assert_eq!(kinds(&crashed), kinds(&done));
        }
        book.done(command);
    }
}
