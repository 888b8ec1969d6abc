//! Approvals and payouts under a policy: who may sign, and that a signature is of one entry of one book (docs/approvals.md).

use ledger::entry::Entry;
use ledger::id::Name;
use ledger::signing::{PrivateKey, key_name};
use serde_json::json;

use crate::payouts::closed_book;
use crate::support::TestBook;

const PEOPLE: [&str; 4] = ["cfo", "cro", "ops", "safe"];

/// The key of a person.
pub fn key(name: &str) -> PrivateKey {
    let number = PEOPLE.iter().position(|known| *known == name).map_or(9, |index| index as u8 + 1);
    PrivateKey::new(key_name(name).expect("a name"), [number; 32])
}

/// Writes the key of a person, and gives its path.
pub fn key_file(book: &TestBook, name: &str) -> String {
    book.write(&format!("{name}.key"), &format!("{}\n", key(name).secret_text()))
}

pub fn policy(book: &TestBook, rules: &str) -> String {
    let safe = key("safe").public().to_string();
    let roles = r#"{"cfo": ["approve", "policy", "administrate", "adjust", "close"], "cro": ["approve", "policy", "hold"], "ops": ["close", "pay", "adjust"]}"#;
    let text = format!(
        r#"{{"fact": "policy", "at": "2026-01-01", "roles": {roles}, "rules": {rules}, "recovery": ["{safe}"]}}"#
    );
    book.write("policy.json", &text)
}

pub fn add_people(book: &TestBook) {
    for name in &PEOPLE[..3] {
        book.done(&["author", "add", name, "--key", &key(name).public().to_string()]);
    }
}

/// April and May are closed, and a policy with these rules is in force.
pub fn under_policy(rules: &str) -> TestBook {
    let book = closed_book();
    add_people(&book);
    let (cfo, cro) = (key_file(&book, "cfo"), key_file(&book, "cro"));
    key_file(&book, "ops");
    book.done(&["policy", "set", &policy(&book, rules), "--sign", &cfo, "--sign", &cro]);
    book
}

/// A command, signed by people.
fn signed<'a>(command: &[&'a str], people: &[&'a str]) -> Vec<String> {
    let mut words: Vec<String> = command.iter().map(|word| (*word).to_owned()).collect();
    for person in people {
        words.extend(["--sign".to_owned(), format!("{person}.key")]);
    }
    words
}

