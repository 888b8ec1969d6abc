//! Other people's exports: mapped, recorded, known again, refused at the cell, set aside.

use std::io::Write;

use crate::kit::Desk;

const MAP: &str = r#"[source]
decimal = ","

[[table]]
name = "motions"
rows = { New = "new-logo", Up = "expansion" }

[[fact]]
fact = "booking"
when = [{ column = "Stage", is = "Won" }]
booking = { column = "Id" }
at = { column = "Closed", date = "%d.%m.%Y" }
account = { column = "Account" }
motion = { column = "Type", lookup = "motions" }
arr = { column = "Amount" }
currency = "USD"
credit = [{ payee = { column = "Owner" }, percent = "100%" }]
source = { column = "Id", prefix = "crm:" }
"#;

const CSV: &str = "Id,Account,Owner,Type,Stage,Closed,Amount
7,acme,ana,New,Won,20.01.2027,\"1.000,50\"
8,acme,ana,New,Lost,21.01.2027,5
9,acme,ana,Up,Won,19.01.2027,250
";

fn desk() -> Desk {
    let desk = Desk::with_facts();
    desk.write("map.toml", MAP);
    desk.write("deals.csv", CSV);
    desk
}

const RECORD: [&str; 4] = ["record", "--map", "map.toml", "deals.csv"];

#[test]
fn an_export_is_recorded_once_with_its_mapping_before_it() {
    let desk = desk();
    let run = desk.ok(&RECORD);
    assert_eq!(run.out, "2 new, 0 restated, 0 known\n");
    assert!(run.err.contains("1 row left out of `booking` (line 8 of the mapping)"), "{}", run.err);
    let log = desk.json(&["log", "--from", "6"]);
    assert_eq!((&log[0]["kind"], &log[0]["record"]["name"]), (&"mapping".into(), &"map.toml".into()));
    assert_eq!(log[0]["record"]["text"], MAP);
    // By date, whatever the rows' order.
    let booking = |at: usize| (log[at]["fact"]["booking"].clone(), log[at]["fact"]["source"].clone());
    assert_eq!([booking(1), booking(2)], [("9".into(), "crm:9".into()), ("7".into(), "crm:7".into())]);
    assert_eq!(log[2]["fact"]["arr"], "1000.5");
    let before = desk.bytes();
    for _ in 0..3 {
        assert_eq!(desk.ok(&RECORD).out, "0 new, 0 restated, 2 known\n");
    }
    assert_eq!(desk.bytes(), before);
    assert_eq!(desk.json(&["verify"])["verdict"], "consistent");
    assert!(desk.ok(&["log", "--from", "6"]).out.contains("mapping"));
    assert!(desk.ok(&["show", "6"]).out.contains("map.toml"));
}

#[test]
fn a_mapping_is_kept_only_with_facts_that_are_new() {
    let desk = desk();
    desk.ok(&RECORD);
    desk.write("map.toml", format!("# the same with another word\n{MAP}"));
    let before = desk.bytes();
    desk.ok(&RECORD);
    assert_eq!(desk.bytes(), before);
    desk.write("deals.csv", format!("{CSV}10,acme,ana,New,Won,22.01.2027,1\n"));
    desk.ok(&RECORD);
    let log = desk.json(&["log", "--from", "9"]);
    let kinds: Vec<&str> = log.as_array().expect("a list").iter().filter_map(|entry| entry["kind"].as_str()).collect();
    assert_eq!(kinds, ["mapping", "booking"]);
}

#[test]
fn packed_files_pipes_and_other_formats_are_the_same() {
    let desk = desk();
    desk.ok(&RECORD);
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gz.write_all(CSV.as_bytes()).expect("memory");
    desk.write("deals.csv.gz", gz.finish().expect("memory"));
    let known = "0 new, 0 restated, 2 known\n";
    assert_eq!(desk.ok(&["record", "--map", "map.toml", "deals.csv.gz"]).out, known);
    let run = desk.run_with(&["record", "--map", "map.toml", "-"], CSV.as_bytes());
    assert_eq!((run.out.as_str(), run.status), (known, 0), "{run:?}");
    desk.write(
        "deals.tsv",
        "Id\tAccount\tOwner\tType\tStage\tClosed\tAmount\n7\tacme\tana\tNew\tWon\t20.01.2027\t1000,5\n",
    );
    assert_eq!(desk.ok(&["record", "--map", "map.toml", "deals.tsv"]).out, "0 new, 0 restated, 1 known\n");
    let line = r#"{"Id": 7, "Account": "acme", "Owner": "ana", "Type": "New", "Stage": "Won", "Closed": "20.01.2027", "Amount": "1000,5"}"#;
    desk.write("deals.jsonl", line);
    assert_eq!(desk.ok(&["record", "--map", "map.toml", "deals.jsonl"]).out, "0 new, 0 restated, 1 known\n");
    desk.write("broken.csv.gz", b"\x1f\x8bnonsense");
    desk.refused(&["record", "--map", "map.toml", "broken.csv.gz"], 1, "map-packed");
}

