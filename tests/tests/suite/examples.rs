//! The worked examples, exactly, from the command line on a fresh book.

use std::path::Path;

use serde_json::Value;

use crate::support::{Desk, differs, shared};

/// Those that use only what this version calculates.
const CALCULATED: [&str; 12] = [
    "01-land-split-pay",
    "02-land-gate-and-accelerator",
    "04-spiffs",
    "05-consumption-ae-ramp-accelerators",
    "06-bridge-draw",
    "07-consumption-milestones",
    "10-activation-retention-overlay-partner",
    "11-late-and-corrected-facts",
    "12-plan-changed-retroactively",
    "14-cancelled-after-quota",
    "15-guarantee-recovered",
    "17-upsell-and-leaver",
];

const MORE: [&str; 2] = ["18-currencies-and-a-fiscal-year", "20-a-typo-costs-nobody"];

fn expected(folder: &Path) -> Value {
    let text = std::fs::read_to_string(folder.join("expected.json")).expect("expected.json");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn examples_give_what_they_say() {
    let Some(examples) = shared("examples") else { return };
    for name in CALCULATED.iter().chain(&MORE) {
        let folder = examples.join(name);
        let found = Value::Array(Desk::with_book().follow(&folder));
        if let Some(difference) = differs(&expected(&folder), &found, name) {
            panic!("{difference}");
        }
    }
}

/// What is not calculated yet is refused when it is published, never ignored.
#[test]
fn the_other_examples_are_refused_as_not_yet() {
    let Some(examples) = shared("examples") else { return };
    for entry in std::fs::read_dir(examples).expect("a folder") {
        let folder = entry.expect("an entry").path();
        let name = folder.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
        if CALCULATED.iter().chain(&MORE).any(|known| *known == name) {
            continue;
        }
        let steps = std::fs::read_to_string(folder.join("steps")).expect("steps");
        let desk = Desk::with_book();
        let refused = steps.lines().filter_map(|step| step.strip_prefix("publish ")).any(|file| {
            let output = desk.run(&["plan", "publish", &folder.join(file).display().to_string()]);
            let text = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success() || text.contains("plan-not-yet"), "{name}: {text}");
            !output.status.success()
        });
        assert!(refused, "{name} is accepted, but not in the list of those that are calculated");
    }
}
