//! docs/cli.md says what the program says: the help of every command, and the members of its JSON.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::kit::{Desk, LAND, LATE, is_written};

const PAGE: &str = "../docs/cli.md";

fn page() -> String {
    std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE)).expect("docs/cli.md")
}

/// A command's help, without the options that every command has.
fn help(desk: &Desk, command: &str) -> String {
    let words: Vec<&str> = command.split_whitespace().chain(["-h"]).collect();
    let text = desk.ok(&words).out;
    if command.is_empty() {
        return text;
    }
    text.split("\n\nOptions of every command:").next().unwrap_or_default().trim_end().to_owned() + "\n"
}

/// The commands that a help lists.
fn listed(help: &str) -> Vec<String> {
    let list = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = list.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    names.filter(|name| !name.is_empty() && *name != "help").map(str::to_owned).collect()
}

fn commands(desk: &Desk) -> Vec<String> {
    let mut all = vec![String::new()];
    for command in listed(&help(desk, "")) {
        all.push(command.clone());
        all.extend(listed(&help(desk, &command)).into_iter().map(|name| format!("{command} {name}")));
    }
    all
}

/// The page with the help of each command in the block below its mark.
fn with_help(desk: &Desk, page: &str) -> (String, BTreeSet<String>) {
    let (mut text, mut marked) = (String::new(), BTreeSet::new());
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        text.push_str(&format!("{line}\n"));
        let Some(mark) = line.strip_prefix("<!-- help").and_then(|rest| rest.strip_suffix(" -->")) else { continue };
        let command = mark.trim_start_matches(": ");
        marked.insert(command.to_owned());
        assert_eq!(lines.next(), Some("```text"), "a block is below the mark of `{command}`");
        lines.by_ref().find(|line| *line == "```").expect("the block ends");
        text.push_str(&format!("```text\n{}```\n", help(desk, command)));
    }
    (text, marked)
}

#[test]
fn the_page_has_the_help_of_every_command() {
    let desk = Desk::new();
    let (text, marked) = with_help(&desk, &page());
    let commands: BTreeSet<String> = commands(&desk).into_iter().collect();
    assert_eq!(marked, commands, "marks of the page, and commands of the program");
    is_written(PAGE, &text);
}

fn members(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => object.iter().for_each(|(name, value)| {
            found.insert(name.clone());
            // Names of numbers are the plan's, and facts have a page of their own.
            if !["in", "fact", "record", "old", "new"].contains(&name.as_str()) {
                members(value, found);
            }
        }),
        Value::Array(list) => list.iter().for_each(|value| members(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn the_page_has_every_member_of_what_commands_print() {
    let desk = Desk::with_close();
    desk.write("late.jsonl", LATE.replace("\"B-2\"", "\"B-1\"").replace("{\"fact\"", "{\"corrects\": true, \"fact\""));
    desk.write("more.toml", LAND.replace("version = 1", "version = 2"));
    let mut found = BTreeSet::new();
    for arguments in [
        &["record", "late.jsonl", "--rejects", "rejects.jsonl", "--skip-superseded"][..],
        &["plan", "check", "more.toml"],
        &["plan", "publish", "more.toml"],
        &["plan", "list"],
        &["plan", "show", "land"],
        &["preview", "2027-02"],
        &["preview", "2027-02", "--bridge"],
        &["close", "2027-02"],
        &["statement", "--all", "2027-02"],
        &["explain", "ana", "land/new-logo/whole/B-1"],
        &["history", "B-1"],
        &["pending"],
        &["diff", "2027-01"],
        &["whatif", "--deal", "arr=90000,motion=new-logo,at=2027-03-01", "--payee", "ana"],
        &["balances"],
        &["log"],
        &["show", "5"],
        &["verify"],
        &["audit"],
        &["recover", "--to", "1", "--out", "sound"],
        &["init", "--book", "other"],
        &["demo", "demo"],
    ] {
        members(&desk.json(arguments), &mut found);
    }
    members(&desk.problems(&["log", "--at", "99"], 1), &mut found);
    let page = page();
    let words: BTreeSet<&str> = page.split(|c: char| !c.is_ascii_alphabetic() && c != '_').collect();
    let missing: Vec<&String> = found.iter().filter(|name| !words.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "docs/cli.md does not say what these are: {missing:?}");
}
