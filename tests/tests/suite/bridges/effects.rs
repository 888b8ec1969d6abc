//! Causes of a line's own, and those that change it through attainment; and formats, which say the same.

use serde_json::Value;

use crate::support::TestBook;

const PLAN: &str = r#"plan = "land"
version = 1
edition = 1
currency = "USD"
effective = 2027-01-01

[[component]]
id = "arr"
measure = { booking = "arr" }
quota = "assigned"
rate = "10%"
tiers = [{ from = "100%", times = "2" }]
period = "year"
cancellation = "restate"
"#;

const TEAM: &str = r#"plan = "lead"
version = 1
edition = 1
currency = "USD"
effective = 2027-01-01

[[component]]
id = "reports"
measure = { booking = "arr" }
credit = "reports"
rate = "1%"
period = "year"
cancellation = "restate"
cap = { period = "1500" }
"#;

const FACTS: &str = r#"{"fact": "payee", "at": "2027-01-01", "payee": "max", "currency": "USD"}
{"fact": "payee", "at": "2027-01-01", "payee": "ana", "currency": "USD", "manager": "max"}
{"fact": "assignment", "at": "2027-01-01", "until": "2027-12-31", "payee": "ana", "plan": "land", "quota": {"arr": "100000"}}
{"fact": "assignment", "at": "2027-01-01", "until": "2027-12-31", "payee": "max", "plan": "lead"}
{"fact": "booking", "at": "2027-01-20", "booking": "B-1", "account": "acme", "arr": "80000", "currency": "USD", "credit": [{"payee": "ana", "percent": "100%"}]}
{"fact": "booking", "at": "2027-02-20", "booking": "B-2", "account": "bolt", "arr": "40000", "currency": "USD", "credit": [{"payee": "ana", "percent": "100%"}]}
"#;

/// Signed before both, and heard of after both were paid.
const LATE: &str = r#"{"fact": "booking", "at": "2027-01-10", "booking": "B-0", "account": "cord", "arr": "50000", "currency": "USD", "credit": [{"payee": "ana", "percent": "100%"}]}
"#;

fn book() -> TestBook {
    let book = TestBook::with_book();
    book.done(&["plan", "publish", &book.write("plan.toml", PLAN)]);
    book.done(&["plan", "publish", &book.write("team.toml", TEAM)]);
    book.done(&["record", &book.write("facts.jsonl", FACTS)]);
    book.write("late.jsonl", LATE);
    book.done(&["close", "2027-02"]);
    book
}

/// Of each row: payee, line, a, b, and the causes with their effects and amounts.
fn rows(bridge: &Value) -> Vec<String> {
    let of = |value: &Value, name: &str| value[name].as_str().expect("a text").to_owned();
    let row = |row: &Value| {
        let causes = row["causes"].as_array().expect("causes").iter();
        let causes: Vec<String> = causes
            .map(|cause| {
                format!("{} {} {} {}", of(cause, "group"), of(cause, "effect"), of(cause, "what"), of(cause, "amount"))
            })
            .collect();
        assert_eq!(row["unexplained"], "0.00");
        format!("{} {} {} {}: {}", of(row, "payee"), of(row, "line"), of(row, "a"), of(row, "b"), causes.join(", "))
    };
    bridge["rows"].as_array().expect("rows").iter().map(row).collect()
}

const EXPECTED: [&str; 4] = [
    "ana land/arr/whole/B-0 0.00 5000.00: facts own booking B-0 5000.00",
    "ana land/arr/whole/B-1 8000.00 11000.00: facts attainment booking B-0 3000.00",
    "ana land/arr/whole/B-2 6000.00 8000.00: facts attainment booking B-0 2000.00",
    "max lead/reports/whole/B-0 0.00 500.00: facts own booking B-0 500.00",
];

