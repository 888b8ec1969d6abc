//! Files of one mapped call that have rows of one group: each is taken as if it had a call of its own, and nothing is replaced in
//! silence.

use crate::support::TestBook;

const USAGE: &str = r#"[[fact]]
fact = "usage-snapshot"
group = ["account", "from"]
account = { column = "id" }
from = { column = "day" }
to = { same = "from" }
amount = { sum = "amount" }
currency = "USD"
"#;

struct Desk {
    desk: TestBook,
    map: String,
}

impl Desk {
    fn of(map: &str) -> Desk {
        let desk = TestBook::with_book();
        Desk { map: desk.write("map.toml", map), desk }
    }

    fn file(&self, name: &str, rows: &str) -> String {
        self.desk.write(name, rows)
    }

    fn arguments<'a>(&'a self, files: &'a [String], options: &[&'a str]) -> Vec<&'a str> {
        let files = files.iter().map(String::as_str);
        ["record", "--map", &self.map].into_iter().chain(files).chain(options.iter().copied()).collect()
    }

    /// What is printed on both streams.
    fn record(&self, files: &[String], options: &[&str]) -> (String, String) {
        let run = self.desk.run(&self.arguments(files, options));
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        let (out, err) = (text(run.stdout), text(run.stderr));
        assert!(run.status.success(), "{out}{err}");
        (out, err)
    }

    fn refused(&self, files: &[String], options: &[&str]) -> String {
        self.desk.refused(&self.arguments(files, options))
    }

    /// The usage in force.
    fn usage(&self) -> Vec<String> {
        let log = self.desk.json(&["log"]);
        let log = log.as_array().expect("entries");
        let replaced: Vec<&serde_json::Value> =
            log.iter().filter_map(|entry| entry["replaces"].as_array()).flatten().collect();
        let usage =
            log.iter().filter(|entry| entry["kind"] == "usage-snapshot" && !replaced.contains(&&entry["position"]));
        usage.map(|entry| format!("{} {}", entry["fact"]["from"], entry["fact"]["amount"]).replace('"', "")).collect()
    }
}

