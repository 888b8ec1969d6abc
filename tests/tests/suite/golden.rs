//! Statements of five designs as their payees read them, kept as text and reviewed like code.

use std::path::Path;

use crate::support::{Desk, is_written};

/// Folders of `tests/golden`: what happened, and what was told.
const DESIGNS: [&str; 5] = ["land", "consumption", "correction", "guarantee", "spiffs"];

#[test]
fn statements_read_as_they_were_reviewed() {
    for design in DESIGNS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(design);
        let steps = std::fs::read_to_string(folder.join("steps")).expect("steps");
        let desk = Desk::with_book();
        let mut told = Vec::new();
        for step in steps.lines() {
            let (verb, what) = step.split_once(' ').expect("a verb and what to do it to");
            let file = folder.join(what).display().to_string();
            match verb {
                "publish" => drop(desk.done(&["plan", "publish", &file])),
                "record" => drop(desk.done(&["record", &file])),
                "close" => drop(desk.done(&["close", what])),
                "show" => {
                    let (payee, period) = what.split_once(' ').expect("a payee and a month");
                    told.push(desk.done(&["statement", payee, period]));
                }
                other => panic!("`{other}` is no step that this test knows"),
            }
        }
        is_written(&format!("golden/{design}/statements.txt"), &told.join("\n"));
    }
}