pub fn done(book: &TestBook, command: &[&str], people: &[&str]) -> String {
    let words = signed(command, people);
    book.done(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

fn refused(book: &TestBook, command: &[&str], people: &[&str]) -> String {
    let words = signed(command, people);
    let said = book.refused(&words.iter().map(String::as_str).collect::<Vec<_>>());
    let code = said.strip_prefix("error[").and_then(|rest| rest.split(']').next());
    code.expect("a code").to_owned()
}

#[test]
fn who_closed_does_not_approve_and_who_pays_has_the_role() {
    let book = under_policy("[]");
    assert_eq!(refused(&book, &["close", "2027-06"], &[]), "policy-role");
    done(&book, &["close", "2027-06"], &["cfo"]);
    // April and May were closed before the policy, by `tester`.
    assert_eq!(refused(&book, &["approve", "2027-06"], &[]), "policy-role");
    assert_eq!(refused(&book, &["approve", "2027-06"], &["ops"]), "policy-role");
    done(&book, &["approve", "2027-05"], &["cfo"]);
    assert_eq!(refused(&book, &["payout", "2027-05"], &["cfo"]), "policy-role");
    done(&book, &["payout", "2027-05"], &["ops"]);
    assert_eq!(refused(&book, &["hold", "june", "--reason", "look"], &["cfo"]), "policy-role");
    assert_eq!(refused(&book, &["freeze", "2027-05-31", "--reason", "audited"], &["cro"]), "policy-role");
    let verified = book.json(&["verify"]);
    assert_eq!(
        (&verified["verdict"], &verified["signatures"]),
        (&json!("consistent"), &json!(6)),
        "of the policy, a close, an approval, and two payouts"
    );
}

#[test]
fn an_approver_who_closed_is_refused_also_beside_others_that_a_rule_needs() {
    let rules = r#"[{"kind": "approve", "needs": 2, "above": {"amount": "100", "currency": "USD"}}]"#;
    let book = under_policy(rules);
    let more = r#"{"fact": "booking", "at": "2027-06-10", "booking": "B-3", "account": "acme", "arr": "10000", "currency": "USD", "credit": [{"payee": "june", "percent": "100%"}]}"#;
    book.done(&["record", &book.write("more.jsonl", more)]);
    done(&book, &["close", "2027-06"], &["cfo"]);
    assert_eq!(refused(&book, &["approve", "2027-06"], &["cfo"]), "policy-closer");
    assert_eq!(refused(&book, &["approve", "2027-06"], &["cfo", "cro"]), "policy-rule");
    assert_eq!(refused(&book, &["approve", "2027-05"], &["cro"]), "policy-rule");
    assert_eq!(refused(&book, &["approve", "2027-05"], &["cro", "cro"]), "policy-rule");
    done(&book, &["approve", "2027-05"], &["cro", "cfo"]);
}

#[test]
fn who_adjusted_is_a_maker_of_the_close() {
    let book = under_policy(r#"[{"kind": "approve", "not": "maker"}]"#);
    let adjusted = r#"{"fact": "adjustment", "at": "2027-06-05", "payee": "june", "amount": "75", "currency": "USD", "reason": "goodwill"}"#;
    let file = book.write("adjusted.jsonl", adjusted);
    assert_eq!(refused(&book, &["record", &file], &["cro"]), "policy-role");
    done(&book, &["record", &file], &["cfo"]);
    done(&book, &["close", "2027-06"], &["ops"]);
    assert_eq!(refused(&book, &["approve", "2027-06"], &["cfo"]), "policy-rule");
    done(&book, &["approve", "2027-06"], &["cro"]);
    // Withdrawing it takes the same role.
    let fact = book.json(&["log", "--kind", "adjustment"]);
    let id = fact[0]["id"].as_str().expect("an id");
    let retraction = format!(r#"{{"fact": "retraction", "retracts": "{id}", "reason": "twice"}}"#);
    assert_eq!(refused(&book, &["record", &book.write("retraction.jsonl", &retraction)], &["cro"]), "policy-role");
}

/// Withdrawing, restoring and correcting an adjustment is judged as the adjustment is.
#[test]
fn an_adjustment_is_not_restored_or_made_larger_without_its_signatures() {
    let rules = r#"[{"kind": "adjust", "needs": 2, "above": {"amount": "1000", "currency": "USD"}}, {"kind": "approve", "not": "maker"}]"#;
    let book = under_policy(rules);
    let adjustment = |amount: &str, more: &str| {
        format!(
            r#"{{"fact": "adjustment", "at": "2027-06-05", "payee": "june", "adjustment": "A-1", "amount": "{amount}", "currency": "USD", "reason": "goodwill"{more}}}"#
        )
    };
    let record = |text: &str| book.write("facts.jsonl", text);
    let retraction = |id: &str| format!(r#"{{"fact": "retraction", "retracts": "{id}", "reason": "a test"}}"#);
    let last_id = || {
        let log = book.json(&["log"]);
        log.as_array().expect("entries").last().expect("an entry")["id"].as_str().expect("an id").to_owned()
    };
    assert_eq!(refused(&book, &["record", &record(&adjustment("5000", ""))], &["cfo"]), "policy-rule");
    done(&book, &["record", &record(&adjustment("5000", ""))], &["cfo", "ops"]);
    let first = last_id();
    // Down to a cent by one person is a change of nearly 5,000.00.
    let smaller = adjustment("0.01", r#", "corrects": true"#);
    assert_eq!(refused(&book, &["record", &record(&smaller)], &["cfo"]), "policy-rule");
    done(&book, &["record", &record(&smaller)], &["cfo", "ops"]);
    let correction = last_id();
    assert_eq!(refused(&book, &["record", &record(&retraction(&correction))], &["cfo"]), "policy-rule");
    done(&book, &["record", &record(&retraction(&correction))], &["cfo", "ops"]);
    // Withdrawn, and restored by withdrawing the withdrawal.
    done(&book, &["record", &record(&retraction(&first))], &["cfo", "ops"]);
    let withdrawn = last_id();
    assert_eq!(refused(&book, &["record", &record(&retraction(&withdrawn))], &[]), "policy-role");
    assert_eq!(refused(&book, &["record", &record(&retraction(&withdrawn))], &["ops"]), "policy-rule");
    done(&book, &["record", &record(&retraction(&withdrawn))], &["cfo", "ops"]);
    done(&book, &["close", "2027-06"], &["ops"]);
    // `cfo` restored it, and is a maker.
    assert_eq!(refused(&book, &["approve", "2027-06"], &["cfo"]), "policy-rule");
    done(&book, &["approve", "2027-06"], &["cro"]);
}

/// Whoever corrects an adjustment before its close, withdraws it, or restores it by withdrawing a correction, does not approve that close.
#[test]
fn whoever_changes_an_adjustment_before_its_close_is_a_maker() {
    let adjustment = r#"{"fact": "adjustment", "at": "2027-06-05", "payee": "june", "adjustment": "A", "amount": "-900", "currency": "USD", "reason": "error"}"#;
    let correction = r#"{"fact": "adjustment", "at": "2027-06-05", "payee": "june", "adjustment": "A", "amount": "-5", "currency": "USD", "reason": "error", "corrects": true}"#;
    let retraction = r#"{"fact": "retraction", "retracts": "adjustment:A", "reason": "a test"}"#;
    for changes in [&[(correction, "cfo")][..], &[(retraction, "cfo")], &[(correction, "ops"), (retraction, "cfo")]] {
        let book = under_policy(r#"[{"kind": "approve", "not": "maker"}]"#);
        let bonus = adjustment.replace(r#""A""#, r#""B""#).replace("-900", "1000");
        done(&book, &["record", &book.write("facts.jsonl", &format!("{adjustment}\n{bonus}\n"))], &["ops"]);
        for (change, who) in changes {
            done(&book, &["record", &book.write("facts.jsonl", change)], &[who]);
        }
        done(&book, &["close", "2027-06"], &["ops"]);
        assert_eq!(refused(&book, &["approve", "2027-06"], &["cfo"]), "policy-rule", "{changes:?}");
        done(&book, &["approve", "2027-06"], &["cro"]);
    }
}

/// Twenty small adjustments of one call are one of their sum.
#[test]
fn adjustments_of_one_call_are_judged_together() {
    let book = under_policy(r#"[{"kind": "adjust", "needs": 2, "above": {"amount": "1000", "currency": "USD"}}]"#);
    let line = |number: u8| {
        format!(
            r#"{{"fact": "adjustment", "at": "2027-06-05", "payee": "june", "adjustment": "A-{number}", "amount": "600", "currency": "USD", "reason": "goodwill"}}"#
        )
    };
    let both = format!("{}\n{}\n", line(1), line(2));
    assert_eq!(refused(&book, &["record", &book.write("facts.jsonl", &both)], &["cfo"]), "policy-rule");
    done(&book, &["record", &book.write("facts.jsonl", &both)], &["cfo", "ops"]);
    done(&book, &["record", &book.write("facts.jsonl", &line(3))], &["cfo"]);
}

#[test]
fn what_was_approved_before_the_first_policy_and_came_back_is_approved_again() {
    let book = closed_book();
    book.done(&["approve", "2027-05", "--payee", "ana"]);
    book.done(&["payout", "2027-05"]);
    add_people(&book);
    PEOPLE.iter().for_each(|name| drop(key_file(&book, name)));
    done(&book, &["policy", "set", &policy(&book, "[]")], &["cfo", "cro"]);
    let back = book.write("bank.csv", "payee,currency,amount,status\nana,USD,500.00,returned\n");
    done(&book, &["payout", "2027-05", "--confirm", &back], &["ops"]);
    assert_eq!(done(&book, &["payout", "2027-05", "--format", "json"], &["ops"]).trim(), "[]");
    done(&book, &["approve", "2027-05", "--payee", "ana"], &["cro"]);
    assert!(done(&book, &["payout", "2027-05"], &["ops"]).contains("ana"));
}

#[test]
fn a_policy_does_not_approve_itself() {
    let book = closed_book();
    add_people(&book);
    let (cfo, ops) = (key_file(&book, "cfo"), key_file(&book, "ops"));
    key_file(&book, "cro");
    let file = policy(&book, "[]");
    assert!(book.refused(&["policy", "set", &file]).starts_with("error[policy-first]"));
    assert!(book.refused(&["policy", "set", &file, "--sign", &cfo]).starts_with("error[policy-first]"));
    // Who does not get the role does not count.
    assert!(book.refused(&["policy", "set", &file, "--sign", &cfo, "--sign", &ops]).starts_with("error[policy-first]"));
    done(&book, &["policy", "set", &file], &["cfo", "cro"]);
    // The next one makes `ops` a person who may change it: that does not count yet.
    let more = std::fs::read_to_string(&file)
        .expect("the policy")
        .replace(r#""pay", "adjust""#, r#""pay", "adjust", "policy""#);
    let next = book.write("next.json", &more);
    assert_eq!(refused(&book, &["policy", "set", &next], &["ops"]), "policy-role");
    done(&book, &["policy", "set", &next], &["cro"]);
    let shown = book.json(&["policy", "show"]);
    assert_eq!(shown["roles"]["ops"], json!(["close", "pay", "adjust", "policy"]));
}

#[test]
fn what_was_approved_before_the_first_policy_is_approved_again() {
    let book = closed_book();
    book.done(&["approve", "2027-05"]);
    add_people(&book);
    PEOPLE.iter().for_each(|name| drop(key_file(&book, name)));
    done(&book, &["policy", "set", &policy(&book, "[]")], &["cfo", "cro"]);
    assert_eq!(done(&book, &["payout", "2027-05", "--format", "json"], &["ops"]).trim(), "[]");
    done(&book, &["approve", "2027-05"], &["cro"]);
    assert!(done(&book, &["payout", "2027-05"], &["ops"]).contains("june"));
}

#[test]
fn a_lost_key_is_replaced_with_a_recovery_key_and_is_not_valid_any_more() {
    let book = under_policy("[]");
    key_file(&book, "safe");
    let new = PrivateKey::new(key_name("cro-2").expect("a name"), [77; 32]);
    let vkey = new.public().to_string();
    let add = ["author", "add", "cro", "--key", &vkey];
    assert_eq!(refused(&book, &add, &[]), "author-key");
    assert_eq!(refused(&book, &add, &["cfo"]), "author-key");
    done(&book, &add, &["safe"]);
    assert_eq!(refused(&book, &["approve", "2027-05"], &["cro"]), "sign-unknown");
    book.write("cro2.key", &new.secret_text());
    done(&book, &["approve", "2027-05"], &["cro2"]);
    book.done(&["verify"]);
    // A recovery key does nothing else.
    assert_eq!(refused(&book, &["close", "2027-06"], &["safe"]), "policy-role");
}

/// The message of a signature has the book, the position, the time and everything that is said: it fits no other entry.
#[test]
fn a_signature_is_of_one_entry_of_one_book() {
    let book = under_policy("[]");
    done(&book, &["approve", "2027-05", "--payee", "ana"], &["cro"]);
    let opened = replay::book::Book::open_read(&book.book()).expect("the book");
    let entry: Entry = opened.entry(opened.size() - 1).expect("the approval");
    let (signature, id) = (&entry.signatures[0], uuid::Uuid::from_bytes(opened.state().book_id()));
    let cro = key("cro");
    let holds = |entry: &Entry, book| cro.public().verifies(&entry.signed_message(book), &signature.signature.0);
    assert!(holds(&entry, id));
    assert!(!holds(&entry, uuid::Uuid::from_u128(1)), "another book");
    let changed: [fn(&mut Entry); 5] = [
        |entry| entry.position += 1,
        |entry| entry.recorded += 1,
        |entry| entry.author = "cfo".to_owned(),
        |entry| entry.request = Name::new("r-1"),
        |entry| match &mut entry.payload {
            ledger::fact::Payload::Record(ledger::fact::Record::Approval(approval)) => approval.close.hash[0] ^= 1,
            other => panic!("{other:?} is no approval"),
        },
    ];
    for change in changed {
        let mut other = entry.clone();
        change(&mut other);
        assert!(!holds(&other, id), "{other:?}");
    }
}

/// Two programs pay at once: each amount is paid once.
#[test]
fn two_payouts_at_once_pay_once() {
    let book = closed_book();
    book.done(&["approve", "2027-05"]);
    let start = || {
        book.command()
            .args(["payout", "2027-05", "--format", "json"])
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .spawn()
    };
    let running: Vec<_> = (0..4).map(|_| start().expect("the command starts")).collect();
    let mut paid = 0;
    for one in running {
        let output = one.wait_with_output().expect("it ends");
        // One that could not get the book while another wrote says so, and paid nothing.
        if output.status.success() {
            let payouts: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).expect("JSON");
            paid += payouts.len();
        }
    }
    assert_eq!(paid, 2);
    let entries = book.json(&["log", "--kind", "payout"]);
    assert_eq!(entries.as_array().expect("entries").len(), 2);
}

/// Somebody with write access to the files appends an entry that no program would write, with right hashes.
fn append(book: &TestBook, change: impl FnOnce(&mut Entry, uuid::Uuid)) {
    let opened = replay::book::Book::open_read(&book.book()).expect("the book");
    let mut entry = opened.entry(opened.size() - 1).expect("the approval");
    let id = uuid::Uuid::from_bytes(opened.state().book_id());
    entry.position = opened.size();
    change(&mut entry, id);
    drop(opened);
    let (mut log, _) =
        ledger::log::Log::open(Box::new(ledger::store::Files::at(book.book().join("log")))).expect("a log");
    let mut bytes = Vec::new();
    entry.put(&mut bytes, |salt| salt.fill(7));
    let mut append = log.begin(None).expect("an append");
    append.push(&bytes).expect("an entry");
    append.commit().expect("on disk");
}

#[test]
fn replayed_and_forged_signatures_are_found_by_verify() {
    let approved = || {
        let book = under_policy("[]");
        done(&book, &["approve", "2027-05", "--payee", "ana"], &["cro"]);
        book
    };
    let what = |book: &TestBook| {
        let found = book.json_ended(&["verify"], 1);
        assert_eq!(found["verdict"], "altered");
        found["problems"][0]["what"].as_str().expect("a text").to_owned()
    };
    let replayed = approved();
    append(&replayed, |_, _| {});
    assert_eq!(what(&replayed), "the signature of `cro` is not one of this entry");
    let stranger = approved();
    append(&stranger, |entry, id| {
        let mallory = key("mallory");
        let signature = mallory.sign(&entry.signed_message(id));
        entry.signatures[0].key.0 = mallory.public().bytes().to_vec();
        entry.signatures[0].signature = signature;
    });
    assert_eq!(what(&stranger), "it is signed as `cro` with a key that is not valid there");
    let honest = approved();
    append(&honest, |entry, id| entry.signatures[0].signature = key("cro").sign(&entry.signed_message(id)));
    assert_eq!(honest.json(&["verify"])["verdict"], "consistent");
}
