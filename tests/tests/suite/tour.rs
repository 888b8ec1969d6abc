//! The commands of the README, of the tutorial and of the page on keeping a book do what these pages say.

use std::path::Path;
use std::process::Command;

use crate::support::{TRUEUP, TestBook};

/// The blocks marked `sh tour`, and whether their last command is to be refused.
fn blocks(readme: &str) -> Vec<(String, bool)> {
    let mut blocks = Vec::new();
    let mut lines = readme.lines();
    while let Some(line) = lines.next() {
        if let Some(marks) = line.strip_prefix("```sh tour") {
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push((block.join("\n"), marks.trim() == "fails"));
        }
    }
    blocks
}

#[test]
fn the_readmes_commands_run() {
    run("README.md", 6, &[]);
}

#[test]
fn the_commands_for_keeping_a_book_run() {
    let said = ["Ana Lima", "(sealed)", "book-permissions", "keys = \"../secrets/beta.keys\"", "1 known"];
    run("docs/operations.md", 7, &said);
}

#[test]
fn the_commands_of_the_tutorial_run() {
    let amounts =
        ["10,608.00", "7,800.00", "2,700.00", "108.00", "5,200.00", "60.83%", "1,350.00", "4,050.00", "900.00"];
    run("docs/tutorial.md", 9, &amounts);
}

#[test]
fn the_commands_of_a_month_end_run() {
    let says = [
        "closed, 6,000.00 USD to be approved",
        "Approved up to 2027-03: 10,200.00 USD for 2 payees",
        "4,200.00 USD up to 2027-03 is held and was not paid: `ben`",
        "Nothing to pay up to 2027-03.",
        "ana,410,6000.00,2027-03-",
        "Recorded 1 result, 0 known already",
        "set off against the payable balance",
        "Verified: consistent with its head",
    ];
    run("docs/month-end.md", 10, &says);
}

#[test]
fn the_commands_of_disputes_run() {
    let says = [
        "5,000.00 USD to be approved, 1 dispute open",
        "disputed: line growth/new-logo/whole/B-1, dispute 1, open since",
        "Dispute 1 is accepted. It is corrected by the entry at position 17.",
        "posted with 2027-02 (position 21): growth/new-logo/whole/B-1 1,000.00 USD",
        "corrects_disputes  1",
        "does not count: ben 100% (split on account, entry 22)",
        "open disputes: 2 and 3",
        "posted with 2027-04 (position 37): growth/new-logo/whole/B-3 1,500.00 USD",
        "changed since the close of 2027-03, which had: ana 100%",
    ];
    run("docs/disputes.md", 7, &says);
}

#[test]
fn the_commands_for_a_policy_run() {
    run("docs/approvals.md", 6, &["The policy is in force", "Paid out up to 2027-01", "cro has a new key"]);
}

#[test]
fn the_commands_for_an_audit_run() {
    let says = [
        "Audited: everything is as it is derived.",
        "Audited 2 closes, 2 lines, 2 settlements, 1 approval or rejection, 1 payout.",
        "Wrote the evidence for 2 of 2 lines into `evidence`",
        "ana,USD,land/new-logo/whole/B-1,24000.00,paid,001.txt 001.json 001.plan-1.toml",
        "\"seed\":\"audit of 2027, Q1\"",
        "That a payee agreed to a plan is not recorded",
    ];
    run("docs/audit.md", 3, &says);
}

#[test]
fn the_commands_for_checkpoints_run() {
    let says = [
        "The log extends the checkpoint of size",
        "its end was cut off, or log and head were restored together",
        "the key that was given",
    ];
    run("docs/checkpoints.md", 6, &says);
}

/// Runs the blocks of a page, at least so many, and looks for words in all that they print.
fn run(page: &str, least: usize, says: &[&str]) {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(page)).expect("a page");
    let mut all = String::new();
    let book = TestBook::new();
    let bin = book.folder.path().join("bin");
    std::fs::create_dir(&bin).expect("a folder");
    std::os::unix::fs::symlink(TRUEUP, bin.join("trueup")).expect("a link");
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
    let blocks = blocks(&text);
    assert!(blocks.len() >= least, "{page} has {} blocks of the tour", blocks.len());
    for (block, fails) in blocks {
        let output = Command::new("sh")
            .args(["-e", "-c", &block])
            .current_dir(book.folder.path())
            .env("PATH", &path)
            .env_remove("TRUEUP_BOOK")
            .env_remove("COLUMNS")
            .env_remove("TRUEUP_KEYS")
            .env_remove("TRUEUP_SIGN")
            .output();
        let output = output.expect("a shell");
        let said =
            format!("{block}\n{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.success(), !fails, "{said}");
        if fails {
            assert!(said.contains("did you mean `account`?"), "{said}");
        }
        all.push_str(&said);
    }
    for words in says {
        assert!(all.contains(words), "{page} does not say {words}: {all}");
    }
}
