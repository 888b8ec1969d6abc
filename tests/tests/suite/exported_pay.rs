//! What is paid, in the files that others read: the journal has it between closes, payroll gets it in its own columns, and a
//! rebuilt book has it again.

use std::path::Path;

use crate::double_entry::new_book;
use crate::ledger_programs::accept;
use crate::rebuilt::rebuilt;
use crate::support::TestBook;

const PLAN: &str = r#"plan = "land"
version = 1
edition = 1
currency = "USD"
effective = 2025-01-01

[[component]]
id = "arr"
measure = { booking = "arr" }
rate = "10%"
cancellation = "restate"
"#;

/// Two sellers of years ago: whatever is recorded today is of a later day than the months that are closed after it.
fn past_book() -> TestBook {
    let book = TestBook::with_book();
    book.done(&["plan", "publish", &book.write("plan.toml", PLAN)]);
    let mut facts = String::new();
    for (payee, file, first, last) in [("ana", "000123", "Ana", "O'Neil"), ("bea lee", "000124", "Bea", "Lee, Jr.")] {
        let attributes = format!(
            "{{\"adp-file\": \"{file}\", \"first-name\": \"{first}\", \"last-name\": \"{last}\", \"gusto-id\": \"G{file}\", \"employee-id\": \"E{file}\"}}"
        );
        facts += &format!(
            "{{\"fact\": \"payee\", \"at\": \"2025-01-01\", \"payee\": \"{payee}\", \"name\": \"{first} {last}\", \"attributes\": {attributes}}}\n"
        );
        facts += &format!(
            "{{\"fact\": \"assignment\", \"at\": \"2025-01-01\", \"payee\": \"{payee}\", \"plan\": \"land\"}}\n"
        );
        for month in 1..=3 {
            facts += &format!(
                "{{\"fact\": \"booking\", \"at\": \"2025-0{month}-10\", \"booking\": \"{payee} {month}\", \"account\": \"x\", \"arr\": \"{month}2345.60\", \"currency\": \"USD\", \"credit\": [{{\"payee\": \"{payee}\", \"percent\": \"100%\"}}]}}\n"
            );
        }
    }
    book.done(&["record", &book.write("facts.jsonl", &facts)]);
    book.done(&["close", "2025-01"]);
    book.done(&["approve", "2025-01"]);
    book.done(&["payout", "2025-01"]);
    let confirmation = "payee,currency,amount,status,reference,date\nana,USD,1234.56,paid,bank-1,2025-02-03\nbea lee,USD,1000.00,partly,,2025-02-04\n";
    book.done(&["payout", "2025-01", "--confirm", &book.write("confirmation.csv", confirmation)]);
    book.done(&["close", "2025-02"]);
    book.done(&["hold", "ana", "--reason", "leave; \"unpaid\" $HOME 'x'"]);
    book.done(&["reject", "2025-02", "--payee", "bea lee", "--reason", "looked at again"]);
    // What is reversed is set off against what is rejected or held.
    let cancelled = "{\"fact\": \"cancellation\", \"at\": \"2025-03-05\", \"booking\": \"bea lee 1\"}\n{\"fact\": \"cancellation\", \"at\": \"2025-03-05\", \"booking\": \"ana 2\"}\n";
    book.done(&["record", &book.write("cancelled.jsonl", cancelled)]);
    book.done(&["close", "2025-03"]);
    book.done(&["release", "ana"]);
    book.done(&["approve", "2025-03", "--comment", "all of it"]);
    book.done(&["payout", "2025-03"]);
    book
}

#[test]
fn what_is_paid_is_in_the_journal_by_day() {
    let book = past_book();
    accept(&book);
    let whole = book.done(&["export", "--as", "journal"]);
    let column = |row: &str, index: usize| row.split(',').nth(index).expect("a cell").to_owned();
    let dates: Vec<String> = whole.lines().skip(1).map(|row| column(row, 1)).collect();
    assert!(dates.is_sorted(), "{whole}");
    // Recorded today, between closes of months of years ago.
    let paid: Vec<&str> = whole.lines().filter(|row| row.contains("clearing:payroll")).collect();
    assert!(paid.len() >= 4 && paid.iter().all(|row| *row > "2025-04"), "{whole}");
    // Parts have what belongs to their months, so that nothing is in two of them.
    let parts: Vec<String> = ["2025-01", "2025-02", "2025-03"]
        .map(|period| book.done(&["export", "--as", "journal", "--period", period]))
        .to_vec();
    let rows: Vec<&str> = parts.iter().flat_map(|part| part.lines().skip(1)).collect();
    let expected: Vec<&str> = whole.lines().skip(1).filter(|row| *row < "2025-04").collect();
    assert_eq!(rows, expected);
    let part = book.done(&["export", "--as", "hledger", "--from", "2025-02", "--to", "2025-03"]);
    assert!(part.contains("2025-02-01 * Balances before 2025-02") && !part.contains("clearing:payroll"), "{part}");
}

