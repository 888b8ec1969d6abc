//! Preview, close, statements, balances.

use crate::kit::{Desk, LATE};

#[test]
fn a_preview_is_what_the_close_posts() {
    let desk = Desk::with_facts();
    let before = desk.bytes();
    let preview = desk.json(&["preview", "2027-01"]);
    assert_eq!(desk.bytes(), before, "a preview writes nothing");
    assert_eq!(preview["size"], 6);
    assert_eq!(preview["statements"][0]["settlement"]["pay"], "24000.00");
    assert!(preview["missing"].is_array());
    let digest = preview["digest"].as_str().expect("a digest");
    let close = desk.json(&["close", "2027-01", "--at", "6", "--expect", digest]);
    assert_eq!((close["digest"].as_str(), &close["lines"]), (Some(digest), &1.into()));
    assert_eq!((&close["period"], &close["size"]), (&"2027-01".into(), &9.into()));
    let totals = r#"[{"advance":"0.00","currency":"USD","draw_recovered":"0.00","gross":"24000.00","pay":"24000.00","recovered":"0.00","reversed":"0.00","top_up":"0.00"}]"#;
    assert_eq!(close["totals"].to_string(), totals);
}

#[test]
fn a_preview_in_text_ends_with_size_and_digest() {
    let desk = Desk::with_facts();
    let out = desk.ok(&["preview", "2027-01"]).out;
    let lines: Vec<&str> = out.lines().collect();
    assert!(out.contains("24,000.00"), "{out}");
    assert_eq!(lines[lines.len() - 2], "size    6");
    assert!(lines[lines.len() - 1].starts_with("digest  "), "{out}");
}

#[test]
fn a_close_that_differs_from_what_was_reviewed_is_refused() {
    let desk = Desk::with_facts();
    let preview = desk.json(&["preview", "2027-01"]);
    desk.write("late.jsonl", LATE);
    desk.ok(&["record", "late.jsonl"]);
    let digest = preview["digest"].as_str().expect("a digest");
    desk.refused(&["close", "2027-01", "--expect", digest], 1, "close-digest");
    desk.ok(&["close", "2027-01", "--at", "6", "--expect", digest]);
}

#[test]
fn months_are_closed_once_and_in_order() {
    let desk = Desk::with_close();
    desk.refused(&["close", "2027-01"], 1, "close-closed");
    desk.refused(&["close", "2027-03"], 1, "close-order");
    desk.refused(&["preview", "2027-01"], 1, "close-closed");
    desk.refused(&["close", "2027-02", "--at", "99"], 1, "close-at");
    desk.ok(&["preview", "2027-03"]);
    for arguments in [["close", "2027-13"], ["close", "soon"]] {
        assert_eq!(desk.run(&arguments).status, 2);
    }
    assert_eq!(desk.run(&["close", "2027-02", "--expect", "beef"]).status, 2);
}

