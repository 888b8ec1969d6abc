//! Rows that are set aside are counted as rows, written as the source is written, and recorded again when they are mended.

use crate::support::TestBook;

const MAP: &str = r#"[[fact]]
fact = "usage-snapshot"
group = ["account", "from"]
account = { column = "id" }
from = { column = "day" }
to = { same = "from" }
amount = { sum = "amount" }
currency = "USD"
"#;

fn usage(desk: &TestBook) -> Vec<String> {
    let log = desk.json(&["log"]);
    let log = log.as_array().expect("entries").iter().filter(|entry| entry["kind"] == "usage-snapshot");
    log.map(|entry| format!("{} {}", entry["fact"]["account"], entry["fact"]["amount"]).replace('"', "")).collect()
}

#[test]
fn rows_of_json_lines_are_mended_and_recorded_again() {
    let desk = TestBook::with_book();
    let map = desk.write("map.toml", MAP);
    let row = |id: &str, amount: &str| format!("{{\"id\": \"{id}\", \"day\": \"2027-05-01\", \"amount\": {amount}}}\n");
    let rows = [row("acme", "5"), row("bolt", "1"), row("bolt", "\"x\""), row("bolt", "\"y\"")].concat();
    let rows = desk.write("rows.jsonl", &rows);
    let aside = desk.write("aside.jsonl", "");
    let run = desk.run(&["record", "--map", &map, &rows, "--rejects", &aside]);
    let said = String::from_utf8(run.stderr).expect("UTF-8");
    assert_eq!(run.status.code(), Some(3), "{said}");
    assert!(
        said.contains("3 rows were set aside in `") && said.contains("; 1 of them has no problem, and is in one group"),
        "{said}"
    );
    assert_eq!(usage(&desk), ["acme 5"]);
    let text = std::fs::read_to_string(&aside).expect("the rejects");
    let problems: Vec<String> = text
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON")["problem"].to_string())
        .collect();
    assert!(problems.len() == 3 && problems[1].contains("map-number: `x` is not a number"), "{text}");
    // Read as it is, it has the same problems.
    assert!(desk.refused(&["record", "--map", &map, &aside]).contains("aside.jsonl:2:"));
    let mended = desk.write("aside.jsonl", &text.replace("\"x\"", "2").replace("\"y\"", "4"));
    assert_eq!(desk.done(&["record", "--map", &map, &mended]), "1 new, 0 restated, 0 known\n");
    assert_eq!(usage(&desk), ["acme 5", "bolt 7"]);
}

#[test]
fn programs_get_the_number_of_rows() {
    let desk = TestBook::with_book();
    let map = desk.write("map.toml", MAP);
    let rows = desk.write("rows.csv", "id,day,amount\nacme,2027-05-01,5\nacme,2027-05-01,x\nbolt,2027-05-01,7\n");
    let aside = desk.write("aside.csv", "");
    let json = desk.json_ended(&["record", "--map", &map, &rows, "--rejects", &aside], 3);
    assert_eq!((&json["new"], &json["rejected"]), (&1.into(), &2.into()));
}
