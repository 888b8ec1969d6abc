//! `history`: what each entry changed in money, and what was decided and paid. The amounts of a line add up to what was posted of it.

use std::collections::BTreeMap;

use ledger::money::Money;
use replay::book::Book;
use replay::statements::history::lines::line_history;
use replay::statements::history::money::money_of_lines;
use serde_json::Value;

use crate::payouts::closed_book;
use crate::support::TestBook;

/// Every line's changes add up to what was posted of it in all. Each is counted with an entry of the log.
pub fn judge(book: &Book) -> Result<(), String> {
    let mut sums: BTreeMap<_, Money> = BTreeMap::new();
    for change in money_of_lines(book, |_, _| true).map_err(|error| error.to_string())? {
        if u64::from(change.entry) >= book.size() || change.with.contains(&change.entry) {
            return Err(format!("{change:?} is counted with no entry, or twice"));
        }
        let holder = (change.payee, change.amount.currency);
        *sums.entry((holder, change.line)).or_insert(Money::zero(change.amount.currency)) += change.amount;
    }
    for (holder, lines) in &book.state().posted_state().lines.posted {
        for (name, posted) in lines {
            let found = sums.remove(&(holder.clone(), name.clone()));
            if found != Some(posted.entitled) {
                return Err(format!(
                    "{holder:?} {name}: {} was posted, the changes are {found:?}",
                    posted.entitled.text()
                ));
            }
        }
    }
    if sums.is_empty() { Ok(()) } else { Err(format!("changes of lines that were never posted: {sums:?}")) }
}

/// The same, of every line as `history` tells it.
fn judge_lines(book: &TestBook) {
    let opened = Book::open_read(&*book.book()).expect("a book");
    judge(&opened).expect("the changes of the lines");
    let names: Vec<String> = opened
        .state()
        .posted_state()
        .lines
        .posted
        .values()
        .flat_map(|lines| lines.keys().map(ToString::to_string))
        .collect();
    assert!(!names.is_empty());
    for name in names {
        for line in line_history(&opened, &name).expect("a history") {
            let sum = Money::sum(line.posted.currency, line.changes.iter().map(|change| change.amount));
            assert_eq!(sum, line.posted, "{name} of {}", line.payee);
        }
        let history = book.json(&["history", &name]);
        let touches = history.as_array().expect("entries");
        let cents =
            |amount: &Value| amount.as_str().expect("an amount").replace('.', "").parse::<i64>().expect("cents");
        let changed: i64 = touches
            .iter()
            .flat_map(|touch| touch["changes"].as_array().expect("changes"))
            .filter(|change| !change["amount"].is_null())
            .map(|change| cents(&change["amount"]))
            .sum();
        let posted: i64 = touches
            .iter()
            .filter(|touch| touch["posted"]["line"] == *name)
            .map(|touch| cents(&touch["posted"]["amount"]))
            .sum();
        assert_eq!(changed, posted, "{name}: {history}");
    }
}

#[test]
fn what_the_entries_of_the_demo_changed_adds_up() {
    judge_lines(&crate::derived::company());
}

#[test]
fn what_was_settled_before_the_book_began_adds_up() {
    let book = TestBook::with_book();
    book.done(&["plan", "publish", &book.write("plan.toml", crate::payouts::PLAN)]);
    book.done(&["record", &book.write("facts.jsonl", crate::payouts::FACTS)]);
    book.done(&["close", "2027-04", "--opening"]);
    let corrected = crate::payouts::FACTS.lines().rev().nth(1).expect("B-1").replace("40000", "42000");
    let corrected = corrected.replace("{\"fact\"", "{\"corrects\": true, \"fact\"");
    book.done(&["record", &book.write("corrected.jsonl", &corrected)]);
    book.done(&["close", "2027-05"]);
    judge_lines(&book);
    let history = book.json(&["history", "land/arr/whole/B-1"]);
    let kinds: Vec<&Value> =
        history.as_array().expect("entries").iter().flat_map(changes).map(|one| &one["change"]).collect();
    assert_eq!(kinds, ["opening", "changed"], "{history}");
}

fn changes(touch: &Value) -> &Vec<Value> {
    touch["changes"].as_array().expect("changes")
}

/// The kinds of entries in a payee's history that decide about pay.
fn decisions(book: &TestBook, payee: &str) -> Vec<String> {
    const KINDS: [&str; 8] =
        ["approval", "rejection", "hold", "release", "payout", "payout-result", "repayment", "write-off"];
    let history = book.json(&["history", payee]);
    let kinds = history.as_array().expect("entries").iter().map(|touch| touch["kind"].as_str().expect("a kind"));
    kinds.filter(|kind| KINDS.contains(kind)).map(str::to_owned).collect()
}

