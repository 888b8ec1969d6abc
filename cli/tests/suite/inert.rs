//! Text that came from outside is shown and never obeyed: in every command, every format, and every message.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::kit::{Desk, Run};

/// A settlement that a name pretends to be, and everything else that was seen to reach a terminal.
const HOSTILE: &str = "Ana\n\nSettlement\n  99,000.00  TO PAY\r\u{1b}[2J\u{1b}]0;title\u{7}\u{8}\t\u{9b}31m\u{202e}gnp\u{202c}\
                       \u{2066}x\u{2069}\u{61c}\u{34f}\u{115f}\u{3164}\u{180e}\u{fe0f}\u{200b}\u{feff}\u{2028}\u{85}\u{7f}\u{e0041}";

/// Which characters may stand in no id: one of each kind that was seen to pass.
const UNSEEN: [(char, &str); 16] = [
    ('\u{1b}', "U+001B ESCAPE"),
    ('\u{7}', "U+0007 ALERT"),
    ('\n', "U+000A LINE FEED"),
    ('\u{7f}', "U+007F DELETE"),
    ('\u{ad}', "U+00AD SOFT HYPHEN"),
    ('\u{34f}', "U+034F COMBINING GRAPHEME JOINER"),
    ('\u{61c}', "U+061C ARABIC LETTER MARK"),
    ('\u{115f}', "U+115F HANGUL CHOSEONG FILLER"),
    ('\u{180e}', "U+180E MONGOLIAN VOWEL SEPARATOR"),
    ('\u{200d}', "U+200D ZERO WIDTH JOINER"),
    ('\u{2028}', "U+2028 LINE SEPARATOR"),
    ('\u{202e}', "U+202E RIGHT-TO-LEFT OVERRIDE"),
    ('\u{2067}', "U+2067 RIGHT-TO-LEFT ISOLATE"),
    ('\u{3164}', "U+3164 HANGUL FILLER"),
    ('\u{fe0f}', "U+FE0F VARIATION SELECTOR-16"),
    ('\u{e0041}', "U+E0041"),
];

const PLAN: &str = r#"plan = "land"
version = 1
edition = 1
title = TITLE
currency = "USD"
effective = 2027-01-01

[[component]]
id = "new-logo"
title = TITLE
measure = { booking = "arr" }
period = "year"
quota = "assigned"
rate = "10%"
cancellation = "restate"

[[component.installment]]
id = "now"
share = "50%"

[[component.installment]]
id = "later"
share = "50%"
after = "40 days"
"#;

/// A book in which every text that may be free is this one. Titles are lines, so they have no controls.
fn book(text: &str) -> Desk {
    let desk = Desk::new();
    let title: String = text.chars().filter(|c| !c.is_control()).collect();
    desk.write("land.toml", PLAN.replace("TITLE", &json!(format!("T{title}")).to_string()));
    let person = |payee: &str| {
        json!({"fact": "payee", "at": "2027-01-01", "payee": payee, "name": text, "email": text, "title": text,
            "currency": "USD", "source": text, "note": text})
    };
    let assigned = |payee: &str| {
        json!({"fact": "assignment", "at": "2027-01-01", "until": "2027-12-31", "payee": payee, "plan": "land",
            "quota": {"new-logo": "300000"}, "source": text, "note": text})
    };
    let booking = |id: &str, payee: &str| {
        json!({"fact": "booking", "at": "2027-01-10", "booking": id, "account": "acme", "motion": "new-logo",
            "arr": "240000", "currency": "USD", "credit": [{"payee": payee, "percent": "100%"}], "source": text, "note": text})
    };
    let reason = format!("r{text}");
    let facts = [
        person("ana"),
        person("=bea"),
        json!({"fact": "account", "at": "2027-01-01", "account": "acme", "name": text}),
        assigned("ana"),
        assigned("=bea"),
        booking("B-1", "ana"),
        booking("-B2", "=bea"),
        booking("B-3", "=bea"),
        json!({"fact": "adjustment", "at": "2027-01-20", "payee": "ana", "amount": "-75.00", "currency": "USD", "reason": reason, "line": text}),
        json!({"fact": "cancellation", "at": "2027-01-25", "booking": "B-3", "reason": text}),
        json!({"fact": "signal", "at": "2027-01-12", "signal": "live", "account": "acme", "note": text, "source": text}),
        json!({"fact": "retraction", "retracts": "booking:B-1", "reason": reason}),
    ];
    let lines = |facts: &[Value]| facts.iter().map(|fact| format!("{fact}\n")).collect::<String>();
    desk.write("facts.jsonl", lines(&facts[..11]));
    desk.write("late.jsonl", lines(&facts[11..]));
    desk.ok(&["init", "--name", "acme"]);
    desk.ok(&["plan", "publish", "land.toml"]);
    desk.ok(&["record", "facts.jsonl"]);
    desk.ok(&["close", "2027-01"]);
    desk.ok(&["record", "late.jsonl"]);
    desk.ok(&["freeze", "2027-01-31", "--reason", &reason.replace('\0', "")]);
    desk
}

