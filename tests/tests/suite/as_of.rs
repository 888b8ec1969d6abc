//! `--at`: what a command answered at an earlier size of the log it answers again, byte for byte, whatever was recorded since and
//! whether derived files are there (docs/cli.md).

use std::collections::BTreeSet;
use std::path::Path;

use ledger::entry::recorded_text;
use replay::book::{Book, When};

use crate::four_eyes::{add_people, key_file, policy};
use crate::payouts::FACTS;
use crate::support::TestBook;

/// Commands that read, each asked in every format.
const ASKED: [&[&str]; 32] = [
    &["statement", "june", "2027-05"],
    &["statement", "--all", "2027-04"],
    &["statement", "ana", "2027-06"],
    &["explain", "june", "land/arr/whole/B-1"],
    &["history", "land/arr/whole/B-1"],
    &["history", "B-1"],
    &["history", "june"],
    &["history", "land"],
    &["history", "acme"],
    &["history", "B-33"],
    &["pending"],
    &["diff", "2027-04"],
    &["diff", "9"],
    &["whatif", "--deal", "arr=9000,at=2027-06-10", "--payee", "june"],
    &["balances"],
    &["balances", "--attainment"],
    &["balances", "--roll-forward", "2027-04..2027-05"],
    &["trial-balance"],
    &["audit"],
    &["report", "ageing"],
    &["report", "contested-credit"],
    &["dispute", "list"],
    &["dispute", "show", "1"],
    &["author", "list"],
    &["policy", "show"],
    &["log"],
    &["log", "--item", "june"],
    &["show", "6"],
    &["show", "00000000-0000-4000-8000-00000000000b"],
    &["checkpoint"],
    &["plan", "list"],
    &["plan", "show", "land"],
];

/// Commands that read and have a format of their own, or cost more.
const ASKED_ONCE: [&[&str]; 19] = [
    &["explain", "june", "land/arr/whole/B-9"],
    &["statement", "june", "2027-05", "--format", "html"],
    &["explain", "june", "land/arr/whole/B-1", "2027-04"],
    &["pending", "june", "--period", "2027-06", "--format", "json"],
    &["plan", "check", "second.toml"],
    &["diff", "2027-04", "2027-05"],
    &["diff", "9", "--format", "svg"],
    &["whatif", "--plan", "second.toml", "--to", "2027-06"],
    &["whatif", "--facts", "cancelled.jsonl", "--from", "2027-04", "--format", "json"],
    &["preview", "2027-05"],
    &["preview", "2027-06", "--format", "json"],
    &["log", "--from", "9", "--kind", "booking"],
    &["export", "--as", "hledger"],
    &["export", "--as", "beancount", "--period", "2027-04"],
    &["export", "--as", "journal"],
    &["export", "--as", "payroll", "--map", "pay.toml", "--period", "2027-05"],
    &["export", "--as", "register", "--format", "csv"],
    &["export", "--as", "lines"],
    &["export", "--as", "jsonl", "--out", EXPORTED],
];

/// The folder of an export; it is new for each.
const EXPORTED: &str = "exported";

/// Commands that write, and those for which an earlier time means nothing: `verify` checks the files as they are.
const OTHERS: [&str; 30] = [
    "demo",
    "init",
    "record",
    "plan new",
    "plan publish",
    "close",
    "freeze",
    "approve",
    "reject",
    "hold",
    "release",
    "payout",
    "repay",
    "write-off",
    "dispute",
    "dispute open",
    "dispute answer",
    "dispute resolve",
    "key new",
    "author add",
    "policy set",
    "verify",
    "recover",
    "snapshot",
    "completions",
    "man",
    "plan",
    "report",
    "key",
    "author",
];

const FORMATS: [&str; 3] = ["text", "json", "csv"];

const PAYROLL: &str =
    "[[column]]\nname = \"who\"\nvalue = \"{payee}\"\n[[column]]\nname = \"what\"\nvalue = \"{amount} {currency}\"\n";