#[test]
fn statements_in_json_are_canonical() {
    let desk = Desk::with_close();
    let all = desk.ok(&["statement", "--all", "2027-01", "--format", "json"]).out;
    assert!(
        all.starts_with(r#"[{"schema":"trueup/statement/1","book":"acme","period":"2027-01","payee":"ana","#),
        "{all}"
    );
    assert_eq!(all.lines().count(), 1);
    assert_eq!(desk.ok(&["statement", "ana", "2027-01", "--format", "json"]).out, all);
    let again = desk.ok(&["statement", "--all", "2027-01", "--format", "json", "--at", "9"]).out;
    assert_eq!(again, all, "the same for ever");
}

#[test]
fn a_statement_reads_well() {
    let desk = Desk::with_close();
    desk.write("late.jsonl", LATE);
    desk.ok(&["record", "late.jsonl"]);
    desk.ok(&["close", "2027-02"]);
    let expected = "\
Statement of Ana Brandt (ana) for February 2027 in USD
Book acme, as of entry 9

Opening balances
  payable balance 24,000.00   clawback balance 0.00   draw balance 0.00

Land (land)
  new-logo: 100.00; quarter to date 24,100.00, year to date 24,100.00
    100.00  due 2027-01-20  B-2 of acme, arr 1,000 USD, signed 2027-01-20
    In 2027 so far: 241,000.00 credited of the quota of 300,000.00, which is 80.33%; 24,100.00 earned.

Settlement
  February 2027  Quarter to date  Year to date
         100.00        24,100.00     24,100.00  Earned
         100.00        24,100.00     24,100.00  TO PAY
  The quarter and the fiscal year began in January 2027.

Closing balances
  payable balance 24,100.00   clawback balance 0.00   draw balance 0.00
";
    let text = desk.ok(&["statement", "ana", "2027-02"]).out;
    // When and by whom it was closed differs from run to run.
    let status = "Status: closed, 100.00 USD to be approved\n  closed on ";
    let (before, after) = text.split_once(status).expect("a status");
    let (_, after) = after.split_once('\n').expect("a line ends");
    assert_eq!(format!("{before}{after}"), expected);
}

#[test]
fn a_correction_says_what_it_was_and_is() {
    let desk = Desk::with_close();
    let booking = crate::kit::FACTS.lines().nth(3).expect("the booking").replace("240000", "100000");
    desk.write("fix.jsonl", booking.replace("{\"fact\"", "{\"corrects\": true, \"fact\""));
    assert!(desk.ok(&["record", "fix.jsonl"]).out.starts_with("0 new, 1 restated"));
    desk.ok(&["close", "2027-02"]);
    let text = desk.ok(&["statement", "ana", "2027-02"]).out;
    assert!(
        text.contains("Retroactive adjustment for January 2027 (correction): was 24,000.00, now 10,000.00\n"),
        "{text}"
    );
    assert!(text.contains("because of booking B-1 (entry 9)\n"), "{text}");
    assert!(text.contains("Clawback balance: 14,000.00 reversed = 14,000.00."), "{text}");
    let balances = desk.json(&["balances"]);
    assert_eq!(balances[0]["owed"], "14000.00");
}

#[test]
fn lines_are_a_table_for_spreadsheets() {
    let desk = Desk::with_close();
    let csv = desk.ok(&["statement", "--all", "2027-01", "--format", "csv"]).out;
    let mut lines = csv.lines();
    assert!(lines.next().expect("a header").starts_with("period,payee,currency,line,event,plan,"));
    let expected = "2027-01,ana,USD,land/new-logo/whole/B-1,earning,land,1,new-logo,B-1,whole,2027-01-10,24000.00,24000.00,0.00,,2027-01,2027-01-10,acme";
    assert_eq!(lines.next(), Some(expected));
}

#[test]
fn a_statement_that_is_not_there_says_why() {
    let desk = Desk::with_close();
    desk.refused(&["statement", "ana", "2027-02"], 1, "period-open");
    desk.refused(&["statement", "ana", "2027-01", "--at", "8"], 1, "period-open");
    desk.refused(&["statement", "ana", "2027-01", "--at", "10"], 1, "at-beyond");
    assert!(desk.refused(&["statement", "anna", "2027-01"], 1, "payee-unknown").err.contains("did you mean `ana`?"));
    desk.ok(&["close", "2027-02"]);
    let nothing_due = desk.ok(&["statement", "ana", "2027-02"]).out;
    assert!(nothing_due.contains("Nothing was due") && nothing_due.contains("80.00%"), "{nothing_due}");
    assert_eq!(desk.ok(&["statement", "--all", "2027-02", "--format", "json"]).out, "[]\n");
    for usage in [&["statement", "2027-01"][..], &["statement", "--all", "ana", "2027-01"], &["statement", "--all"]] {
        assert_eq!(desk.run(usage).status, 2, "{usage:?}");
    }
}

#[test]
fn balances_are_those_after_the_last_close() {
    let desk = Desk::with_close();
    desk.ok(&["close", "2027-02"]);
    let expected = r#"[{"payee":"ana","currency":"USD","payable":"24000.00","owed":"0.00","draw":"0.00"}]"#;
    assert_eq!(desk.ok(&["balances", "--format", "json"]).out.trim(), expected);
    assert_eq!(desk.ok(&["balances", "--format", "json", "--at", "6"]).out.trim(), "[]");
    assert_eq!(
        desk.ok(&["balances", "--format", "csv"]).out,
        "payee,currency,payable,owed,draw\nana,USD,24000.00,0.00,0.00\n"
    );
    assert!(desk.ok(&["balances"]).out.contains("24,000.00"));
    desk.refused(&["balances", "--at", "99"], 1, "at-beyond");
}