/// Every command that shows something of such a book, or of an argument.
fn commands(text: &str) -> Vec<Vec<String>> {
    let typed = text.replace('\0', "");
    let typed = typed.trim_start_matches('-');
    let list: [&[&str]; 34] = [
        &["log"],
        &["log", "--item", "B-1"],
        &["log", "--item", typed],
        &["show", "1"],
        &["show", "2"],
        &["show", "4"],
        &["show", "10"],
        &["show", typed],
        &["history", "B-1"],
        &["history", "acme"],
        &["history", "--", typed],
        &["statement", "--all", "2027-01"],
        &["statement", "ana", "2027-01"],
        &["statement", "--", typed, "2027-01"],
        &["statement", "ana", "--", typed],
        &["explain", "ana", "land/new-logo/now/B-1"],
        &["explain", "ana", "--", typed],
        &["pending"],
        &["pending", "ana"],
        &["balances"],
        &["preview", "2027-02"],
        &["diff", "4"],
        &["diff", "2027-01", typed],
        &["whatif", "--facts", "hostile.jsonl"],
        &["whatif", "--deal", typed, "--payee", typed],
        &["plan", "list"],
        &["plan", "show", "--", typed],
        &["plan", "check", "land.toml"],
        &["verify"],
        &["record", "--", typed],
        &["record", "hostile.jsonl"],
        &["--as", typed, "log"],
        &["--format", typed, "log"],
        &["man", "--", typed],
    ];
    list.iter().map(|command| command.iter().map(|word| (*word).to_owned()).collect()).collect()
}

/// The rule of docs/cli.md, in other words than the program has it.
fn obeyed(text: &str) -> Option<char> {
    let class = regex::Regex::new(r"[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}--\n]")
        .expect("a class");
    class.find(text).and_then(|found| found.as_str().chars().next())
}

fn assert_inert(run: &Run, what: &[String]) {
    for text in [&run.out, &run.err] {
        assert_eq!(obeyed(text), None, "{what:?}: {text}");
        let forged = text.lines().find(|line| line.starts_with("  99,000.00") || *line == "Settlement\\r");
        assert_eq!(forged, None, "{what:?}: {text}");
    }
}

fn assert_all_inert(desk: &Desk, text: &str) {
    // A fact that is refused, so that the line itself is shown.
    desk.write(
        "hostile.jsonl",
        json!({"fact": text, text: text, "z": text}).to_string() + "\n" + &text.replace('\n', " ") + "\n",
    );
    for command in commands(text) {
        for format in ["text", "csv", "json"] {
            let mut words: Vec<&str> = vec!["--format", format];
            if command[0] == "--format" {
                words.clear();
            }
            words.extend(command.iter().map(String::as_str));
            let run = desk.run(&words);
            assert_ne!(run.status, 70, "{words:?}: {}", run.err);
            assert_inert(&run, &command);
            if format == "json" && run.status == 0 && command[0] != "man" {
                let read: Result<Value, _> = serde_json::from_str(&run.out);
                assert!(read.is_ok(), "{words:?}: {}", run.out);
            }
        }
    }
}

#[test]
fn hostile_text_is_shown_in_every_command_and_format() {
    let desk = book(HOSTILE);
    assert_all_inert(&desk, HOSTILE);
    let statement = desk.ok(&["statement", "ana", "2027-01"]).out;
    assert_eq!(statement.lines().filter(|line| *line == "Settlement").count(), 1, "{statement}");
    assert!(statement.starts_with("Statement of Ana\\n\\nSettlement\\n 99,000.00 TO PAY\\r"), "{statement}");
}

#[test]
fn json_keeps_the_text_that_was_sent() {
    let desk = book(HOSTILE);
    let shown = desk.json(&["show", "2"]);
    for member in ["name", "email", "title", "note", "source"] {
        assert_eq!(shown["fact"][member], HOSTILE, "{member}");
    }
    // A name is sealed and opened, a reason and an account's name stand in clear.
    assert_eq!(desk.json(&["show", "4"])["fact"]["name"], HOSTILE);
}

