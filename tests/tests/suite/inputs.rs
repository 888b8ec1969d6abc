//! Exports of other people's systems (../shared/cases/input) come out right, by mappings that are written from docs/mapping.md.

use std::path::PathBuf;
use std::process::Output;

use serde_json::Value;

use crate::support::{TestBook, shared};

const PAYEES: &str = r#"
{"fact": "payee", "at": "2027-01-01", "payee": "june", "currency": "USD"}
{"fact": "payee", "at": "2027-01-01", "payee": "kofi", "currency": "USD"}
"#;

/// The files of a case, if they are there, and a book whose days are those of a zone.
fn case(name: &str, zone: Option<&str>) -> Option<(PathBuf, TestBook)> {
    let folder = shared(&format!("cases/input/{name}"))?;
    let book = TestBook::new();
    match zone {
        Some(zone) => book.done(&["init", "--name", "acme", "--timezone", zone]),
        None => book.done(&["init", "--name", "acme"]),
    };
    Some((folder, book))
}

impl TestBook {
    fn map(&self, map: &str, files: &[PathBuf], more: &[&str]) -> Output {
        let map = self.write("map.toml", map);
        let files: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        self.run(&[&["record", "--map", &map][..], more, &files].concat())
    }

    /// Records by a mapping, and gives what was said about it.
    fn mapped(&self, map: &str, files: &[PathBuf]) -> String {
        let output = self.map(map, files, &[]);
        let said = text_of(&output);
        assert!(output.status.success(), "{said}");
        said
    }

    /// What is refused by a mapping; the book stays as it was.
    fn not_mapped(&self, map: &str, files: &[PathBuf]) -> String {
        let before = self.bytes();
        let output = self.map(map, files, &[]);
        assert_eq!(output.status.code(), Some(1), "{}", text_of(&output));
        assert!(self.bytes() == before, "it was refused and changed the book");
        text_of(&output)
    }

    /// The facts in force of a kind, each with some of its fields.
    pub fn in_force(&self, kind: &str, fields: &[&str]) -> Vec<String> {
        let log = self.json(&["log"]);
        let entries = log.as_array().expect("entries");
        let replaced = |entry: &Value| {
            let position = &entry["position"];
            let replaces = entries.iter().filter_map(|entry| entry["replaces"].as_array());
            replaces.flatten().any(|replaced| replaced == position)
        };
        let shown = |entry: &&Value| {
            let texts = fields.iter().map(|field| match &entry["fact"][*field] {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            });
            texts.collect::<Vec<_>>().join(" ")
        };
        let facts = entries.iter().filter(|entry| entry["kind"] == kind && !replaced(entry));
        let mut shown: Vec<String> = facts.collect::<Vec<_>>().iter().map(shown).collect();
        shown.sort();
        shown
    }

    fn usage(&self) -> Vec<String> {
        self.in_force("usage-snapshot", &["account", "from", "to", "amount", "currency"])
    }
}