/// Usage of a contract, which a component is paid on, and what is late, wrong or taken back.
const USED: &str = r#"{"fact": "payee", "at": "2027-01-02", "payee": "june", "name": "June Ray"}
{"fact": "credit-split", "at": "2027-01-01", "on": {"account": "acme"}, "shares": [{"payee": "june", "percent": "100%"}]}
{"fact": "usage-snapshot", "account": "acme", "from": "2027-04-01", "to": "2027-04-30", "amount": "9000", "currency": "USD", "id": "00000000-0000-4000-8000-00000000000b"}
{"fact": "usage-snapshot", "account": "acme", "from": "2027-05-01", "to": "2027-05-20", "amount": "6000", "currency": "USD"}
"#;
const CORRECTED: &str = r#"{"fact": "booking", "at": "2027-04-15", "booking": "B-1", "account": "acme", "arr": "30000", "currency": "USD", "credit": [{"payee": "june", "percent": "100%"}], "corrects": true}
{"fact": "usage-snapshot", "account": "acme", "from": "2027-04-01", "to": "2027-04-30", "amount": "8000", "currency": "USD", "corrects": true}
{"fact": "booking", "at": "2027-04-20", "booking": "B-3", "account": "acme", "arr": "5000", "currency": "USD", "credit": [{"payee": "ana", "percent": "100%"}], "id": "00000000-0000-4000-8000-00000000000c"}
"#;
const RETRACTED: &str = r#"{"fact": "retraction", "retracts": "00000000-0000-4000-8000-00000000000c", "reason": "it was a mistake"}
"#;
const CANCELLED: &str = r#"{"fact": "cancellation", "at": "2027-06-02", "booking": "B-1"}
{"fact": "cancellation", "at": "2027-06-02", "booking": "B-2"}
{"fact": "booking", "at": "2027-06-03", "booking": "B-4", "account": "acme", "arr": "700", "currency": "USD", "credit": [{"payee": "ana", "percent": "100%"}]}
"#;
const BANK: &str = "payee,currency,amount,status,reference,date\nana,USD,350.00,partly,T-1,2027-06-02\n";

/// A plan that pays on bookings and usage, with a draw.
fn plan(version: u32, rate: &str) -> String {
    let plan = crate::payouts::PLAN.replacen("version = 1", &format!("version = {version}"), 1);
    let plan = plan.replacen("rate = \"10%\"", &format!("rate = \"{rate}\""), 1);
    format!(
        "{plan}\n[[component]]\nid = \"used\"\nmeasure = {{ usage = \"amount\" }}\nperiod = \"year\"\nrate = \"1%\"\n"
    )
}