#[test]
fn files_and_folders_may_be_called_anything() {
    let desk = book("x");
    let name = "evil\u{1b}[31m\nerror: forged\u{202e}.jsonl";
    desk.write(name, "nonsense\u{1b}[2J\n{\"fact\": \"account\", \"at\": \"2027-01-01\", \"account\": \"zed\"}\n");
    for arguments in [
        vec!["record", name],
        vec!["record", name, "--rejects", "rejects\u{202e}.jsonl"],
        vec!["record", "--map", name, name],
        vec!["plan", "check", name],
        vec!["plan", "publish", name],
        vec!["close", "2027-02", "--opening", name],
        vec!["init", "--book", "b\u{1b}[1m"],
        vec!["--book", "no\u{202e}\nbook", "log"],
        vec!["--book", name, "log"],
        vec!["demo", "demo\u{1b}\n"],
    ] {
        for format in ["text", "json"] {
            let run = desk.run(&[&["--format", format], arguments.as_slice()].concat());
            let words: Vec<String> = arguments.iter().map(|word| (*word).to_owned()).collect();
            assert_inert(&run, &words);
            assert!(run.status != 70 && !run.err.lines().any(|line| line.starts_with("error: forged")), "{}", run.err);
        }
    }
    let rejects = desk.read("rejects\u{202e}.jsonl");
    assert_eq!(obeyed(&rejects), None, "{rejects}");
    let first: Value = serde_json::from_str(rejects.lines().next().expect("a line")).expect("JSON");
    assert_eq!(first["text"], "nonsense\u{1b}[2J");
}

#[test]
fn ids_with_unseen_characters_are_refused_by_name() {
    let desk = Desk::with_facts();
    for (c, name) in UNSEEN {
        for (kind, field) in [("account", "account"), ("payee", "payee"), ("payee", "manager"), ("account", "segment")]
        {
            let mut fact = json!({"fact": kind, "at": "2027-01-01", kind: "zed"});
            fact[field] = json!(format!("ze{c}d"));
            desk.write("id.jsonl", fact.to_string());
            let run = desk.refused(&["record", "id.jsonl"], 1, "id-invisible");
            assert!(
                run.err.contains(&format!("holds {name}")) && run.err.contains("as its character 3"),
                "{}",
                run.err
            );
        }
        let run = desk.run(&["--as", &format!("ze{c}d"), "log"]);
        assert!(run.status == 2 && run.err.contains(name), "{run:?}");
        let run = desk.run(&["--book", "other", "init", "--name", &format!("ze{c}d")]);
        assert!(run.status == 2 && run.err.contains(name), "{run:?}");
    }
}

#[test]
fn ids_have_one_spelling() {
    let desk = Desk::with_facts();
    let account = |id: &str| json!({"fact": "account", "at": "2027-01-01", "account": id}).to_string();
    desk.write("nfc.jsonl", account("Caf\u{e9}"));
    desk.write("nfd.jsonl", account("Cafe\u{301}"));
    desk.ok(&["record", "nfc.jsonl"]);
    let run = desk.refused(&["record", "nfd.jsonl"], 1, "id-not-nfc");
    assert!(run.err.contains("normalisation form C (NFC): `Caf\u{e9}`"), "{}", run.err);
    // What was typed looks like what there is.
    for command in
        [&["history", "Cafe\u{301}"][..], &["statement", "Cafe\u{301}", "2027-01"], &["plan", "show", "Cafe\u{301}"]]
    {
        let desk = Desk::with_close();
        let run = desk.run(command);
        assert!(run.status == 1 && run.err.contains("what was typed is not in Unicode"), "{command:?}: {}", run.err);
    }
    // Letters of several scripts are no fault.
    desk.write("mixed.jsonl", account("Кафе cafe 東京 אבי"));
    desk.ok(&["record", "mixed.jsonl"]);
}

#[test]
fn no_text_is_a_formula_and_raw_cells_are_untouched() {
    let desk = book("=HYPERLINK(\"http://x\")");
    for command in [
        &["statement", "--all", "2027-01"][..],
        &["log"],
        &["history", "-B2"],
        &["balances"],
        &["pending"],
        &["plan", "list"],
    ] {
        let command: Vec<&str> = if command[0] == "history" { vec!["history", "--", "-B2"] } else { command.to_vec() };
        let out = desk.ok(&[&["--format", "csv"][..], &command].concat()).out;
        for cell in out.lines().flat_map(|line| line.split(',')) {
            let cell = cell.trim_start_matches('"').trim_start();
            let is_number = cell.parse::<f64>().is_ok();
            assert!(is_number || !cell.starts_with(['=', '+', '-', '@']), "{command:?}: {cell}");
        }
    }
    let safe = desk.ok(&["--format", "csv", "statement", "=bea", "2027-01"]).out;
    assert!(safe.contains(",'=bea,USD,land/new-logo/now/-B2,") && safe.contains(",'-B2,"), "{safe}");
    assert!(
        desk.ok(&["--format", "csv", "statement", "ana", "2027-01"]).out.contains(",-75.00,"),
        "an amount is a number"
    );
    let raw = desk.ok(&["--format", "csv", "--raw", "statement", "=bea", "2027-01"]).out;
    assert!(raw.contains(",=bea,USD,land/new-logo/now/-B2,") && raw.contains(",-B2,"), "{raw}");
    let raw = desk.ok(&["--format", "csv", "--raw", "plan", "list"]).out;
    assert!(raw.contains("\"T=HYPERLINK(\"\"http://x\"\")\""), "{raw}");
}

