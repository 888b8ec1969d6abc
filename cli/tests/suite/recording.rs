//! Facts in: counted, restated, refused, set aside.

use crate::kit::{Desk, FACTS, LATE, user};

#[test]
fn record_says_what_was_new_and_what_was_known() {
    let desk = Desk::with_facts();
    assert_eq!(desk.ok(&["record", "facts.jsonl"]).out, "0 new, 0 restated, 4 known\n");
    let recorded = desk.json(&["record", "facts.jsonl"]);
    assert_eq!(
        recorded.to_string(),
        r#"{"into_closed":0,"known":4,"missing":[],"new":0,"restated":0,"restated_sums":[],"restatements":[],"restatements_more":0,"size":6}"#
    );
}

#[test]
fn what_reaches_into_closed_months_is_said() {
    let desk = Desk::with_close();
    desk.write("late.jsonl", LATE);
    let expected =
        "1 new, 0 restated, 0 known; 1 reaches into closed months (the next close will post the differences)\n";
    assert_eq!(desk.ok(&["record", "late.jsonl"]).out, expected);
}

#[test]
fn standard_input_is_a_file_that_can_be_read_twice() {
    let desk = Desk::with_facts();
    let usage = r#"{"fact": "usage-snapshot", "account": "acme", "from": "2027-01-01", "to": "2027-01-31", "amount": "1", "currency": "USD"}"#;
    desk.write("usage.jsonl", usage);
    desk.ok(&["record", "usage.jsonl"]);
    let log = desk.json(&["log", "--from", "6"]);
    // A derived id of usage is in no index: it is looked for in the log, and the input is read once more.
    let id = log[0]["id"].as_str().expect("an id");
    let retraction = format!(r#"{{"fact": "retraction", "retracts": "{id}", "reason": "meter fault"}}"#);
    let run = desk.run_with(&["record", "-"], retraction.as_bytes());
    let gone = "0 new, 1 restated, 0 known\n  usage acme 2027-01-01..31: 1 USD -> withdrawn, retracts entry 6\n  usage in all: 1 -> 0 USD\n";
    assert_eq!((run.out.as_str(), run.status), (gone, 0), "{run:?}");
    desk.refused(&["record", "-", "-"], 1, "record-stdin");
}

#[test]
#[cfg(unix)]
fn a_pipe_is_read_once() {
    let desk = Desk::with_facts();
    let run = desk.run_with(&["record", "/dev/stdin"], crate::kit::LATE.as_bytes());
    assert_eq!((run.out.as_str(), run.status), ("1 new, 0 restated, 0 known\n", 0), "{run:?}");
}

#[test]
fn a_problem_is_drawn_where_it_is() {
    let desk = Desk::with_facts();
    desk.write("bad.jsonl", "{\"fact\": \"booking\", \"at\": \"2027-01-01\", \"motoin\": \"new\"}\n");
    let run = desk.refused(&["record", "bad.jsonl"], 1, "fact-field-unknown");
    let expected = "\
error[fact-field-unknown]: a booking has no field `motoin`
 --> bad.jsonl:1:41
  |
1 | {\"fact\": \"booking\", \"at\": \"2027-01-01\", \"motoin\": \"new\"}
  |                                         ^^^^^^^^
  = help: did you mean `motion`?
";
    assert!(run.err.ends_with(expected), "{}", run.err);
    let problems = desk.problems(&["record", "bad.jsonl"], 1);
    let problem = problems.as_array().and_then(|list| list.last()).expect("a problem");
    assert_eq!((&problem["line"], &problem["column"]), (&1.into(), &41.into()));
}

#[test]
fn a_file_with_one_bad_line_is_not_recorded() {
    let desk = Desk::with_facts();
    desk.write("mixed.jsonl", format!("{LATE}{{\"fact\": \"nonsense\"}}\n"));
    desk.refused(&["record", "mixed.jsonl"], 1, "fact-kind");
}

#[test]
fn rejects_are_set_aside_with_their_reasons() {
    let desk = Desk::with_facts();
    desk.write("mixed.jsonl", format!("{LATE}{{\"fact\": \"nonsense\"}}\n"));
    let run = desk.run(&["record", "mixed.jsonl", "--rejects", "rejects.jsonl"]);
    assert_eq!((run.out.as_str(), run.status), ("1 new, 0 restated, 0 known\n", 3), "{run:?}");
    assert!(run.err.contains("1 line was set aside in `rejects.jsonl`"), "{}", run.err);
    let rejects = desk.read("rejects.jsonl");
    let reject: serde_json::Value = serde_json::from_str(rejects.trim()).expect("one line of JSON");
    assert_eq!(reject["text"], "{\"fact\": \"nonsense\"}");
    assert_eq!(reject["problems"][0]["code"], "fact-kind");
}

/// The rejects of an earlier run stay until there are new ones, and nothing is left beside them.
#[test]
fn a_refused_command_leaves_earlier_rejects_alone() {
    let desk = Desk::with_facts();
    desk.write("rejects.jsonl", "earlier\n");
    desk.run(&["record", "missing.jsonl", "--rejects", "rejects.jsonl"]);
    assert_eq!(desk.read("rejects.jsonl"), "earlier\n");
    desk.write("late.jsonl", LATE);
    desk.refused(&["record", "late.jsonl", "--rejects", "late.jsonl"], 1, "record-rejects-input");
    assert_eq!(desk.read("late.jsonl"), LATE);
}

#[test]
fn rejects_without_a_place_record_nothing() {
    let desk = Desk::with_facts();
    desk.write("late.jsonl", LATE);
    desk.refused(&["record", "late.jsonl", "--rejects", "nowhere/rejects.jsonl"], 74, "io");
}

#[test]
fn what_was_replaced_since_is_restated_or_left_out_on_demand() {
    let desk = Desk::with_facts();
    let quota = |amount: &str| {
        format!(
            r#"{{"fact": "quota", "at": "2027-02-01", "payee": "ana", "plan": "land", "component": "new-logo", "amount": "{amount}"}}"#
        )
    };
    for (file, amount) in [("first.jsonl", "1000"), ("second.jsonl", "2000")] {
        desk.write(file, quota(amount));
    }
    desk.ok(&["record", "first.jsonl"]);
    let shown = |old, new, entry| {
        format!(
            "0 new, 1 restated, 0 known\n  quota ana/land/new-logo@2027-02-01: {old} -> {new}, replaces entry {entry}\n"
        )
    };
    assert_eq!(desk.ok(&["record", "second.jsonl"]).out, shown(1000, 2000, 6));
    let run = desk.refused(&["record", "first.jsonl"], 1, "fact-superseded");
    assert!(run.err.contains("--restate") && run.err.contains("--skip-superseded"), "{}", run.err);
    assert!(
        run.err.contains("this was 1000 at position ") && run.err.contains(", and 2000 since position "),
        "{}",
        run.err
    );
    assert_eq!(
        desk.ok(&["record", "--skip-superseded", "first.jsonl"]).out,
        "0 new, 0 restated, 0 known, 1 left out\n"
    );
    assert_eq!(desk.ok(&["record", "--restate", "first.jsonl"]).out, shown(2000, 1000, 7));
    assert_eq!(desk.run(&["record", "--restate", "--skip-superseded", "first.jsonl"]).status, 2);
}

#[test]
fn a_file_that_is_not_there_is_the_worlds_failure() {
    let desk = Desk::with_facts();
    let run = desk.refused(&["record", "facts.jsonl", "nowhere.jsonl"], 74, "io");
    assert!(run.err.contains("`nowhere.jsonl`"), "{}", run.err);
}

#[test]
fn the_author_is_the_system_user_unless_named_and_no_variable_says_who_that_is() {
    let desk = Desk::new();
    desk.write("accounts.jsonl", FACTS.lines().nth(1).expect("an account"));
    desk.ok(&["init"]);
    desk.ok(&["record", "accounts.jsonl", "--as", "Mia Okafor"]);
    let log = desk.json(&["log"]);
    assert_eq!((&log[0]["author"], &log[0]["user"]), (&user().into(), &user().into()));
    assert_eq!((&log[1]["author"], &log[1]["user"]), (&"Mia Okafor".into(), &user().into()));
    assert_eq!(desk.run(&["record", "accounts.jsonl", "--as", ""]).status, 2);
}

#[test]
fn an_unknown_payee_is_drawn_under_its_own_field_and_not_under_an_account_of_that_name() {
    let desk = Desk::with_facts();
    let line = "{\"fact\": \"booking\", \"at\": \"2027-01-01\", \"booking\": \"B-7\", \"account\": \"zed\", \"arr\": \"1\", \"currency\": \"USD\", \"credit\": [{\"payee\": \"zed\", \"percent\": \"100%\"}]}";
    desk.write("bad.jsonl", line);
    let problems = desk.problems(&["record", "bad.jsonl"], 1);
    let problem = problems.as_array().and_then(|list| list.last()).expect("a problem");
    let column = line.rfind("\"zed\"").expect("the payee") + 1;
    assert_eq!((&problem["code"], &problem["column"]), (&"fact-payee-unknown".into(), &column.into()), "{problem}");
}