/// The commands that make the book, one after the other.
fn steps(book: &TestBook) -> Vec<Vec<String>> {
    ["cfo", "cro", "ops"].iter().for_each(|name| drop(key_file(book, name)));
    for (file, text) in [
        ("first.toml", &*plan(1, "10%")),
        ("second.toml", &plan(2, "11%")),
        ("facts.jsonl", FACTS),
        ("used.jsonl", USED),
        ("corrected.jsonl", CORRECTED),
        ("retracted.jsonl", RETRACTED),
        ("cancelled.jsonl", CANCELLED),
        ("bank.csv", BANK),
        ("pay.toml", PAYROLL),
    ] {
        book.write(file, text);
    }
    policy(book, r#"[{"kind": "approve", "not": "maker"}]"#);
    let log_key = crate::checkpoints::key_file(book, "log", 7);
    let text = format!(
        "plan publish first.toml
         record facts.jsonl
         record used.jsonl
         close 2027-04
         record corrected.jsonl
         freeze 2027-03-31 --reason audited
         record retracted.jsonl
         checkpoint --key {log_key}
         AUTHORS
         policy set policy.json --sign cfo.key --sign cro.key
         close 2027-05 --sign cfo.key
         dispute open june 2027-05 --line land/arr/whole/B-1 --reason corrected --evidence 6 first.toml
         dispute open ana 2027-05 --reason late
         reject 2027-04 --payee june --reason contested --sign cro.key
         approve 2027-05 --payee ana --comment checked --sign cro.key
         hold ana --amount 100 --currency USD --reason bank --sign cro.key
         dispute answer 1 seen
         dispute resolve 2 withdrawn mistaken --sign cro.key
         payout 2027-05 --sign ops.key
         payout 2027-05 --confirm bank.csv --sign ops.key
         release ana --reason came --sign cro.key
         plan publish second.toml
         record cancelled.jsonl
         dispute resolve 1 rejected cancelled
         close 2027-06 --sign cfo.key
         repay june --amount 100 --currency USD --reference wire --sign ops.key
         write-off june --amount 50 --currency USD --of draw --reason agreed --sign cfo.key
         payout 2027-05 --sign ops.key"
    );
    text.lines().map(|line| line.split_whitespace().map(str::to_owned).collect()).collect()
}

/// What was printed and said, and the status.
type Answer = (Option<i32>, String, String);

/// A size of the log at the end of a command, with what other commands answered then.
struct Moment {
    size: u64,
    /// The time of the last entry.
    recorded: u64,
    answers: Vec<Option<Answer>>,
}

/// Every question, with the format in it.
fn questions() -> Vec<Vec<&'static str>> {
    let formats = |words: &'static [&'static str]| FORMATS.map(|format| [words, &["--format", format]].concat());
    ASKED.into_iter().flat_map(formats).chain(ASKED_ONCE.map(<[&str]>::to_vec)).collect()
}

fn answer(book: &TestBook, words: &[&str]) -> Answer {
    let folder = book.folder.path().join(EXPORTED);
    let exports = words.contains(&EXPORTED);
    if exports && folder.exists() {
        std::fs::remove_dir_all(&folder).expect("removed");
    }
    let output = book.run(words);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let mut printed = text(output.stdout);
    if exports && folder.exists() {
        let mut files: Vec<_> = folder.read_dir().expect("a folder").map(|file| file.expect("a file").path()).collect();
        files.sort();
        for file in files {
            printed += &std::fs::read_to_string(&file).expect("a text");
        }
    }
    (output.status.code(), printed, text(output.stderr))
}

/// The answers to all questions that are `wanted`, with more words; several at once.
fn answers(book: &TestBook, more: &[&str], wanted: impl Fn(&[&str]) -> bool + Sync) -> Vec<Option<Answer>> {
    let questions = questions();
    let threads = std::thread::available_parallelism().map_or(2, |count| count.get());
    let ask = |words: &Vec<&str>| wanted(words).then(|| answer(book, &[&words[..], more].concat()));
    std::thread::scope(|scope| {
        let parts = questions.chunks(questions.len().div_ceil(threads));
        let running: Vec<_> = parts.map(|part| scope.spawn(move || part.iter().map(ask).collect::<Vec<_>>())).collect();
        running.into_iter().flat_map(|part| part.join().expect("a part")).collect()
    })
}

/// Asks everything again, with `--at`, and compares with what was answered then.
fn ask_again(book: &TestBook, moment: &Moment, at: &str, wanted: impl Fn(&[&str]) -> bool + Sync) {
    let was = questions().into_iter().zip(&moment.answers);
    let asked: BTreeSet<Vec<&str>> = was.filter(|(_, was)| was.is_some()).map(|(words, _)| words).collect();
    let found = answers(book, &["--at", at], |words| wanted(words) && asked.contains(words));
    for (words, (found, was)) in questions().iter().zip(found.iter().zip(&moment.answers)) {
        let size = moment.size;
        assert!(
            found.is_none() || found == was,
            "{words:?} --at {at} (size {size}): was\n{was:#?}\nand is\n{found:#?}",
        );
    }
}