#[test]
fn a_mapping_makes_no_odd_ids_and_its_dry_run_is_inert() {
    let desk = Desk::with_facts();
    let map =
        "[[fact]]\nfact = \"account\"\nat = 2027-01-01\naccount = { column = \"a\" }\nname = { column = \"n\" }\n";
    desk.write("map.toml", map);
    desk.write("odd.csv", "a,n\nze\u{202e}d,x\nCafe\u{301},y\n");
    let run = desk.refused(&["record", "--map", "map.toml", "odd.csv"], 1, "id-invisible");
    assert!(run.err.contains("error[id-not-nfc]") && run.err.contains("odd.csv:2:1"), "{}", run.err);
    assert_inert(&run, &["record".to_owned()]);
    desk.write("good.csv", "a,n\nzed,\"x\u{1b}[2J\u{202e}\n  99,000.00\"\n");
    let run = desk.ok(&["record", "--map", "map.toml", "--dry-run", "good.csv"]);
    assert!(run.out.contains("\\u{202e}"), "{}", run.out);
    assert_inert(&run, &["record".to_owned()]);
}

/// What `preview` writes for people is what `close --opening` reads.
#[test]
fn an_opening_of_payees_that_look_like_formulas_comes_back() {
    let payees = ["=bea", "@cy", "-dan", "+eve", "'=fay", "'gus", "\u{ff1d}hal", "ana"];
    for raw in [false, true] {
        let desk = Desk::new();
        desk.write("land.toml", PLAN.replace("TITLE", "\"t\""));
        let mut facts = String::new();
        for (index, payee) in payees.iter().enumerate() {
            for fact in [
                json!({"fact": "payee", "at": "2027-01-01", "payee": payee, "currency": "USD"}),
                json!({"fact": "assignment", "at": "2027-01-01", "payee": payee, "plan": "land", "quota": {"new-logo": "300000"}}),
                json!({"fact": "booking", "at": "2027-01-10", "booking": format!("-B{index}"), "account": "acme", "arr": "1000",
                    "currency": "USD", "credit": [{"payee": payee, "percent": "100%"}]}),
            ] {
                facts.push_str(&format!("{fact}\n"));
            }
        }
        desk.write("facts.jsonl", &facts);
        desk.ok(&["init", "--name", "acme"]);
        desk.ok(&["plan", "publish", "land.toml"]);
        desk.ok(&["record", "facts.jsonl"]);
        let flags: &[&str] = if raw { &["--raw"] } else { &[] };
        let preview = desk.ok(&[&["--format", "csv", "preview", "2027-01"], flags].concat()).out;
        // A file without `--raw` can be told apart; of one with it, an id with an apostrophe before a sign cannot.
        let preview: String =
            preview.lines().filter(|line| !raw || !line.contains("'=fay")).map(|line| format!("{line}\n")).collect();
        desk.write("opening.csv", &preview);
        let closed = desk.json(&["close", "2027-01", "--opening", "opening.csv"]);
        let settled: Vec<&str> =
            closed["settled"].as_array().expect("a list").iter().filter_map(|line| line["payee"].as_str()).collect();
        let mut expected: Vec<&str> = payees.iter().copied().filter(|payee| !raw || *payee != "'=fay").collect();
        expected.sort_unstable();
        let mut settled = settled.clone();
        settled.sort_unstable();
        assert_eq!(settled, expected, "{preview}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, max_shrink_iters: 0, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any text, and one that is made of what is dangerous.
    #[test]
    fn any_text_is_inert(text in prop_oneof![
        "\\PC{1,40}",
        any::<String>().prop_map(|text| format!("x{text}")),
        "[a\\x00-\\x1f\\x7f-\\u{9f}\\u{ad}\\u{34f}\\u{61c}\\u{200b}-\\u{200f}\\u{2028}-\\u{202e}\\u{2060}-\\u{206f}\\u{fe00}-\\u{fe0f}\\u{e0000}-\\u{e007f}]{1,60}",
    ]) {
        let desk = book(&text);
        assert_all_inert(&desk, &text);
    }
}