#[test]
fn a_mistake_of_the_mapping_is_drawn_where_it_is() {
    let desk = desk();
    desk.write("map.toml", MAP.replace("\"Amount\"", "\"Amuont\"").replace("motion =", "moiton ="));
    let run = desk.refused(&RECORD, 1, "map-column");
    let expected = "\
error[map-unknown-key]: `moiton` is no key of a booking
  --> map.toml:14:1
   |
14 | moiton = { column = \"Type\", lookup = \"motions\" }
   | ^^^^^^
  = help: did you mean `motion`?
error[map-column]: `Amuont` is no column of `deals.csv`
  --> map.toml:15:18
   |
15 | arr = { column = \"Amuont\" }
   |                  ^^^^^^^^
  = help: did you mean `Amount`?
";
    assert_eq!(run.err, expected);
}

#[test]
fn a_row_that_fails_is_shown_at_its_cell_and_nothing_is_recorded() {
    let desk = desk();
    desk.write("deals.csv", format!("{CSV}10,acme,ana,New,Won,31.02.2027,abc\n"));
    let run = desk.refused(&RECORD, 1, "map-date");
    let expected = "\
error[map-number]: `abc` is not a number, in column `Amount`
 --> deals.csv:5:32
  |
5 | 10,acme,ana,New,Won,31.02.2027,abc
  |                                ^^^
";
    assert!(run.err.contains(expected), "{}", run.err);
}

#[test]
fn what_admission_refuses_is_shown_at_its_cell_too() {
    let desk = desk();
    desk.write("deals.csv", CSV.replace("9,acme,ana", "9,acme,bob"));
    let run = desk.refused(&RECORD, 1, "fact-payee-unknown");
    assert!(run.err.contains("in column `Owner`\n --> deals.csv:4:8"), "{}", run.err);
}

#[test]
fn rows_that_fail_are_set_aside() {
    let desk = desk();
    let bad = "10,acme,bob,New,Won,22.01.2027,abc";
    desk.write(
        "deals.csv",
        format!("{}{bad}\n11,acme,ana,New,Won,22.01.2027,1,2\n", CSV.replace("9,acme,ana", "9,acme,bob")),
    );
    let run = desk.run(&[&RECORD[..], &["--rejects", "rejects.csv"]].concat());
    assert_eq!((run.out.as_str(), run.status), ("1 new, 0 restated, 0 known\n", 3), "{run:?}");
    let rejects = desk.read("rejects.csv");
    let rows: Vec<&str> = rejects.lines().collect();
    assert_eq!(rows[0], "Id,Account,Owner,Type,Stage,Closed,Amount,problem");
    assert!(
        rows[1].starts_with("9,acme,bob,Up,Won,19.01.2027,250,") && rows[1].contains("fact-payee-unknown"),
        "{rejects}"
    );
    assert!(rows[2].starts_with(bad) && rows[2].contains("map-number"), "{rejects}");
    // What has too many cells is at the end, as it came.
    assert_eq!(rows[3..], ["11,acme,ana,New,Won,22.01.2027,1,2"]);
    // Mended, the mapping reads them again as they are.
    let mended = rejects.replace("acme,bob", "acme,ana").replace(",abc,", ",\"1.000,50\",");
    desk.write("mended.csv", mended.replace("22.01.2027,1,2", "22.01.2027,1"));
    assert_eq!(desk.ok(&["record", "--map", "map.toml", "mended.csv"]).out, "3 new, 0 restated, 0 known\n");
    assert_eq!(desk.json(&["verify"])["verdict"], "consistent");
}

#[test]
fn several_facts_of_a_row_are_set_aside_once() {
    let desk = desk();
    let signal = "\n[[fact]]\nfact = \"signal\"\nat = { column = \"Closed\", date = \"%d.%m.%Y\" }\nsignal = \"won\"\nbooking = { column = \"Id\" }\nsource = { column = \"Id\" }\nvalue = { column = \"Amount\" }\n";
    desk.write("map.toml", format!("{MAP}{signal}"));
    desk.write("deals.csv", format!("{CSV}10,acme,ana,Odd,Won,22.01.2027,abc\n"));
    assert_eq!(desk.run(&[&RECORD[..], &["--rejects", "rejects.csv"]].concat()).status, 3);
    let rejects = desk.read("rejects.csv");
    assert_eq!(rejects.lines().count(), 2, "{rejects}");
    assert!(rejects.contains("map-lookup: ") && rejects.contains("; map-number: "), "{rejects}");
}

#[test]
fn a_fact_that_is_too_long_is_set_aside_and_is_not_in_the_log() {
    let desk = Desk::with_facts();
    let long = "x".repeat(2_000);
    let attributes: Vec<String> = (0..5).map(|number| format!("a{number} = {{ column = \"t\" }}")).collect();
    let account = "[[fact]]\nfact = \"account\"\nat = 2027-01-01\naccount = { column = \"a\" }\n";
    desk.write("map.toml", format!("{account}attributes = {{ {} }}\n", attributes.join(", ")));
    desk.write("accounts.csv", format!("a,t\nlong,{long}\n"));
    let before = desk.ok(&["log", "--format", "json"]).out;
    let arguments = ["record", "--map", "map.toml", "accounts.csv", "--rejects", "rejects.csv"];
    assert_eq!(desk.run(&arguments).out, "0 new, 0 restated, 0 known\n");
    assert!(desk.read("rejects.csv").contains("fact-long"));
    // Neither the fact nor a mapping that nothing came of.
    assert_eq!(desk.ok(&["log", "--format", "json"]).out, before);
    desk.write("accounts.csv", format!("a,t\nlong,{long}\nshort,y\n"));
    assert_eq!(desk.run(&arguments).out, "1 new, 0 restated, 0 known\n");
    assert_eq!(desk.json(&["verify"])["verdict"], "consistent");
    assert_eq!(desk.json(&["log", "--from", "7"])[0]["fact"]["account"], "short");
}

#[test]
fn a_dry_run_says_what_would_be_made_and_needs_no_book() {
    let desk = Desk::new();
    desk.write("map.toml", MAP);
    desk.write("deals.csv", CSV);
    let before = desk.bytes();
    let run = desk.ok(&[&RECORD[..], &["--dry-run"]].concat());
    let expected = r#"2 booking
  {"fact":"booking","at":"2027-01-19","booking":"9","account":"acme","motion":"expansion","arr":"250","currency":"USD","credit":[{"payee":"ana","role":"primary","percent":"100%"}],"source":"crm:9"}
  {"fact":"booking","at":"2027-01-20","booking":"7","account":"acme","motion":"new-logo","arr":"1000.5","currency":"USD","credit":[{"payee":"ana","role":"primary","percent":"100%"}],"source":"crm:7"}
  sum of arr: 1250.5 USD
of 3 rows
  1 row left out of `booking` (line 8 of the mapping), not so: `{ column = "Stage", is = "Won" }`
"#;
    assert_eq!(run.out, expected);
    let json = desk.json(&[&RECORD[..], &["--dry-run"]].concat());
    assert_eq!(json["facts"][0]["sums"].to_string(), r#"[{"currency":"USD","field":"arr","sum":"1250.5"}]"#);
    assert_eq!((&json["facts"][0]["count"], &json["rows"]), (&2.into(), &3.into()));
    assert_eq!(json["left_out"][0]["rows"], 1);
    assert_eq!(desk.bytes(), before);
    desk.write("deals.csv", format!("{CSV}10,acme,ana,New,Won,22.01.2027,abc\n"));
    let run = desk.run(&[&RECORD[..], &["--dry-run"]].concat());
    assert!(run.status == 1 && run.out.starts_with("2 booking") && run.err.contains("error[map-number]"), "{run:?}");
    // A file of facts is compared with a book, so it needs one.
    desk.refused(&["record", "--dry-run", "deals.csv"], 1, "book-missing");
}

fn when_known(desk: &Desk, manner: &str) {
    desk.write("map.toml", format!("{MAP}when-known = \"{manner}\"\n"));
}

#[test]
fn a_booking_that_is_known_with_other_content_is_refused_corrected_or_left_out() {
    let desk = desk();
    desk.ok(&RECORD);
    desk.write("deals.csv", CSV.replace("250", "300"));
    let run = desk.refused(&RECORD, 1, "map-known");
    assert!(run.err.contains("`booking:9` is recorded already with other content, in column `Id`"), "{}", run.err);
    when_known(&desk, "refuse");
    desk.refused(&RECORD, 1, "map-known");
    when_known(&desk, "skip");
    let before = desk.bytes();
    assert_eq!(desk.ok(&RECORD).out, "0 new, 0 restated, 1 known, 1 left out\n");
    assert_eq!(desk.json(&RECORD)["skipped"], 1);
    assert_eq!(desk.bytes(), before);
    when_known(&desk, "correct");
    let shown = |old: &str, new: &str| {
        format!("0 new, 1 restated, 1 known\n  booking 9: arr {old} -> {new} USD, replaces entry ")
    };
    let corrected = desk.ok(&RECORD).out;
    assert!(corrected.starts_with(&shown("250", "300")), "{corrected}");
    assert!(corrected.ends_with("\n  booking in all: 250 -> 300 USD\n"), "{corrected}");
    assert_eq!(desk.ok(&RECORD).out, "0 new, 0 restated, 2 known\n");
    // What was corrected since does not come back unasked.
    desk.write("deals.csv", CSV);
    desk.refused(&RECORD, 1, "fact-superseded");
    assert_eq!(
        desk.ok(&[&RECORD[..], &["--skip-superseded"]].concat()).out,
        "0 new, 0 restated, 1 known, 1 left out\n"
    );
    let restated = desk.ok(&[&RECORD[..], &["--restate"]].concat()).out;
    assert!(restated.starts_with(&shown("300", "250")), "{restated}");
}

#[test]
fn a_booking_that_is_twice_in_an_export_is_corrected_by_its_later_row_if_the_export_is_a_history() {
    let desk = desk();
    when_known(&desk, "correct");
    // The later row has the earlier date.
    desk.write("deals.csv", format!("{CSV}7,acme,ana,New,Won,02.01.2027,5\n"));
    desk.refused(&RECORD, 1, "record-conflict");
    let history = [&RECORD[..], &["--history"]].concat();
    assert!(desk.ok(&history).out.starts_with("2 new, 1 restated, 0 known\n"));
    let log = desk.json(&["log"]);
    let last = log.as_array().and_then(|log| log.last()).expect("entries");
    assert_eq!((&last["fact"]["at"], &last["fact"]["arr"]), (&"2027-01-02".into(), &"5".into()));
    let before = desk.bytes();
    assert_eq!(desk.ok(&RECORD).out, "0 new, 0 restated, 3 known\n");
    assert_eq!(desk.bytes(), before);
}

#[test]
fn other_kinds_are_known_by_their_key_too() {
    let desk = Desk::with_facts();
    let record = |kind: &str, fields: &str, cell: &str, manner: &str| {
        let known = if manner.is_empty() { String::new() } else { format!("when-known = \"{manner}\"\n") };
        desk.write("map.toml", format!("[[fact]]\nfact = \"{kind}\"\n{fields}\n{known}"));
        desk.write("rows.csv", format!("v\n{cell}\n"));
        let run = desk.run(&["record", "--map", "map.toml", "rows.csv"]);
        if run.status == 0 {
            run.out.lines().next().unwrap_or_default().to_owned()
        } else {
            run.err.split(['[', ']']).nth(1).expect("a code").to_owned()
        }
    };
    let cases = [
        (
            "quota",
            "at = 2027-02-01\npayee = \"ana\"\nplan = \"land\"\ncomponent = \"new-logo\"\namount = { column = \"v\" }",
        ),
        (
            "usage-snapshot",
            "account = \"acme\"\nfrom = 2027-01-01\nto = 2027-01-31\ncurrency = \"USD\"\namount = { column = \"v\" }",
        ),
        ("payee", "at = 2027-03-01\npayee = \"ana\"\nteam = { column = \"v\" }"),
        (
            "assignment",
            "at = 2027-01-01\nuntil = 2027-12-31\npayee = \"ana\"\nplan = \"land\"\nquota = { new-logo = { column = \"v\" } }",
        ),
    ];
    for (kind, fields) in cases {
        let of = |cell: &str, manner: &str| record(kind, fields, cell, manner);
        // An assignment is there already, with another quota.
        let first = if kind == "assignment" { "0 new, 1 restated, 0 known" } else { "1 new, 0 restated, 0 known" };
        assert_eq!(of("1", "correct"), first, "{kind}");
        assert_eq!(of("1", "refuse"), "0 new, 0 restated, 1 known", "{kind}");
        assert_eq!(of("2", "refuse"), "map-known", "{kind}");
        assert_eq!(of("2", "skip"), "0 new, 0 restated, 0 known, 1 left out", "{kind}");
        assert_eq!(of("2", "correct"), "0 new, 1 restated, 0 known", "{kind}");
        assert_eq!(of("2", "skip"), "0 new, 0 restated, 1 known", "{kind}");
        assert_eq!(of("1", "correct"), "fact-superseded", "{kind}");
    }
    // Without a word it is what recording does: quotas and usage take the place, payees change, which is a restatement too.
    assert_eq!(record(cases[0].0, cases[0].1, "3", ""), "0 new, 1 restated, 0 known");
    assert_eq!(record(cases[1].0, cases[1].1, "3", ""), "0 new, 1 restated, 0 known");
    assert_eq!(record(cases[2].0, cases[2].1, "3", ""), "0 new, 1 restated, 0 known");
}

#[test]
fn signals_are_known_by_their_source() {
    let desk = Desk::with_facts();
    let map = "[[fact]]\nfact = \"signal\"\nat = { column = \"d\" }\nsignal = \"live\"\naccount = \"acme\"\n";
    desk.write("map.toml", map);
    desk.write("events.csv", "e,d\ne-1,2027-01-01\ne-2,2027-01-01\n");
    let record = ["record", "--map", "map.toml", "events.csv"];
    let run = desk.ok(&record);
    assert_eq!(run.out, "2 new, 0 restated, 0 known\n");
    assert!(run.err.contains("warning[map-source]"), "{}", run.err);
    assert_eq!(desk.ok(&record).out, "0 new, 0 restated, 2 known\n");
    // With something that stays the same, another export may have other lines.
    desk.write("map.toml", format!("{map}source = {{ column = \"e\", prefix = \"crm:\" }}\n"));
    let run = desk.ok(&record);
    assert_eq!((run.out.as_str(), run.err.contains("warning")), ("2 new, 0 restated, 0 known\n", false));
    desk.write("events.csv", "e,d\ne-3,2027-01-02\ne-2,2027-01-01\ne-1,2027-01-01\n");
    assert_eq!(desk.ok(&record).out, "1 new, 0 restated, 2 known\n");
}

#[test]
fn a_retraction_and_a_correction_can_be_mapped() {
    let desk = desk();
    desk.ok(&RECORD);
    let map = "[[fact]]\nfact = \"retraction\"\nretracts = { column = \"Id\", prefix = \"booking:\" }\nreason = \"fell through\"\n";
    desk.write("gone.toml", map);
    desk.write("gone.csv", "Id\n9\n");
    let gone = "0 new, 1 restated, 0 known\n  booking 9: motion expansion, arr 250 USD, credit ana 100% -> withdrawn, retracts entry 7\n  booking in all: 250 -> 0 USD\n";
    assert_eq!(desk.ok(&["record", "--map", "gone.toml", "gone.csv"]).out, gone);
    desk.write("map.toml", format!("{MAP}corrects = {{ column = \"Id\", prefix = \"booking:\" }}\n"));
    desk.write("deals.csv", CSV.replace("1.000,50", "2.000").lines().take(2).collect::<Vec<_>>().join("\n"));
    assert!(desk.ok(&RECORD).out.starts_with("0 new, 1 restated, 0 known\n"));
}

#[test]
fn what_cannot_be_read_is_the_worlds_failure() {
    let desk = desk();
    desk.refused(&["record", "--map", "nowhere.toml", "deals.csv"], 74, "io");
    desk.refused(&["record", "--map", "map.toml", "nowhere.csv"], 74, "io");
    desk.write("latin.csv", b"Id,Account,Owner,Type,Stage,Closed,Amount\n7,M\xfcller,ana,New,Won,20.01.2027,1\n");
    let run = desk.refused(&["record", "--map", "map.toml", "latin.csv"], 1, "map-encoding");
    assert!(run.err.contains("latin.csv:2:4"), "{}", run.err);
    desk.write("map.toml", MAP.replace("[source]", "[source]\nencoding = \"latin-1\""));
    assert_eq!(desk.ok(&["record", "--map", "map.toml", "latin.csv"]).out, "1 new, 0 restated, 0 known\n");
    assert_eq!(desk.json(&["log", "--from", "7"])[0]["fact"]["account"], "Müller");
    desk.write("map.toml", b"\xff");
    desk.refused(&RECORD, 1, "map-encoding");
}

/// A row that is set aside takes all rows of its groups along, for a sum is right only with all of them.
#[test]
fn rows_of_a_group_stay_together_when_one_is_set_aside() {
    let desk = Desk::with_facts();
    let usage = "[[fact]]\nfact = \"usage-snapshot\"\ngroup = [\"account\", \"from\"]\naccount = { column = \"a\" }\nfrom = { column = \"d\" }\nto = { same = \"from\" }\namount = { sum = \"n\" }\ncurrency = \"USD\"\n";
    let signal = "[[fact]]\nfact = \"signal\"\nat = { column = \"d\" }\nsignal = \"s\"\naccount = { column = \"a\" }\nvalue = { column = \"v\" }\nsource = { column = \"i\" }\n";
    desk.write("map.toml", format!("[source]\nheader = 2\nskip-last = 1\n{usage}{signal}"));
    let row = |number: u32, day: u32, value: &str| format!("{number},acme,2027-05-0{day},10,{value}\n");
    let rows = [row(1, 1, "1"), row(2, 1, "x"), row(3, 2, "1")].concat();
    desk.write("rows.csv", format!("title\ni,a,d,n,v\n{rows}end\n"));
    let arguments = ["record", "--map", "map.toml", "rows.csv", "--rejects", "rejects.csv"];
    let run = desk.run(&arguments);
    assert_eq!((run.out.as_str(), run.status), ("4 new, 0 restated, 0 known\n", 3), "{run:?}");
    let rejects = desk.read("rejects.csv");
    assert_eq!(rejects.lines().map(|line| &line[..2]).collect::<Vec<_>>(), ["(p", "i,", "1,", "2,", "(p"], "{rejects}");
    // Mended and read again, the sum is the same and only the signal is new.
    desk.write("mended.csv", rejects.replace(",x,", ",1,"));
    assert_eq!(desk.ok(&["record", "--map", "map.toml", "mended.csv"]).out, "1 new, 0 restated, 2 known\n");
    // A file of rows is not given a name by which it would be read in another way.
    desk.refused(&["record", "--map", "map.toml", "rows.csv", "--rejects", "r.jsonl"], 1, "record-rejects-format");
}

#[test]
fn rejects_of_json_lines_have_a_member_more() {
    let desk = Desk::with_facts();
    desk.write("map.toml", "[[fact]]\nfact = \"account\"\nat = { column = \"d\" }\naccount = { column = \"a.id\" }\n");
    desk.write("rows.jsonl", "{\"a\": {\"id\": \"x\"}, \"d\": \"2027-02-29\", \"problem\": \"of before\"}\n{\"a\": {\"id\": \"y\"}, \"d\": \"2027-02-01\"}\n");
    let run = desk.run(&["record", "--map", "map.toml", "rows.jsonl", "--rejects", "r.jsonl"]);
    assert_eq!((run.out.as_str(), run.status), ("1 new, 0 restated, 0 known\n", 3), "{run:?}");
    let rejects = desk.read("r.jsonl");
    assert!(rejects.starts_with("{\"a\":{\"id\": \"x\"},\"d\":\"2027-02-29\",\"problem\":\"map-date: "), "{rejects}");
    desk.write("mended.jsonl", rejects.replace("02-29", "02-28"));
    assert_eq!(desk.ok(&["record", "--map", "map.toml", "mended.jsonl"]).out, "1 new, 0 restated, 0 known\n");
}

#[test]
fn files_of_spreadsheet_programs_are_read() {
    let desk = Desk::with_facts();
    let map = "[[fact]]\nfact = \"account\"\nat = { column = \"since\" }\naccount = { column = \"id\" }\n";
    desk.write("map.toml", map);
    let record = |text: &[u8]| {
        desk.write("rows.csv", text);
        desk.ok(&["record", "--map", "map.toml", "rows.csv"]).out
    };
    assert_eq!(record(b"sep=;\r\nid;since\r\na;2027-01-01\r\n"), "1 new, 0 restated, 0 known\n");
    let utf16 = |text: &str, mark: &[u8], bytes: fn(u16) -> [u8; 2]| {
        [mark, &text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>()].concat()
    };
    let text = "id,since\nGröße,2027-01-01\n";
    assert_eq!(record(&utf16(text, b"\xff\xfe", u16::to_le_bytes)), "1 new, 0 restated, 0 known\n");
    assert_eq!(record(&utf16(text, b"\xfe\xff", u16::to_be_bytes)), "0 new, 0 restated, 1 known\n");
    desk.write("map.toml", format!("[source]\nencoding = \"utf-16\"\n{map}"));
    assert_eq!(record(&utf16(text, b"", u16::to_le_bytes)), "0 new, 0 restated, 1 known\n");
    desk.write("rows.csv", [&utf16("id,since\n", b"", u16::to_le_bytes)[..], b"\x00\xdc"].concat());
    desk.refused(&["record", "--map", "map.toml", "rows.csv"], 1, "map-encoding");
}

const PAGE: &str = include_str!("../../../docs/mapping.md");

/// The blocks of the page, in order.
fn blocks(language: &str) -> Vec<String> {
    let of = |block: &str| block.split("\n```").next().map(|text| format!("{text}\n"));
    PAGE.split(&format!("```{language}\n")[..]).skip(1).filter_map(of).collect()
}

#[test]
fn the_example_of_the_page_comes_out_as_it_says() {
    let desk = Desk::new();
    desk.write("map.toml", &blocks("toml")[0]);
    let files = blocks("csv");
    desk.write("lines.csv", &files[0]);
    desk.write("sellers.csv", &files[1]);
    let run = desk.ok(&["record", "--map", "map.toml", "--dry-run", "lines.csv"]);
    assert_eq!(run.out, blocks("text")[0]);
}

#[test]
fn the_page_has_every_key_and_code() {
    let sources = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let readers = ["date.rs", "mod.rs", "source.rs", "table.rs", "fact.rs", "value.rs", "when.rs"];
    let files =
        readers.map(|reader| format!("mapping/read/{reader}")).into_iter().chain(["wording/mapping.rs".to_owned()]);
    let mut wanted = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(sources.join(file)).expect("a source");
        let text = text.split("#[cfg(test)]").next().unwrap_or_default().replace("(\n", "(").replace("( ", "(");
        for taken in text.split(".take(").chain(text.split(".need(")) {
            wanted.extend(
                taken.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next()).map(str::to_owned),
            );
        }
        let codes = text.split('"').filter(|word| word.starts_with("map-") && word.len() > 4);
        wanted.extend(codes.map(str::to_owned));
    }
    assert!(wanted.len() > 60, "{wanted:?}");
    let is_there = |word: &String| PAGE.contains(&format!("`{word}`")) || PAGE.contains(&format!("[[{word}]]"));
    let missing: Vec<&String> = wanted.iter().filter(|word| !is_there(word) && *word != "source").collect();
    assert!(missing.is_empty(), "docs/mapping.md does not have {missing:?}");
}

#[test]
fn a_hundred_problems_are_told_and_the_others_counted() {
    let desk = desk();
    desk.write("deals.csv", format!("{CSV}{}", "10,acme,ana,New,Won,22.01.2027,abc\n".repeat(150)));
    for more in [&[][..], &["--dry-run"]] {
        let run = desk.run(&[&RECORD[..], more].concat());
        assert_eq!((run.status, run.err.matches("error[map-number]").count()), (1, 100), "{run:?}");
        assert!(run.err.contains("error[record-more]: 50 more problems were found"), "{}", run.err);
    }
}

#[test]
fn a_header_that_cannot_be_read_is_shown_where_it_is() {
    let desk = desk();
    desk.write("deals.csv", "Id,\"Account\n7,acme\n");
    let run = desk.refused(&RECORD, 1, "map-row");
    assert!(run.err.contains("deals.csv:1:4"), "{}", run.err);
    desk.write("deals.csv", "");
    desk.refused(&RECORD, 1, "map-column");
}

#[test]
fn an_unknown_payee_is_drawn_at_its_own_cell_and_not_at_an_account_of_that_name() {
    let desk = desk();
    desk.write("deals.csv", "Id,Account,Owner,Type,Stage,Closed,Amount\n7,zed,zed,New,Won,20.01.2027,5\n");
    let problems = desk.problems(&RECORD, 1);
    let problem = problems.as_array().and_then(|list| list.last()).expect("a problem");
    assert_eq!((&problem["code"], &problem["column"]), (&"fact-payee-unknown".into(), &7.into()), "{problem}");
    assert_eq!(problem["message"], "there is no payee `zed`, in column `Owner`");
}

/// An empty cell is not 0: the sum would say less than the export does.
#[test]
fn a_sum_lacks_no_value() {
    let desk = Desk::with_facts();
    desk.write(
        "sum.toml",
        "[[fact]]\nfact = \"usage-snapshot\"\ngroup = [\"account\", \"from\"]\naccount = { column = \"a\" }\nfrom = { column = \"d\" }\nto = { same = \"from\" }\namount = { sum = \"n\" }\ncurrency = \"USD\"\n",
    );
    desk.write("events.csv", "a,d,n\nacme,2027-01-05,10.00\nacme,2027-01-05,\nacme,2027-01-05,2\n");
    let before = desk.bytes();
    let run = desk.refused(&["record", "--map", "sum.toml", "events.csv"], 1, "map-no-value");
    assert!(run.err.contains("events.csv:3"), "{}", run.err);
    assert_eq!(desk.bytes(), before);
}

// skip-last ------------------------------------------------------------------------------------------------------------

const COSTS: &str = "[[fact]]\nfact = \"usage-snapshot\"\naccount = { column = \"Account\" }\nfrom = { column = \"Day\" }\nto = { same = \"from\" }\namount = { column = \"Cost\" }\ncurrency = \"USD\"\n";

const DAYS: &str = "Account,Day,Cost\na,2027-01-05,5\nb,2027-01-06,6\nc,2027-01-07,7\n";

/// A desk with costs that are read by these keys of the source.
fn costs(source: &str, rows: &str) -> Desk {
    let desk = Desk::with_facts();
    desk.write("map.toml", format!("[source]\n{source}\n{COSTS}"));
    desk.write("rows.csv", rows);
    desk
}

const RECORD_COSTS: [&str; 4] = ["record", "--map", "map.toml", "rows.csv"];

#[test]
fn last_rows_that_are_no_footer_are_warned_of() {
    let desk = costs("skip-last = 2", DAYS);
    let dry = desk.ok(&[&RECORD_COSTS[..], &["--dry-run"]].concat());
    let counted = "2 rows at the end of `rows.csv` passed over by `skip-last`: lines 3 to 4\n";
    assert!(dry.out.contains(&format!("of 1 row\n  {counted}")), "{}", dry.out);
    let run = desk.ok(&RECORD_COSTS);
    assert_eq!(run.out, "1 new, 0 restated, 0 known\n");
    let warned = "`skip-last = 2` passes over this row, which has all that a usage-snapshot needs, and 1 more row";
    for run in [&dry, &run] {
        assert!(run.err.contains("warning[map-passed-over]") && run.err.contains(warned), "{}", run.err);
        assert!(run.err.contains("rows.csv:3:1"), "{}", run.err);
    }
    assert!(run.err.contains(counted), "{}", run.err);
    let json = desk.json(&[&RECORD_COSTS[..], &["--dry-run"]].concat());
    let expected = r#"[{"file":"rows.csv","from_line":3,"part":"end","rows":2,"to_line":4}]"#;
    assert_eq!(json["passed_over"].to_string(), expected);
    assert_eq!(desk.json(&RECORD_COSTS)["passed_over"].to_string(), expected);
}

#[test]
fn a_footer_is_counted_and_not_warned_of() {
    for (skip_last, footer) in [
        (1, "Total,,18\n"),
        (1, "Total,2027-01-31,18\n"),
        (1, "Generated by X\n"),
        (1, "***,***,***\n"),
        (2, "Total,,18\n\nGenerated by X,,\n"),
    ] {
        let desk = costs(&format!("skip-last = {skip_last}"), &format!("{DAYS}{footer}"));
        let run = desk.ok(&RECORD_COSTS);
        assert_eq!(run.out, "3 new, 0 restated, 0 known\n", "{footer}");
        assert!(
            !run.err.contains("warning[map-") && run.err.contains("passed over by `skip-last`: line"),
            "{}",
            run.err
        );
    }
    // Where the mapping takes nothing but names, a footer has fewer of them than other rows have.
    let map = "[source]\nskip-last = 1\n[[fact]]\nfact = \"account\"\nat = 2027-01-01\naccount = { column = \"id\" }\nregion = { column = \"region\" }\n";
    for (last, is_warned) in [("Generated by X,", false), ("c,US", true)] {
        let desk = Desk::with_facts();
        desk.write("map.toml", map);
        desk.write("rows.csv", format!("id,region\na,EU\nb,US\n{last}\n"));
        assert_eq!(desk.ok(&RECORD_COSTS).err.contains("map-passed-over"), is_warned, "{last}");
    }
}

#[test]
fn lines_above_the_header_are_counted() {
    for source in ["header = 4", "header-matches = \"^Cost$\""] {
        let run = costs(source, &format!("Costs\nof January\n\n{DAYS}")).ok(&RECORD_COSTS);
        assert_eq!(run.out, "3 new, 0 restated, 0 known\n");
        assert!(run.err.contains("3 lines above the header of `rows.csv` passed over: lines 1 to 3\n"), "{}", run.err);
    }
}

#[test]
fn rows_that_are_all_passed_over_are_refused() {
    for skip_last in [3, 20] {
        let desk = costs(&format!("skip-last = {skip_last}"), DAYS);
        for more in [&[][..], &["--dry-run"]] {
            let run = desk.refused(&[&RECORD_COSTS[..], more].concat(), 1, "map-skip-last");
            assert!(run.err.contains("passes over all 3 rows of `rows.csv`"), "{}", run.err);
        }
    }
    // An export of nothing loses nothing.
    let desk = costs("skip-last = 1", "Account,Day,Cost\n");
    assert_eq!(desk.ok(&RECORD_COSTS).out, "0 new, 0 restated, 0 known\n");
}

#[test]
fn rejects_that_are_recorded_again_lose_no_row_in_silence() {
    let desk = costs("skip-last = 2", &format!("{}Total,,18\nGenerated by X\n", DAYS.replace(",6", ",x")));
    let run = desk.run(&[&RECORD_COSTS[..], &["--rejects", "rejects.csv"]].concat());
    assert_eq!((run.out.as_str(), run.status), ("2 new, 0 restated, 0 known\n", 3), "{run:?}");
    let mended = desk.read("rejects.csv").replace(",x,", ",6,");
    let lines: Vec<&str> = mended.lines().collect();
    assert_eq!(lines[2..], ["(passed over)", "(passed over)"]);
    let record = |text: &str| {
        desk.write("mended.csv", text);
        desk.run(&["record", "--map", "map.toml", "mended.csv", "--dry-run"])
    };
    let run = record(&mended);
    assert!(run.out.starts_with("1 usage-snapshot") && !run.err.contains("warning[map-"), "{run:?}");
    // A spreadsheet adds cells to the lines that are passed over.
    let run = record(&mended.replace("(passed over)", "(passed over),,,"));
    assert!(run.out.starts_with("1 usage-snapshot") && !run.err.contains("warning[map-"), "{run:?}");
    // Whoever takes those lines away is told.
    let run = record(&lines[..2].join("\n"));
    assert!(run.status == 1 && run.err.contains("error[map-skip-last]"), "{run:?}");
    let run = record(&format!("{}\n(passed over)\n", lines[..2].join("\n")));
    assert!(run.status == 1 && run.err.contains("error[map-skip-last]"), "{run:?}");
    let run = record(&format!("{}\n{1}\n{1}\n{1}\n", lines[0], lines[1]));
    assert!(run.out.starts_with("1 usage-snapshot") && run.err.contains("warning[map-passed-over]"), "{run:?}");
}

/// The rows behind a quote that is not closed are in one row with it: it is no footer.
#[test]
fn a_quote_that_is_not_closed_is_not_passed_over() {
    let desk = costs("skip-last = 1", &format!("{}Total,,18\n", DAYS.replace("b,", "\"b,")));
    let run = desk.refused(&RECORD_COSTS, 1, "map-row");
    assert!(run.err.contains("rows.csv:3:1") && run.err.contains("is not closed"), "{}", run.err);
    let run = desk.run(&[&RECORD_COSTS[..], &["--rejects", "rejects.csv"]].concat());
    assert_eq!((run.out.as_str(), run.status), ("1 new, 0 restated, 0 known\n", 3), "{run:?}");
    // As it came, it takes the line in place of the footer with it, and is refused once more.
    desk.refused(&["record", "--map", "map.toml", "rejects.csv"], 1, "map-row");
}

// Lost digits ----------------------------------------------------------------------------------------------------------

/// A spreadsheet with one sheet of these cells, which are XML.
fn spreadsheet(rows: &[&[&str]]) -> Vec<u8> {
    let row = |cells: &&[&str]| format!("<row>{}</row>", cells.concat());
    let sheet: String = rows.iter().map(row).collect();
    const MAIN: &str = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"";
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
    let relationships = |kind: &str, target: &str| {
        format!(
            "<Relationships xmlns=\"{PACKAGE}\"><Relationship Id=\"r1\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/></Relationships>"
        )
    };
    zip(&[
        ("_rels/.rels", relationships("officeDocument", "xl/workbook.xml")),
        ("xl/_rels/workbook.xml.rels", relationships("worksheet", "worksheets/sheet1.xml")),
        (
            "xl/workbook.xml",
            format!(
                "<workbook {MAIN} xmlns:r=\"{OFFICE}\"><sheets><sheet name=\"a\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        ("xl/worksheets/sheet1.xml", format!("<worksheet {MAIN}><sheetData>{sheet}</sheetData></worksheet>")),
    ])
}

/// Files in a zip file, not compressed.
fn zip(files: &[(&str, String)]) -> Vec<u8> {
    let crc = |bytes: &[u8]| {
        let step = |crc: u32, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 };
        !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
    };
    let length = |length: usize| u32::try_from(length).expect("a small file").to_le_bytes();
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, text) in files {
        let at = length(out.len());
        let lengths = [length(text.len()), length(text.len()), length(name.len())].concat();
        let about = [&[20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0][..], &crc(text.as_bytes()).to_le_bytes(), &lengths].concat();
        out.extend([b"PK\x03\x04", &about[..], name.as_bytes(), text.as_bytes()].concat());
        directory.extend([b"PK\x01\x02", &[20, 0][..], &about, &[0; 10], &at, name.as_bytes()].concat());
    }
    let count = u16::try_from(files.len()).expect("few files").to_le_bytes();
    let (size, at) = (length(directory.len()), length(out.len()));
    [out, directory, [b"PK\x05\x06", &[0; 4][..], &count, &count, &size, &at, &[0; 2]].concat()].concat()
}

fn text_cell(text: &str) -> String {
    format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

fn number_cell(number: &str) -> String {
    format!("<c><v>{number}</v></c>")
}

/// Two accounts of 18 digits are one in a spreadsheet, unless they are texts.
#[test]
fn numbers_that_a_spreadsheet_rounded_are_warned_of_where_they_are_texts() {
    let map = COSTS.replace("amount = { column", "group = [\"account\", \"from\"]\namount = { sum");
    let desk = Desk::with_facts();
    desk.write("map.toml", map);
    let header = ["Account", "Day", "Cost"].map(text_cell).concat();
    let day = text_cell("2027-01-05");
    let record = |file: &str, accounts: [String; 2], cost: &str| {
        let rows = accounts.map(|account| format!("{account}{day}{}", number_cell(cost)));
        desk.write(file, spreadsheet(&[&[&header], &[&rows[0]], &[&rows[1]]]));
        desk.ok(&["record", "--map", "map.toml", file])
    };
    let long = ["468769123456789012", "4.68769123456789013E+17"];
    let run = record("numbers.xlsx", long.map(number_cell), "5");
    assert_eq!(run.out, "1 new, 0 restated, 0 known\n");
    assert!(run.err.contains("warning[map-digits-lost]") && run.err.contains("numbers.xlsx:2:1"), "{}", run.err);
    let told = "`468769123456789000` in column `Account` is a number whose last digits were lost before the export";
    assert!(run.err.contains(told) && run.err.contains("and 1 more row"), "{}", run.err);
    // Texts have all their digits, and numbers up to 15.
    let run = record("texts.xlsx", ["468769123456789012", "468769123456789400"].map(text_cell), "123456789012345");
    assert!(run.out.starts_with("2 new") && !run.err.contains("map-digits-lost"), "{run:?}");
    let run = record("short.xlsx", ["468769123456789", "100000000000000"].map(number_cell), "5");
    assert!(run.out.starts_with("2 new") && !run.err.contains("map-digits-lost"), "{run:?}");
}

#[test]
fn numbers_with_an_exponent_are_warned_of_where_they_are_texts() {
    let rows = |account: &str, cost: &str| {
        [
            ("rows.csv", format!("Account,Day,Cost\n{account},2027-01-05,{cost}\n")),
            ("rows.jsonl", format!("{{\"Account\": {account}, \"Day\": \"2027-01-05\", \"Cost\": {cost}}}\n")),
        ]
    };
    for (account, cost, is_warned) in [
        ("4.68769E17", "5", true),
        ("4.6e17", "5", true),
        ("4.68769E+17", "5", true),
        ("468769123456789", "5", false),
        ("468769123456789012", "5", false),
        ("1.5e3", "5", false),
        ("7", "4.68769E+5", false),
    ] {
        for (file, text) in rows(account, cost) {
            let desk = Desk::with_facts();
            desk.write("map.toml", COSTS);
            desk.write(file, text);
            let run = desk.ok(&["record", "--map", "map.toml", file]);
            assert_eq!(run.err.contains("map-digits-lost"), is_warned, "{file} {account} {cost}: {}", run.err);
            assert!(!is_warned || run.err.contains(&format!("`{account}` in column `Account`")), "{}", run.err);
        }
    }
}

/// A number that is looked up, or by which rows count once, is a text there.
#[test]
fn keys_of_lookups_and_of_once_are_texts() {
    for (map, rows) in [
        (COSTS.replace("[[fact]]", "[[fact]]\nonce = \"Id\""), "Id,Account,Day,Cost\n4.6E+17,a,2027-01-05,5\n"),
        (
            format!("[[table]]\nname = \"t\"\nrows = {{ \"4.6E+17\" = 7 }}\n{COSTS}")
                .replace("{ column = \"Cost\" }", "{ column = \"Cost\", lookup = \"t\" }"),
            "Account,Day,Cost\na,2027-01-05,4.6E+17\n",
        ),
    ] {
        let desk = Desk::with_facts();
        desk.write("map.toml", map);
        desk.write("rows.csv", rows);
        assert!(desk.ok(&RECORD_COSTS).err.contains("warning[map-digits-lost]"), "{rows}");
    }
}