#[test]
fn a_sum_of_a_later_file_is_a_restatement() {
    let desk = Desk::of(USAGE);
    let files = [
        desk.file("a.csv", "id,day,amount\nacme,2027-05-01,5\nacme,2027-05-02,1\n"),
        desk.file("b.csv", "id,day,amount\nacme,2027-05-01,3\nacme,2027-05-01,4\n"),
    ];
    let shown = "2 new, 1 restated, 0 known\n  usage acme 2027-05-01..01: 5 -> 7 USD, replaces entry 2\n  usage in all: 5 -> 7 USD\n";
    let said = desk.refused(&files, &["--expect-restated", "0"]);
    assert!(said.contains("record-restated") && said.contains("1 fact would be restated, not 0"), "{said}");
    let (dry, said) = desk.record(&files, &["--dry-run"]);
    assert!(
        dry.contains("2 usage-snapshot\n") && dry.contains("  1 more, whose place the sum of a later file takes\n"),
        "{dry}"
    );
    assert!(dry.contains("  sum of amount: 8 USD\n") && dry.ends_with(shown), "{dry}");
    for part in [
        "warning[map-files-overlap]: 1 group has rows in several files, and the later file holds",
        "account `acme`, from `2027-05-01`: amount 5 at ",
        "a.csv:2, 7 at ",
        "b.csv:2",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let json = desk.desk.json(&desk.arguments(&files, &["--dry-run"]));
    assert_eq!((&json["facts"][0]["count"], &json["facts"][0]["replaced"]), (&2.into(), &1.into()));
    assert_eq!(json["compared"]["restatements"][0]["new"]["amount"], "7");
    assert_eq!(desk.record(&files, &["--expect-restated", "1"]).0, shown);
    // Recorded again, all of it is known; and one call has left what two calls leave.
    assert_eq!(desk.record(&files, &["--expect-restated", "0"]).0, "0 new, 0 restated, 3 known\n");
    let apart = Desk::of(USAGE);
    let files = [
        apart.file("a.csv", "id,day,amount\nacme,2027-05-01,5\nacme,2027-05-02,1\n"),
        apart.file("b.csv", "id,day,amount\nacme,2027-05-01,3\nacme,2027-05-01,4\n"),
    ];
    files.iter().for_each(|file| drop(apart.record(std::slice::from_ref(file), &[])));
    assert_eq!(desk.usage(), ["2027-05-01 7", "2027-05-02 1"]);
    let sorted = |desk: &Desk| std::collections::BTreeSet::from_iter(desk.usage());
    assert_eq!(sorted(&desk), sorted(&apart));
}

#[test]
fn equal_sums_are_recorded_once_and_in_silence() {
    let desk = Desk::of(USAGE);
    let files = ["a.csv", "b.csv", "c.csv"].map(|name| desk.file(name, "id,day,amount\nacme,2027-05-01,5\n"));
    let (out, said) = desk.record(&files, &["--expect-restated", "0"]);
    assert_eq!((out.as_str(), said.contains("map-files-overlap")), ("1 new, 0 restated, 0 known\n", false), "{said}");
}

#[test]
fn three_files_make_a_chain_and_may_not_go_back() {
    let desk = Desk::of(USAGE);
    let of = |name: &str, amount: u32| desk.file(name, &format!("id,day,amount\nacme,2027-05-01,{amount}\n"));
    let back = [of("a.csv", 5), of("b.csv", 7), of("c.csv", 5)];
    let said = desk.refused(&back, &[]);
    assert!(said.contains("error[record-conflict]") && said.contains("`amount` is 7 there and 5 here"), "{said}");
    let on = [of("a.csv", 5), of("b.csv", 7), of("c.csv", 9)];
    let (out, said) = desk.record(&on, &[]);
    assert!(out.starts_with("1 new, 2 restated, 0 known\n") && out.ends_with("  usage in all: 5 -> 9 USD\n"), "{out}");
    assert!(said.contains("2 groups have rows in several files"), "{said}");
    assert_eq!(desk.usage(), ["2027-05-01 9"]);
}

/// What is no sum is no later version: which of the two holds is not guessed.
#[test]
fn what_is_no_sum_is_a_conflict() {
    let split = r#"[[fact]]
fact = "credit-split"
group = ["on.account", "at"]
on = { account = { column = "id" } }
at = { column = "day" }
shares = { each = { payee = { column = "who" }, percent = { column = "part" } } }
"#;
    let desk = Desk::of(split);
    let payees =
        ["p", "q"].map(|payee| format!("{{\"fact\": \"payee\", \"at\": \"2027-01-01\", \"payee\": \"{payee}\"}}\n"));
    desk.desk.done(&["record", &desk.file("payees.jsonl", &payees.concat())]);
    let files = [
        desk.file("a.csv", "id,day,who,part\nacme,2027-05-01,p,60%\n"),
        desk.file("b.csv", "id,day,who,part\nacme,2027-05-01,q,40%\n"),
    ];
    let said = desk.refused(&files, &[]);
    assert!(said.contains("error[record-conflict]") && said.contains("is on line 2 of"), "{said}");
    let booking = r#"[[fact]]
fact = "booking"
group = ["booking"]
booking = { column = "id" }
at = { column = "day" }
account = "acme"
arr = { sum = "amount" }
currency = "USD"
"#;
    let desk = Desk::of(booking);
    let files = [
        desk.file("a.csv", "id,day,amount\nB-1,2027-05-01,5\n"),
        desk.file("b.csv", "id,day,amount\nB-1,2027-05-01,7\n"),
    ];
    let said = desk.refused(&files, &[]);
    assert!(said.contains("error[record-conflict]") && said.contains("`arr` is 5 there and 7 here"), "{said}");
}

#[test]
fn sums_without_a_key_both_count() {
    let signal = r#"[[fact]]
fact = "signal"
group = ["account", "at"]
signal = "spend"
account = { column = "id" }
at = { column = "day" }
value = { sum = "amount" }
currency = "USD"
"#;
    let desk = Desk::of(signal);
    let files = [
        desk.file("a.csv", "id,day,amount\nacme,2027-05-01,5\n"),
        desk.file("b.csv", "id,day,amount\nacme,2027-05-01,7\n"),
    ];
    let (out, said) = desk.record(&files, &[]);
    assert_eq!(out, "2 new, 0 restated, 0 known\n");
    assert!(said.contains("map-files-overlap") && said.contains("both sums count"), "{said}");
}