#[test]
fn payouts_of_months_to_come_are_after_their_close() {
    let book = new_book();
    book.done(&["approve", "2027-05"]);
    book.done(&["payout", "2027-05"]);
    accept(&book);
    let journal = book.done(&["export", "--as", "hledger"]);
    assert!(journal.contains("2027-07-01 * (") && journal.contains("june | payout 2027-05"), "{journal}");
    assert!(journal.contains("2027-07-01 * Balances at the end"), "{journal}");
    // The next close begins with what was paid.
    book.done(&["close", "2027-07"]);
    accept(&book);
    let journal = book.done(&["export", "--as", "hledger", "--period", "2027-07"]);
    assert!(journal.contains("2027-07-01 * (") && !journal.contains("at the end"), "{journal}");
    let map = "[[account]]\nledger = \"*\"\ncode = \"1\"\n[[account]]\nkind = \"payroll\"\ncode = \"2\"\n";
    let mapped = book.done(&["export", "--as", "journal", "--map", &book.write("gl.toml", map)]);
    assert_eq!(mapped.lines().count(), 1, "{mapped}");
}

fn payroll(book: &TestBook, map: &str) -> String {
    let map = Path::new(env!("CARGO_MANIFEST_DIR")).join("../mappings/payroll").join(map);
    book.done(&["export", "--as", "payroll", "--period", "2025-03", "--map", &map.display().to_string()])
}

/// The position of the payout of a payee that was recorded last.
fn position(book: &TestBook, payee: &str) -> String {
    let log = book.json(&["log"]);
    let is_paid = |entry: &&serde_json::Value| entry["kind"] == "payout" && entry["record"]["payee"] == payee;
    let last = log.as_array().expect("entries").iter().rfind(is_paid);
    last.expect("a payout")["position"].to_string()
}

#[test]
fn payroll_gets_payments_in_its_own_columns() {
    let book = past_book();
    let (ana, bea) = (position(&book, "ana"), position(&book, "bea lee"));
    // Ana: 2,234.56 of February is reversed. Bea: what came back of January is paid again, less what is reversed.
    let paid: Vec<String> = book
        .json(&["balances", "--roll-forward", "2025-03"])
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| row["paid"].as_str().expect("an amount").to_owned())
        .collect();
    let [to_ana, to_bea] = &paid[..] else { panic!("{paid:?}") };
    assert_eq!(
        payroll(&book, "adp.toml"),
        format!(
            "Co Code,Batch ID,File #,Earnings 3 Code,Earnings 3 Amount\nABC,COMM03,000123,COM,{to_ana}\nABC,COMM03,000124,COM,{to_bea}\n"
        )
    );
    assert_eq!(
        payroll(&book, "gusto.toml"),
        format!(
            "last_name,first_name,gusto_employee_id,commission,personal_note\n\
             O'Neil,Ana,G000123,{to_ana},\"Commission 2025-03, 2025-03-{ana}\"\n\
             \"Lee, Jr.\",Bea,G000124,{to_bea},\"Commission 2025-03, 2025-03-{bea}\"\n"
        )
    );
    assert_eq!(
        payroll(&book, "workday.toml"),
        format!(
            "Batch ID,Start Date,End Date,Worker,Earning,Amount,Currency,Comment\n\
             COMMISSION_2025_03,2025-03-01,2025-03-31,E000123,COMMISSION,{to_ana},USD,2025-03-{ana}\n\
             COMMISSION_2025_03,2025-03-01,2025-03-31,E000124,COMMISSION,{to_bea},USD,2025-03-{bea}\n"
        )
    );
}

