//! Streams, formats, exit codes: what holds of every command.

use std::io::Read;
use std::process::Stdio;

use crate::kit::Desk;

#[test]
fn options_stand_before_or_behind_the_command() {
    let desk = Desk::with_close();
    let behind = desk.ok(&["balances", "--format", "json"]).out;
    assert_eq!(desk.ok(&["--format", "json", "balances"]).out, behind);
    let output = desk.command(&["balances"]).env("TRUEUP_FORMAT", "json").output().expect("it runs");
    assert_eq!(String::from_utf8(output.stdout).expect("text"), behind);
}

#[test]
fn quiet_leaves_data_and_problems() {
    let desk = Desk::with_facts();
    let loud = desk.ok(&["preview", "2027-01"]);
    assert!(loud.err.contains("trueup close"), "{}", loud.err);
    let quiet = desk.ok(&["preview", "2027-01", "--quiet"]);
    assert_eq!((quiet.out, quiet.err.as_str()), (loud.out, ""));
    assert!(desk.run(&["-q", "close", "2028-13"]).status == 2);
    assert!(!desk.run(&["-q", "log", "--at", "99"]).err.is_empty());
}

#[test]
fn a_mistake_in_the_arguments_is_2() {
    let desk = Desk::new();
    for arguments in [&["nonsense"][..], &[], &["record"], &["log", "--form", "x"], &["--format", "xml", "log"]] {
        let run = desk.run(arguments);
        assert_eq!((run.status, run.out.as_str()), (2, ""), "{arguments:?}: {run:?}");
    }
    let problems = desk.problems(&["nonsense"], 2);
    assert_eq!(problems[0]["code"], "usage");
}

#[test]
fn help_is_data() {
    let desk = Desk::new();
    for arguments in [&["--help"][..], &["help", "record"], &["--version"], &["plan", "check", "--help"]] {
        let run = desk.ok(arguments);
        assert!(!run.out.is_empty() && run.err.is_empty(), "{arguments:?}: {run:?}");
    }
}

#[test]
fn nothing_is_coloured_where_nobody_sees_it() {
    let desk = Desk::with_facts();
    let run = desk.run(&["log", "--at", "99"]);
    assert!(!run.err.contains('\u{1b}'), "{}", run.err);
    assert!(!desk.ok(&["preview", "2027-01"]).out.contains('\u{1b}'));
}

#[test]
fn a_reader_that_has_enough_is_no_failure() {
    let desk = Desk::with_facts();
    // More than a pipe holds.
    let booking = |number: usize| {
        format!("{{\"fact\": \"account\", \"at\": \"2027-01-01\", \"account\": \"account-{number}\"}}\n")
    };
    let many: String = (0..3000).map(booking).collect();
    assert_eq!(desk.run_with(&["record", "-"], many.as_bytes()).status, 0);
    for format in ["text", "json", "csv"] {
        let mut command = desk.command(&["log", "--format", format]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
        let mut first = [0; 1];
        child.stdout.take().expect("piped").read_exact(&mut first).expect("a byte");
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(0), "{format}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{format}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn output_that_cannot_be_written_is_74() {
    let desk = Desk::with_facts();
    let full = std::fs::File::options().write(true).open("/dev/full").expect("/dev/full");
    let output = desk.command(&["log"]).stdout(full).output().expect("it runs");
    assert_eq!(output.status.code(), Some(74));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("error[io]: writing to standard output failed"));
}

#[test]
fn completions_and_manual_pages_come_from_the_same_definitions() {
    let desk = Desk::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(desk.ok(&["completions", shell]).out.contains("skip-superseded"), "{shell}");
    }
    assert!(desk.ok(&["man"]).out.contains(".SH NAME\ntrueup"));
    assert!(desk.ok(&["man", "record"]).out.contains("skip\\-superseded"));
    assert!(desk.ok(&["man", "plan", "publish"]).out.contains("trueup\\-plan\\-publish"));
    desk.refused(&["man", "nonsense"], 1, "man-unknown");
    assert_eq!(desk.run(&["completions", "tcsh"]).status, 2);
}