/// A table is asked for as CSV at every third moment: it shows what was found for the other formats, and each question takes time.
fn moment(book: &TestBook, number: usize) -> Moment {
    let opened = Book::open_read(&*book.book()).expect("a book");
    let (size, recorded) = (opened.size(), opened.state().last_recorded());
    let answers = answers(book, &[], |words| number.is_multiple_of(3) || !words.contains(&"csv"));
    Moment { size, recorded, answers }
}

/// Runs the steps, and looks at the book after each.
fn told(book: &TestBook) -> Vec<Moment> {
    let steps = steps(book);
    book.done(&["init", "--name", "acme"]);
    let mut moments = vec![moment(book, 0)];
    for step in &steps {
        if step == &["AUTHORS"] {
            add_people(book);
        } else {
            book.done(&step.iter().map(String::as_str).collect::<Vec<_>>());
        }
        moments.push(moment(book, moments.len()));
        if step.starts_with(&["hold".to_owned()]) {
            // A snapshot in the middle: what comes before it is folded from the first entry, the rest from here.
            book.done(&["snapshot"]);
            std::fs::rename(book.book().join("derived"), book.folder.path().join("middle")).expect("moved");
        }
    }
    moments
}

/// Snapshots of the middle and the end, and an index of the whole log.
fn make_derived(book: &TestBook) {
    book.done(&["snapshot"]);
    let (opened, _) = Book::open(&*book.book()).expect("a book");
    opened.keep_index(When::Now).expect("an index");
    let derived = book.book().join("derived");
    for file in book.folder.path().join("middle").read_dir().expect("a folder") {
        let file = file.expect("a file").path();
        if file.extension().is_some_and(|end| end == "snapshot") {
            std::fs::copy(&file, derived.join(file.file_name().expect("a name"))).expect("copied");
        }
    }
    assert_eq!(ends(&derived), ["index", "snapshot", "snapshot"]);
}

fn ends(folder: &Path) -> Vec<String> {
    let files = folder.read_dir().expect("a folder").map(|file| file.expect("a file").path());
    let mut ends: Vec<String> =
        files.filter_map(|file| file.extension().map(|end| end.to_string_lossy().into_owned())).collect();
    ends.retain(|end| ["index", "snapshot"].contains(&&**end));
    ends.sort();
    ends
}

#[test]
fn what_was_answered_is_answered_again() {
    let book = TestBook::new();
    let moments = told(&book);
    let is_text = |words: &[&str]| !words.contains(&"json") && !words.contains(&"csv");
    assert!(!book.book().join("derived").exists(), "no derived file was made");
    for moment in &moments {
        ask_again(&book, moment, &moment.size.to_string(), |_| true);
    }
    // The formats show what was found in one way.
    make_derived(&book);
    for moment in &moments {
        ask_again(&book, moment, &moment.size.to_string(), is_text);
    }
    for moment in &moments {
        ask_again(&book, moment, &recorded_text(moment.recorded), |words| words[0] == "log" || words[0] == "balances");
    }
    assert_eq!(ends(&book.book().join("derived")), ["index", "snapshot", "snapshot"], "nothing was written");
    // A close that signed no checkpoint ends with its entry.
    let refused: Vec<_> = questions().into_iter().zip(&moments[moments.len() - 1].answers).collect();
    let is_refused = |answer: &Option<Answer>| answer.as_ref().is_some_and(|answer| answer.0 != Some(0));
    let refused = refused.iter().filter(|(_, answer)| is_refused(answer)).map(|(words, _)| words[..2].join(" "));
    let refused: BTreeSet<String> = refused.collect();
    let expected =
        ["explain june", "history B-33", "plan check", "preview 2027-05", "preview 2027-06", "whatif --plan"];
    assert_eq!(refused.iter().collect::<Vec<_>>(), expected, "everything else answers at the end");
    let opened = Book::open_read(&*book.book()).expect("a book");
    let closes = &opened.state().posted_state().closes;
    assert_eq!(closes.len(), 3);
    let mut compared = 0;
    for close in closes {
        let (month, size) = (close.close.period.to_string(), u64::from(close.position) + 1);
        if let Some(moment) = moments.iter().find(|moment| moment.size == size) {
            ask_again(&book, moment, &month, |_| true);
            compared += 1;
        }
        for words in questions().iter().filter(|words| is_text(words)) {
            let at = |at: &str| answer(&book, &[&words[..], &["--at", at]].concat());
            assert_eq!(at(&month), at(&size.to_string()), "{words:?} --at {month}");
        }
    }
    assert_eq!(compared, 1, "April was closed before the log had a key");
}