#[test]
fn a_file_for_payroll_has_one_run_of_one_month() {
    let book = past_book();
    let map = book.write("pay.toml", "[[column]]\nname = \"who\"\nvalue = \"{payee}\"\n[[column]]\nname = \"what\"\nvalue = \"{amount} {currency}\"\n");
    let export = |arguments: &[&str]| book.run(&[&["export", "--as", "payroll", "--map", &map], arguments].concat());
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let january = export(&["--period", "2025-01"]);
    assert_eq!(text(&january.stdout), "who,what\nana,1234.56 USD\nbea lee,1234.56 USD\n");
    let february = export(&["--period", "2025-02"]);
    assert_eq!(text(&february.stdout), "");
    assert!(february.status.success() && text(&february.stderr).contains("Nothing was paid out of 2025-02"));
    // A second run of the month has what the first one had not.
    let later = "{\"fact\": \"adjustment\", \"at\": \"2025-04-01\", \"payee\": \"ana\", \"amount\": \"5\", \"currency\": \"USD\", \"reason\": \"spiff\"}\n";
    book.done(&["record", &book.write("later.jsonl", later)]);
    book.done(&["close", "2025-04"]);
    book.done(&["approve", "2025-04"]);
    book.done(&["payout", "2025-04"]);
    let confirmation = "payee,currency,amount,status,reference,date\nana,USD,5.00,returned,,\n";
    book.done(&["payout", "2025-04", "--confirm", &book.write("c.csv", confirmation)]);
    let first = export(&["--period", "2025-04"]);
    let before = book.json(&["verify"])["size"].to_string();
    book.done(&["payout", "2025-04"]);
    let second = export(&["--period", "2025-04"]);
    assert_eq!(text(&first.stdout), text(&second.stdout));
    assert!(
        text(&second.stderr).contains("An earlier run of payouts of 2025-04 is not in this file"),
        "{}",
        text(&second.stderr)
    );
    assert_eq!(text(&export(&["--period", "2025-04", "--at", &before]).stdout), text(&first.stdout));
    for (arguments, code) in [
        (&["export", "--as", "payroll", "--map", &map][..], "export-needs"),
        (&["export", "--as", "payroll", "--period", "2025-01"], "export-needs"),
        (&["export", "--as", "payroll", "--map", &map, "--from", "2025-01", "--to", "2025-02"], "export-option"),
    ] {
        assert!(book.refused(arguments).starts_with(&format!("error[{code}]")), "{arguments:?}");
    }
    // Whoever lacks what a column asks for is told, and nobody is paid by half a file.
    let map = book.write("team.toml", "[[column]]\nname = \"t\"\nvalue = \"{payee.team}\"\n");
    let said = book.refused(&["export", "--as", "payroll", "--period", "2025-01", "--map", &map]);
    assert_eq!(said.matches("error[export-value]").count(), 2, "{said}");
}

#[test]
fn approvals_holds_and_payouts_are_rebuilt() {
    let book = past_book();
    let new = rebuilt(&book);
    for question in [&["balances"][..], &["trial-balance"], &["balances", "--roll-forward", "2025-01..2025-03"]] {
        assert_eq!(new.json(question), book.json(question), "{question:?}");
    }
    let told = |book: &TestBook| {
        let log = book.json(&["log"]);
        let kinds = ["approval", "rejection", "hold", "release", "payout", "payout-result"];
        let entries = log
            .as_array()
            .expect("entries")
            .iter()
            .filter(|entry| kinds.contains(&entry["kind"].as_str().expect("a kind")));
        entries
            .map(|entry| {
                (entry["position"].clone(), entry["record"]["reason"].clone(), entry["record"]["amount"].clone())
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(told(&new), told(&book));
}

/// Random histories in which things are approved, held, rejected, paid, returned and repaid between closes.
#[test]
fn random_histories_with_pay_are_accepted_and_rebuilt() {
    let cases = include_str!("../../cases/random.jsonl").lines().step_by(12);
    let mut paid = 0;
    for (number, case) in cases.enumerate() {
        let case: serde_json::Value = serde_json::from_str(case).expect("JSON");
        let book = TestBook::with_book();
        for (name, text) in case["files"].as_object().expect("files") {
            book.write(name, text.as_str().expect("text"));
        }
        for step in case["steps"].as_str().expect("steps").lines() {
            let (verb, what) = step.split_once(' ').expect("a verb and what to do it to");
            match verb {
                "publish" => book.done(&["plan", "publish", what]),
                "record" => book.done(&["record", "--history", what]),
                _ => book.done(&["close", what]),
            };
            if verb == "close" {
                pay(&book, what, number);
            }
        }
        let log = book.json(&["log"]);
        paid += log.as_array().expect("entries").iter().filter(|entry| entry["kind"] == "payout").count();
        accept(&book);
        let new = rebuilt(&book);
        assert_eq!(new.json(&["trial-balance"]), book.json(&["trial-balance"]), "{}", case["name"]);
    }
    assert!(paid > 5, "only {paid} payouts were made");
}

/// Whatever is possible of this, in an order of the case's own: what is refused changes nothing.
fn pay(book: &TestBook, period: &str, number: usize) {
    let balances = book.json(&["balances"]);
    let rows = balances.as_array().expect("rows");
    let payee = |index: usize| rows[index % rows.len()]["payee"].as_str().expect("a payee");
    let text = |row: &serde_json::Value, name: &str| row[name].as_str().expect("a text").to_owned();
    if rows.is_empty() {
        return;
    }
    for turn in 0..5 {
        drop(match (number + turn) % 5 {
            0 => book.run(&["hold", payee(number), "--reason", "it's \"held\""]),
            1 => book.run(&["approve", period]),
            2 => book.run(&["payout", period]),
            3 => book.run(&["reject", period, "--payee", payee(number + 1), "--reason", "no"]),
            _ => {
                let owes = |row: &&serde_json::Value| text(row, "owed").contains(|c: char| ('1'..='9').contains(&c));
                let Some(row) = rows.iter().find(owes) else { continue };
                let (owed, currency) = (text(row, "owed"), text(row, "currency"));
                book.run(&["repay", &text(row, "payee"), "--amount", &owed, "--currency", &currency])
            }
        });
    }
    if number.is_multiple_of(2) {
        book.run(&["release", payee(number)]);
    }
}