#[test]
fn what_was_decided_for_everybody_is_told_to_each_whom_it_concerned() {
    let book = closed_book();
    book.done(&["approve", "2027-04"]);
    book.done(&["reject", "2027-05", "--reason", "B-2 is contested"]);
    book.done(&["hold", "ana", "--reason", "bank details"]);
    book.done(&["payout", "2027-05"]);
    book.done(&["release", "ana"]);
    book.done(&["payout", "2027-05"]);
    let bank = "payee,currency,amount,status,reference,date\nana,USD,500.00,returned,T-1,2027-06-02\n";
    book.done(&["payout", "2027-05", "--confirm", &book.write("bank.csv", bank)]);
    book.done(&["repay", "june", "--amount", "100", "--currency", "USD", "--of", "draw"]);
    book.done(&["payout", "2027-05"]);
    book.done(&["record", &book.write("more.jsonl", MORE)]);
    book.done(&["close", "2027-06"]);
    book.done(&["approve", "2027-06"]);
    // Nothing of May was payable to ana, and nothing of June.
    assert_eq!(decisions(&book, "ana"), ["approval", "hold", "release", "payout", "payout-result", "payout"]);
    assert_eq!(decisions(&book, "june"), ["approval", "rejection", "payout", "repayment", "approval"]);
    assert_eq!(decisions(&book, "B-1"), Vec::<String>::new());
    let unasked = book.json(&["log", "--item", "june"]);
    assert!(!unasked.to_string().contains("\"kind\":\"approval\""), "the log is searched by names alone");
}

const MORE: &str = r#"{"fact": "booking", "at": "2027-06-10", "booking": "B-3", "account": "acme", "arr": "10000", "currency": "USD", "credit": [{"payee": "june", "percent": "100%"}]}
"#;

#[test]
fn several_snapshots_that_made_a_difference_together_are_counted_once() {
    let book = TestBook::with_book();
    let plan = "plan = \"use\"\nversion = 1\nedition = 1\ncurrency = \"USD\"\neffective = 2027-01-01\n[[component]]\nid = \"used\"\nmeasure = { usage = \"amount\" }\nrate = \"2%\"\n";
    book.done(&["plan", "publish", &book.write("use.toml", plan)]);
    let snapshot = |from: u32, to: u32, amount: u32| {
        format!(
            "{{\"fact\": \"usage-snapshot\", \"account\": \"acme\", \"from\": \"2027-01-{from:02}\", \"to\": \"2027-01-{to:02}\", \"amount\": \"{amount}\", \"currency\": \"USD\"}}\n"
        )
    };
    let people = r#"{"fact": "payee", "at": "2027-01-01", "payee": "ana", "currency": "USD"}
{"fact": "account", "at": "2027-01-01", "account": "acme"}
{"fact": "assignment", "at": "2027-01-01", "payee": "ana", "plan": "use"}
{"fact": "credit-split", "at": "2027-01-01", "on": {"account": "acme"}, "shares": [{"payee": "ana", "percent": "100%"}]}
"#;
    book.done(&["record", &book.write("a.jsonl", &format!("{people}{}", snapshot(1, 10, 500)))]);
    book.done(&["close", "2027-01"]);
    book.done(&["record", &book.write("b.jsonl", &(snapshot(11, 20, 300) + &snapshot(21, 31, 200)))]);
    book.done(&["close", "2027-02"]);
    book.done(&[
        "record",
        &book.write("c.jsonl", &snapshot(1, 10, 600).replace("{\"fact\"", "{\"corrects\": true, \"fact\"")),
    ]);
    judge_lines(&book);
    let history = book.json(&["history", "acme"]);
    let usage: Vec<&Value> =
        history.as_array().expect("entries").iter().filter(|touch| touch["kind"] == "usage-snapshot").collect();
    let amounts: Vec<Vec<&Value>> =
        usage.iter().map(|touch| changes(touch).iter().map(|change| &change["amount"]).collect()).collect();
    assert_eq!(serde_json::json!(amounts), serde_json::json!([["10.00"], ["10.00"], [null], []]), "{history}");
    assert_eq!(usage[2]["changes"][0]["counted_at"], usage[1]["position"]);
    let unposted: Vec<&Value> = usage.iter().map(|touch| &touch["not_posted_yet"]).collect();
    assert_eq!(unposted, [false, false, false, true]);
    let text = book.done(&["history", "acme"]);
    for words in ["(not posted yet)", "counted with 10", " 20.00  USD  ana\n"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let csv = book.done(&["history", "acme", "--format", "csv"]);
    assert!(csv.contains(",ana,use/used/whole/acme%402027-01,10.00,USD,2027-02,changed,10\n"), "{csv}");
    assert!(csv.contains(",ana,use/used/whole/acme%402027-01,,USD,2027-02,changed,10\n"), "{csv}");
    assert!(csv.contains(",not-posted-yet,\n"), "{csv}");
}

#[test]
fn a_version_of_a_plan_tells_what_it_changed() {
    let book = closed_book();
    let second =
        crate::payouts::PLAN.replacen("version = 1", "version = 2", 1).replacen("rate = \"10%\"", "rate = \"12%\"", 1);
    book.done(&["plan", "publish", &book.write("second.toml", &second)]);
    book.done(&["close", "2027-06"]);
    let history = book.json(&["history", "land"]);
    let plans: Vec<&Value> = history.as_array().expect("entries").iter().filter(|one| one["kind"] == "plan").collect();
    let told = |plan: &Value| -> Vec<String> {
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let one = |change: &Value| {
            format!(
                "{} {} {} {}",
                text(&change["period"]),
                text(&change["line"]),
                text(&change["amount"]),
                text(&change["change"])
            )
        };
        changes(plan).iter().map(one).collect()
    };
    assert_eq!(
        told(plans[0]),
        ["2027-04 land/arr/whole/B-1 4000.00 first-posted", "2027-05 land/arr/whole/B-2 1000.00 first-posted"]
    );
    assert_eq!(
        told(plans[1]),
        ["2027-06 land/arr/whole/B-1 800.00 changed", "2027-06 land/arr/whole/B-2 200.00 changed"]
    );
    judge_lines(&book);
}