#[test]
fn what_was_not_recorded_is_refused() {
    let book = TestBook::with_book();
    book.done(&["plan", "publish", &book.write("plan.toml", &plan(1, "10%"))]);
    book.done(&["record", &book.write("facts.jsonl", FACTS)]);
    book.done(&["close", "2027-04"]);
    let size = book.json(&["verify"])["size"].as_u64().expect("a size");
    for words in [&["balances"][..], &["show", "1"], &["checkpoint"], &["preview", "2027-05"]] {
        let said = |at: &str| book.refused(&[words, &["--at", at]].concat());
        assert!(said("2027-05").contains("2027-05 is not closed"), "{words:?}");
        assert!(said("2027-05").contains("closed is 2027-04"), "{words:?}");
        assert!(said(&(size + 1).to_string()).starts_with("error[at-beyond]"), "{words:?}");
        assert!(said("2001-01-01").starts_with("error[at-before]"), "{words:?}");
        let late = book.run(&[words, &["--at", "9999-01-01"]].concat());
        assert!(String::from_utf8_lossy(&late.stderr).starts_with("warning[at-after-last]"), "{words:?}: {late:?}");
        assert_eq!(book.run(&[words, &["--at", "0"]].concat()).status.code(), Some(2), "{words:?}");
    }
    // What a close uses can be named by a time or a close, too.
    let of_close = book.json(&["preview", "2027-05", "--at", "2027-04"])["digest"].clone();
    assert_eq!(book.json(&["preview", "2027-05"])["digest"], of_close);
    assert!(book.refused(&["close", "2027-05", "--at", "2027-05"]).starts_with("error[at-open]"));
    assert_eq!(book.json(&["close", "2027-05", "--at", "2027-04"])["digest"], of_close);
}

/// The commands that a help lists.
fn listed(book: &TestBook, command: &[&str]) -> Vec<String> {
    let help = book.done(&[command, &["-h"]].concat());
    let list = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = list.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    names.filter(|name| !name.is_empty() && *name != "help").map(str::to_owned).collect()
}

#[test]
fn every_command_that_reads_takes_an_earlier_time_and_is_asked() {
    let book = TestBook::new();
    let mut all = BTreeSet::new();
    for command in listed(&book, &[]) {
        let below = listed(&book, &[&command]);
        all.extend(below.iter().map(|name| format!("{command} {name}")));
        all.insert(command);
    }
    let others: BTreeSet<&str> = OTHERS.into_iter().collect();
    for command in all.iter().filter(|command| !others.contains(&***command)) {
        let words: Vec<&str> = command.split(' ').collect();
        let help = book.done(&[&words[..], &["-h"]].concat());
        if listed(&book, &words).is_empty() {
            assert!(help.contains("--at <SIZE|TIME|CLOSE>"), "`{command}` does not take `--at`");
            assert!(questions().iter().any(|asked| asked.starts_with(&words)), "`{command}` is not asked in this test");
        }
    }
    let unknown: Vec<&&str> = others.iter().filter(|other| !all.contains(**other)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