#[test]
fn a_late_booking_lifts_the_tier_of_others_and_fills_the_cap_of_a_manager() {
    let book = book();
    let mut expected = EXPECTED.map(str::to_owned).to_vec();
    // The cap of the period leaves 300 to the last booking of the year instead of 400.
    expected.push("max lead/reports/whole/B-2 400.00 200.00: facts attainment booking B-0 -200.00".to_owned());
    let tried = book.json(&["whatif", "--facts", "late.jsonl", "--to", "2027-02"]);
    assert_eq!(rows(&tried), expected);
    assert_eq!(tried["withheld"], Value::Null);
    let shift = &tried["attainment"][0];
    assert_eq!([&shift["payee"], &shift["a"], &shift["b"]], ["ana", "120.00", "170.00"]);
    book.done(&["record", "late.jsonl"]);
    assert_eq!(rows(&book.json(&["diff", "2027-02"])), expected);
    let total = &book.json(&["diff", "2027-02"])["totals"][0];
    let causes: Vec<String> = total["causes"]
        .as_array()
        .expect("causes")
        .iter()
        .map(|cause| {
            format!("{} {}", cause["effect"].as_str().expect("a text"), cause["amount"].as_str().expect("an amount"))
        })
        .collect();
    assert_eq!(causes, ["own 5500.00", "attainment 4800.00"]);
    // Frozen lines keep what was posted: the next close would post the new ones only if they were due later.
    book.done(&["freeze", "2027-02-28", "--reason", "audited"]);
    let previewed = book.json(&["preview", "2027-03", "--bridge"]);
    assert_eq!(previewed["bridge"]["rows"], Value::Array(Vec::new()));
    assert_eq!(previewed["bridge"]["to"]["amounts"], "previewed");
    book.write("more.jsonl", &LATE.replace("B-0", "B-9"));
    let tried = book.json(&["whatif", "--facts", "more.jsonl"]);
    assert_eq!(tried["withheld"]["frozen"], "2027-02-28");
    assert_eq!(tried["withheld"]["totals"][0]["difference"], tried["totals"][0]["difference"]);
    let text = book.done(&["whatif", "--facts", "more.jsonl"]);
    assert!(text.contains("frozen: a close would withhold"), "{text}");
}

#[test]
fn a_previewed_close_is_the_next_point() {
    let book = book();
    book.done(&["record", "late.jsonl"]);
    let previewed = book.json(&["preview", "2027-03", "--bridge"]);
    let bridge = &previewed["bridge"];
    assert_eq!((&bridge["from"]["amounts"], &bridge["from"]["period"]), (&"posted".into(), &"2027-02".into()));
    let posted: Vec<&Value> = previewed["statements"]
        .as_array()
        .expect("statements")
        .iter()
        .flat_map(|one| one["lines"].as_array())
        .flatten()
        .collect();
    let rows = bridge["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 5);
    assert_eq!(
        rows.iter().map(|row| &row["difference"]).collect::<Vec<_>>(),
        posted.iter().map(|line| &line["amount"]).collect::<Vec<_>>()
    );
    book.done(&["close", "2027-03"]);
    let closed = book.json(&["diff", "2027-02", "2027-03"]);
    assert_eq!((&closed["rows"], &closed["totals"]), (&bridge["rows"], &bridge["totals"]));
    // Before the first close, nothing was posted.
    let first = TestBook::with_book();
    first.done(&["plan", "publish", &first.write("plan.toml", PLAN)]);
    first.done(&[
        "record",
        &first
            .write("facts.jsonl", &FACTS.lines().filter(|line| !line.contains("lead")).collect::<Vec<_>>().join("\n")),
    ]);
    let text = first.done(&["preview", "2027-01", "--bridge"]);
    assert!(text.starts_with("From: nothing, before the first close\n"), "{text}");
    assert!(first.done(&["preview", "2027-01", "--bridge", "--format", "svg"]).starts_with("<svg"));
    assert!(first.refused(&["preview", "2027-01", "--format", "svg"]).contains("svg-none"));
}

#[test]
fn a_deal_says_what_it_brings_and_by_which_rule() {
    let book = book();
    let deal = ["whatif", "--payee", "ana", "--deal"];
    let text = book.done(&[&deal[..], &["arr=10000,at=2027-03-05"]].concat());
    // Above the quota, twice the rate.
    assert!(text.contains("land/arr/whole/deal due 2027-03-05: 2,000.00 USD"), "{text}");
    assert!(text.contains("1 payee gains 2,000.00; 2,000.00 more in all."), "{text}");
    // An earlier one changes what is earned already.
    let text = book.done(&[&deal[..], &["arr=50000,at=2027-01-10"]].concat());
    assert!(text.contains("booking deal, through attainment (tried out)"), "{text}");
    let next_year = book.done(&[&deal[..], &["arr=10000,at=2028-01-05,currency=USD"]].concat());
    assert!(next_year.contains("nothing: ana is assigned to no plan on 2028-01-05."), "{next_year}");
    assert!(book.refused(&[&deal[..], &["arr=10000,at=2028-01-05"]].concat()).contains("whatif-deal-currency"));
    assert!(
        book.refused(&["whatif", "--payee", "anna", "--deal", "arr=1,at=2027-03-05"]).contains("did you mean `ana`?")
    );
    for wrong in
        ["arr=1", "at=2027-03-05", "arr=1,at=March", "arr=1,at=2027-03-05,rate=3", "arr=1,arr=2,at=2027-03-05", "arr"]
    {
        assert_eq!(book.run(&[&deal[..], &[wrong]].concat()).status.code(), Some(2), "{wrong}");
    }
    assert!(book.refused(&[&deal[..], &["arr=x,at=2027-03-05"]].concat()).contains("--deal:1"));
}
