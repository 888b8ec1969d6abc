//! A file of facts recorded in two parts gives the same.

use super::history::{History, Step, drawn, originals, same, ways};

#[test]
fn a_file_in_two_parts_comes_to_the_same() {
    let mut cut = 0;
    for original in originals() {
        for way in 0..ways() {
            let history = in_two(&original.history, way);
            cut += history.steps.len() - original.history.steps.len();
            same(&history, &original.figures, &history.figures());
        }
    }
    assert!(cut >= 300, "only {cut} files were cut");
}

/// Every file is cut somewhere.
fn in_two(history: &History, way: u64) -> History {
    let cut = |(number, step): (usize, &Step)| match step {
        Step::Record(facts) if facts.len() > 1 => {
            let words = ["cut", &history.name, &number.to_string(), &way.to_string()];
            let (first, second) = facts.split_at(1 + drawn(&words) as usize % (facts.len() - 1));
            vec![Step::Record(first.to_vec()), Step::Record(second.to_vec())]
        }
        Step::Record(_) | Step::Publish(_) | Step::Close(_) => vec![step.clone()],
    };
    let steps = history.steps.iter().enumerate().flat_map(cut).collect();
    History { name: history.name.clone(), steps }
}
