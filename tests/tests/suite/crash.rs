//! kill -9 at any moment: every acknowledged append is there as a whole, and no other.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::{TRUEUP, TestBook};

/// How often the writer is killed.
const KILLS: u64 = 12;

fn line(run: u64, index: u64) -> String {
    format!("{{\"fact\": \"account\", \"at\": \"2027-01-01\", \"account\": \"account-{run}-{index}\"}}\n")
}

/// Records files of a hundred accounts one after the other until it is killed; gives how many were acknowledged.
fn record_until_killed(book: &TestBook, run: u64) -> u64 {
    let script = format!(
        "i=0; while true; do '{TRUEUP}' record --quiet facts-$i.jsonl >/dev/null 2>&1 && echo $i || exit 1; i=$((i+1)); done"
    );
    for index in 0..40 {
        let lines: String = (0..100).map(|account| line(run, index * 100 + account)).collect();
        book.write(&format!("facts-{index}.jsonl"), &lines);
    }
    let mut shell = Command::new("sh")
        .args(["-c", &script])
        .current_dir(book.folder.path())
        .env("TRUEUP_BOOK", book.book())
        .process_group()
        .stdout(Stdio::piped())
        .spawn()
        .expect("a shell");
    // Another moment in each run.
    std::thread::sleep(Duration::from_millis(15 + run * 13));
    kill_group(shell.id());
    let out = BufReader::new(shell.stdout.take().expect("piped"));
    let acknowledged = out.lines().map_while(Result::ok).count() as u64;
    shell.wait().expect("it ended");
    wait_for_the_lock(book);
    acknowledged
}

/// The writer that was killed is not the shell's to wait for: its lock is free when the kernel has taken it away.
fn wait_for_the_lock(book: &TestBook) {
    let tries = 500;
    let nothing = book.write("nothing.jsonl", "");
    let free = (0..tries).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        book.run(&["record", &nothing]).status.success()
    });
    assert!(free, "the lock is still held after {tries} tries");
}

trait OwnGroup {
    fn process_group(&mut self) -> &mut Self;
}

impl OwnGroup for Command {
    fn process_group(&mut self) -> &mut Command {
        std::os::unix::process::CommandExt::process_group(self, 0)
    }
}

/// Ends the shell and whatever it has started, at once.
fn kill_group(shell: u32) {
    let status = Command::new("sh").args(["-c", &format!("kill -9 -{shell}")]).status();
    assert!(status.is_ok_and(|status| status.success()), "the group of {shell} could not be ended");
}

#[test]
fn acknowledged_means_there_and_whole() {
    let book = TestBook::with_book();
    let mut least = 1;
    for run in 0..KILLS {
        let acknowledged = record_until_killed(&book, run);
        let verified = book.json(&["verify"]);
        let entries = verified["entries"].as_u64().expect("a count");
        // A tail that was never acknowledged is cut by the next writer that has something to append.
        assert!(verified["verdict"] == "consistent" || verified["verdict"] == "torn-tail", "{verified}");
        // What was acknowledged is there, at most one append more that was on disk and not yet acknowledged, and each whole.
        let appends = (entries - least) / 100;
        assert_eq!((entries - least) % 100, 0, "an append is there in part");
        assert!(appends == acknowledged || appends == acknowledged + 1, "{acknowledged} acknowledged, {appends} found");
        // The next writer goes on where it ended.
        book.write("after.jsonl", &line(1_000 + run, 0));
        let recorded = book.json(&["record", "after.jsonl"]);
        assert_eq!(recorded["size"].as_u64(), Some(entries + 1));
        assert_eq!(book.json(&["verify"])["verdict"], "consistent");
        least = entries + 1;
    }
}