fn text_of(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A sum for each account and day.
fn daily(source: &str, date: &str, currency: &str) -> String {
    format!(
        "{source}\n[[fact]]\nfact = \"usage-snapshot\"\ngroup = [\"account\", \"from\"]\naccount = {{ column = \"account\" }}\nfrom = {{ column = \"ts\", date = {date} }}\nto = {{ same = \"from\" }}\namount = {{ sum = \"amount\" }}\ncurrency = \"{currency}\"\n"
    )
}

// time-zones -----------------------------------------------------------------------------------------------------------

#[test]
fn one_instant_is_on_one_day_however_it_is_written() {
    let Some((folder, book)) = case("time-zones", Some("Europe/Vienna")) else { return };
    book.mapped(&daily("", "\"iso\"", "USD"), &[folder.join("mixed.csv")]);
    assert_eq!(book.usage(), ["acme 2027-02-01 2027-02-01 70 USD"]);
    // The file may be of another zone than the book, and the pattern of the offset does not matter.
    let Some((folder, book)) = case("time-zones", Some("Europe/Vienna")) else { return };
    let map = daily("[source]\ntimezone = \"America/New_York\"", "\"%Y-%m-%dT%H:%M:%S%:z\"", "USD");
    book.mapped(&map, &[folder.join("mixed.csv")]);
    assert_eq!(book.usage(), ["acme 2027-01-31 2027-01-31 70 USD"]);
}

#[test]
fn the_end_of_a_month_is_that_of_the_book() {
    let Some((folder, book)) = case("time-zones", Some("Europe/Vienna")) else { return };
    for date in ["\"iso\"", "\"%Y-%m-%dT%H:%M:%SZ\""] {
        book.mapped(&daily("", date, "USD"), &[folder.join("z.csv")]);
        assert_eq!(book.usage(), ["acme 2027-01-31 2027-01-31 10 USD", "acme 2027-02-01 2027-02-01 60 USD"]);
    }
    assert_eq!(book.json(&["show", "0"])["record"]["timezone"], "Europe/Vienna");
    // A book without a zone has not said whose month it is.
    let Some((folder, book)) = case("time-zones", None) else { return };
    for date in ["\"iso\"", "\"%Y-%m-%dT%H:%M:%SZ\""] {
        let said = book.not_mapped(&daily("", date, "USD"), &[folder.join("z.csv")]);
        assert!(said.contains("error[map-zone]") && said.contains("z.csv:2:6"), "{said}");
    }
    book.mapped(&daily("[source]\ntimezone = \"UTC\"", "\"iso\"", "USD"), &[folder.join("z.csv")]);
    assert_eq!(book.usage(), ["acme 2027-01-31 2027-01-31 30 USD", "acme 2027-02-01 2027-02-01 40 USD"]);
}

#[test]
fn seconds_since_1970_are_read() {
    let Some((folder, book)) = case("time-zones", None) else { return };
    let files = [folder.join("epoch.csv")];
    let said = book.not_mapped(&daily("", "\"iso\"", "USD"), &files);
    assert!(
        said.contains("`1801434600` is not a date in the format `iso`: it is a number: as seconds since 1970"),
        "{said}"
    );
    assert!(said.contains("add `\"unix-ms\"` to `date`"), "{said}");
    let said = book.mapped(&daily("", "[\"unix\", \"unix-ms\"]", "USD"), &files);
    assert!(said.contains("warning[map-zone-assumed]"), "{said}");
    assert_eq!(book.usage(), ["acme 2027-01-31 2027-01-31 3 USD"]);
    let Some((_, book)) = case("time-zones", Some("Asia/Tokyo")) else { return };
    let said = book.mapped(&daily("", "[\"unix\", \"unix-ms\"]", "USD"), &files);
    assert!(!said.contains("warning[map-"), "{said}");
    assert_eq!(book.usage(), ["acme 2027-02-01 2027-02-01 3 USD"]);
}

// event-sent-twice -----------------------------------------------------------------------------------------------------

fn once(map: &str) -> String {
    format!("{map}once = [\"transaction_id\"]\n")
}

#[test]
fn an_event_that_is_sent_twice_counts_once() {
    let Some((folder, book)) = case("event-sent-twice", None) else { return };
    let map = std::fs::read_to_string(folder.join("map.toml")).expect("a mapping");
    let said = book.mapped(&once(&map), &[folder.join("ev.csv")]);
    assert!(said.contains("1 row left out") && said.contains("the same `transaction_id` once more"), "{said}");
    assert_eq!(book.usage(), ["acme 2027-01-05 2027-01-05 20 USD"]);
}

#[test]
fn an_event_with_two_amounts_is_a_conflict() {
    let Some((folder, book)) = case("event-sent-twice", None) else { return };
    let map = std::fs::read_to_string(folder.join("map.toml")).expect("a mapping");
    let said = book.not_mapped(&once(&map), &[folder.join("ev2.csv")]);
    assert!(
        said.contains("error[map-once]") && said.contains("ev2.csv:3") && said.contains("on line 2 already"),
        "{said}"
    );
}

#[test]
fn the_files_of_one_call_give_what_two_calls_give() {
    let expected = ["acme 2027-01-05 2027-01-05 20 USD", "acme 2027-01-06 2027-01-06 5 USD"];
    for is_once in [true, false] {
        let Some((folder, together)) = case("event-sent-twice", None) else { return };
        let Some((_, apart)) = case("event-sent-twice", None) else { return };
        let map = std::fs::read_to_string(folder.join("map.toml")).expect("a mapping");
        let map = if is_once { once(&map) } else { map };
        let files = [folder.join("a.csv"), folder.join("b.csv")];
        let refused = together.map(&map, &files, &["--expect-restated", "0"]);
        assert_eq!(refused.status.code(), Some(1), "{}", text_of(&refused));
        let said = together.mapped(&map, &files);
        assert!(said.contains("2 new, 1 restated") && said.contains("10 -> 20 USD"), "{said}");
        assert!(said.contains("warning[map-files-overlap]") && said.contains("amount 10 at"), "{said}");
        assert_eq!(together.usage(), expected);
        files.iter().for_each(|file| drop(apart.mapped(&map, std::slice::from_ref(file))));
        assert_eq!(apart.usage(), expected);
    }
}

/// A later file with one more event of a day that is known has less than the day had.
#[test]
fn a_late_file_for_a_known_day_is_shown_as_a_restatement() {
    let Some((folder, book)) = case("event-sent-twice", None) else { return };
    let map = once(&std::fs::read_to_string(folder.join("map.toml")).expect("a mapping"));
    let late = [folder.join("ev-late.csv")];
    book.mapped(&map, &[folder.join("ev.csv")]);
    let before = book.bytes();
    let dry = text_of(&book.map(&map, &late, &["--dry-run"]));
    assert!(dry.contains("1 restated") && dry.contains("20 -> 7"), "{dry}");
    let refused = book.map(&map, &late, &["--expect-restated", "0"]);
    assert_eq!(refused.status.code(), Some(1), "{}", text_of(&refused));
    assert!(book.bytes() == before, "it was refused, or a dry run, and changed the book");
    let said = book.mapped(&map, &late);
    assert!(said.contains("20 -> 7") && book.usage() == ["acme 2027-01-05 2027-01-05 7 USD"], "{said}");
    // Sent once more, it is known.
    assert!(text_of(&book.map(&map, &late, &["--dry-run"])).contains("1 known"));
}

#[test]
fn every_instant_of_an_export_is_in_the_day_of_the_book() {
    let Some((folder, book)) = case("event-sent-twice", Some("America/Los_Angeles")) else { return };
    let map = "[[fact]]\nfact = \"usage-snapshot\"\nonce = \"id\"\ngroup = [\"account\", \"meter\", \"from\"]\naccount = { column = \"customer\" }\nmeter = { column = \"meter\" }\nfrom = { column = \"timestamp\", date = [\"iso\", \"unix\"] }\nto = { same = \"from\" }\namount = { sum = \"amount\", divide = \"100\" }\nquantity = { sum = \"quantity\" }\ncurrency = { column = \"currency\", upper = true }\n";
    book.mapped(map, &[folder.join("usage.csv")]);
    let usage = book.in_force("usage-snapshot", &["account", "meter", "from", "amount", "quantity"]);
    let expected = [
        "cus_ember compute_credits 2027-01-31 401 200.5",
        "cus_ember storage_gb 2027-01-31 25.01 1000.25",
        "cus_flint compute_credits 2026-02-01 4 2",
        "cus_flint compute_credits 2027-01-31 6 3",
        "cus_flint compute_credits 2027-02-01 -2 -1",
    ];
    assert_eq!(usage, expected);
    book.mapped(map, &[folder.join("usage2.csv")]);
    let usage = book.in_force("usage-snapshot", &["account", "meter", "from", "amount", "quantity"]);
    assert!(usage.contains(&"cus_ember compute_credits 2027-02-01 40 20".to_owned()), "{usage:?}");
}

// split-rows -----------------------------------------------------------------------------------------------------------

const SPLITS: &str = r#"
[[table]]
name = "payees"
file = "payees.csv"

[[table]]
name = "motions"
rows = { "New Business" = "new-logo", "Existing Business" = "expansion" }

[[fact]]
fact = "booking"
when = [{ column = "Stage", is = "Closed Won" }]
group = ["booking"]
booking = { column = "Opportunity ID" }
at = { column = "Close Date", date = "%m/%d/%Y" }
account = { column = "Account Name" }
motion = { column = "Type", lookup = "motions" }
months = { column = "Term (Months)" }
arr = { column = "Amount", times = "12", divide = "Term (Months)" }
tcv = { column = "Amount" }
currency = { column = "Amount Currency" }
credit = { each = { payee = { column = "Split Owner", lookup = "payees" }, percent = { column = "Split %" } } }
"#;

fn splits() -> Option<(PathBuf, TestBook)> {
    let (folder, book) = case("split-rows", None)?;
    book.write("payees.csv", &std::fs::read_to_string(folder.join("payees.csv")).expect("payees"));
    book.done(&["record", &book.write("payees.jsonl", PAYEES.trim_start())]);
    Some((folder, book))
}

#[test]
fn the_rows_of_a_split_are_the_shares_of_one_booking() {
    let Some((folder, book)) = splits() else { return };
    let said = book.not_mapped(SPLITS, &[folder.join("opps.csv")]);
    for (line, what) in [
        (7, "`$1,05,000.00` is not a number: its digits are not in groups of three"),
        (7, "`Juno Park` is not in the table `payees`"),
        (8, "`Amount` has no value"),
    ] {
        assert!(said.contains(what) && said.contains(&format!("opps.csv:{line}:")), "{what}: {said}");
    }
    assert!(said.contains("did you mean `June Park`?"), "{said}");
    assert_eq!(said.matches("error[").count(), 3, "{said}");
    let good = std::fs::read_to_string(folder.join("opps.csv")).expect("rows");
    let good = good.lines().take(6).collect::<Vec<_>>().join("\n");
    let file = PathBuf::from(book.write("good.csv", &good));
    book.mapped(SPLITS, std::slice::from_ref(&file));
    let bookings = book.in_force("booking", &["booking", "arr", "tcv", "currency", "months", "credit"]);
    let share = |payee: &str, percent: &str| {
        format!("{{\"payee\":\"{payee}\",\"percent\":\"{percent}\",\"role\":\"primary\"}}")
    };
    // Twelve months, and a TCV that follows from the ARR, are kept as left out.
    let expected = [
        format!("0068d00000AbC1 240000 null USD null [{},{}]", share("june", "60%"), share("kofi", "40%")),
        format!("0068d00000AbC2 90000 null USD 24 [{}]", share("kofi", "100%")),
        format!("0068d00000AbC3 60000 null EUR null [{}]", share("june", "100%")),
    ];
    assert_eq!(bookings, expected);
    // The sums of a dry run are those of the three.
    let said = text_of(&book.map(SPLITS, &[file], &["--dry-run"]));
    assert!(said.contains("sum of arr: 330000 USD") && said.contains("sum of arr: 60000 EUR"), "{said}");
    assert!(said.contains("1 row left out"), "{said}");
}

#[test]
fn a_sign_of_another_currency_is_refused() {
    let Some((folder, book)) = splits() else { return };
    let rows = std::fs::read_to_string(folder.join("opps.csv")).expect("rows");
    let rows = rows.lines().take(5).collect::<Vec<_>>().join("\n").replace("\"EUR\"", "\"USD\"");
    let file = PathBuf::from(book.write("usd.csv", &rows));
    let said = book.not_mapped(SPLITS, &[file]);
    assert!(said.contains("error[map-currency]") && said.contains("usd.csv:5:"), "{said}");
}

// footers --------------------------------------------------------------------------------------------------------------

const TWO: [&str; 2] = ["B1 1000", "B2 2000"];

/// What a file of the case makes, with keys of the source and conditions added to its mapping.
fn footers(file: &str, source: &str, more: &str) -> Option<(String, Vec<String>)> {
    let (folder, book) = case("footers", None)?;
    let map = std::fs::read_to_string(folder.join("map.toml")).expect("a mapping");
    let said = book.mapped(&format!("{source}\n{map}{more}\n"), &[folder.join(file)]);
    Some((said, book.in_force("booking", &["booking", "arr"])))
}

#[test]
fn what_is_around_the_rows_is_left_out() {
    let dated = "when = [{ column = \"closed\", not = \"\" }]";
    for (file, source, more) in [
        ("footer1.csv", "", dated),
        ("footer1.csv", "[source]\nskip-last = 1", ""),
        ("footer2.csv", "", dated),
        ("footer2.csv", "[source]\nskip-last = 3", ""),
        ("footer3.csv", "[source]\nskip-last = 1", ""),
        ("footer3.csv", "", "when = [{ column = \"account\", not = \"ALL\" }]"),
        ("midheader.csv", "", ""),
        ("preamble.csv", "[source]\nheader = 4", ""),
        ("preamble.csv", "[source]\nheader-matches = \"^closed$\"", ""),
        ("ragged.csv", "", "when = [{ column = \"amount\", not = \"\" }]"),
    ] {
        let Some((said, bookings)) = footers(file, source, more) else { return };
        assert_eq!(bookings, TWO, "{file} {source} {more}");
        assert!(!said.contains("warning[map-"), "{file}: {said}");
        assert!(file != "midheader.csv" || said.contains("the header once more"), "{said}");
    }
}

#[test]
fn a_row_of_totals_that_looks_like_a_booking_is_warned_of() {
    let Some((said, bookings)) = footers("footer3.csv", "", "") else { return };
    assert_eq!(bookings.len(), 3);
    assert!(said.contains("warning[map-totals]") && said.contains("footer3.csv:4:1"), "{said}");
    // Without a word about them, the others are refused.
    let Some((folder, book)) = case("footers", None) else { return };
    let map = std::fs::read_to_string(folder.join("map.toml")).expect("a mapping");
    for file in ["footer1.csv", "footer2.csv", "preamble.csv", "ragged.csv"] {
        let said = book.not_mapped(&map, &[folder.join(file)]);
        assert!(file != "preamble.csv" || said.contains("say `header = 4`"), "{said}");
    }
}

// digits-lost ----------------------------------------------------------------------------------------------------------

#[test]
fn a_serial_date_is_named_and_read() {
    let Some((folder, book)) = case("digits-lost", None) else { return };
    let map = |date: &str| {
        format!(
            "[[fact]]\nfact = \"booking\"\nbooking = {{ column = \"id\" }}\nat = {{ column = \"closed\"{date} }}\naccount = {{ column = \"account\" }}\nmotion = \"new\"\narr = {{ column = \"amount\" }}\ncurrency = \"USD\"\n"
        )
    };
    let files = [folder.join("serial.csv")];
    let said = book.not_mapped(&map(""), &files);
    assert!(said.contains("`46320` is a number: as the serial date of a spreadsheet it means 2026-10-25"), "{said}");
    assert!(said.contains("say `date = \"excel\"`"), "{said}");
    book.mapped(&map(", date = \"excel\""), &files);
    assert_eq!(book.in_force("booking", &["booking", "at"]), ["B1 2026-10-25", "B2 2026-10-25"]);
}

#[test]
fn names_that_lost_their_digits_are_warned_of() {
    let Some((folder, book)) = case("digits-lost", None) else { return };
    let map = std::fs::read_to_string(folder.join("map-usage.toml")).expect("a mapping");
    let said = book.mapped(&map, &[folder.join("sci-usage.csv")]);
    assert!(said.contains("warning[map-digits-lost]") && said.contains("sci-usage.csv:2:14"), "{said}");
    assert!(said.contains("and 1 more row"), "{said}");
}

// cloud-costs ----------------------------------------------------------------------------------------------------------

const COSTS: &str = r#"
[source]
timezone = "UTC"

[[table]]
name = "accounts"
rows = { "acme-prod" = "acme-prod", "bolt-prod" = "bolt-prod" }

[[fact]]
fact = "usage-snapshot"
group = ["account", "from"]
when = [{ column = "ChargeCategory", in = ["Usage", "Credit"] }]
account = { column = "SubAccountName", lookup = "accounts" }
from = { column = "ChargePeriodStart", date = "iso" }
to = { column = "ChargePeriodEnd", date = "iso", minus = "1 second" }
amount = { sum = "EffectiveCost", round = 2 }
currency = { column = "BillingCurrency" }
"#;

#[test]
fn cloud_costs_are_summed_by_account_and_day() {
    let Some((folder, book)) = case("cloud-costs", None) else { return };
    let said = book.not_mapped(COSTS, &[folder.join("focus.csv")]);
    assert!(said.contains("error[map-lookup]") && said.contains("`unknown-prod` is not in the table"), "{said}");
    let known = "[{ column = \"SubAccountName\", not = \"unknown-prod\" }, ";
    book.mapped(&COSTS.replace("when = [", &format!("when = {known}")), &[folder.join("focus.csv")]);
    let expected = [
        "acme-prod 2027-02-01 2027-02-01 110.5 USD",
        "acme-prod 2027-02-02 2027-02-02 111 USD",
        "bolt-prod 2027-02-01 2027-02-01 42 USD",
        "bolt-prod 2027-02-28 2027-02-28 -10 USD",
    ];
    assert_eq!(book.usage(), expected);
    // Without `round` the digits are told, and nothing is cut.
    let exact = COSTS.replace(", round = 2", "").replace("when = [", &format!("when = {known}"));
    let said = TestBook::with_book().mapped(&exact, &[folder.join("focus.csv")]);
    assert!(!said.contains("warning[map-"), "{said}");
}

// contradictory-lines --------------------------------------------------------------------------------------------------

/// The lines that contradict each other are refused, with their places; as a history the later ones hold.
#[test]
fn contradictory_lines_are_refused_with_their_places() {
    let Some((folder, book)) = case("contradictory-lines", None) else { return };
    let file = folder.join("facts.jsonl").display().to_string();
    let said = book.refused(&["record", &file]);
    for line in 2..=5 {
        assert!(
            said.contains(&format!("facts.jsonl:{line}")) || said.contains(&format!("line {line}")),
            "{line}: {said}"
        );
    }
    let output = book.run(&["record", &file, "--history"]);
    assert!(output.status.success() && text_of(&output).contains("100 -> 250"), "{}", text_of(&output));
}
