//! Recording a file again, at once or after later files, writes no entry and changes no figure.

use super::history::{FactGenerator, History, Step, originals, same};

#[test]
fn a_file_fed_again_changes_nothing() {
    let mut fed = 0;
    for original in originals() {
        let mut generator = FactGenerator::new(&original.history.name);
        let mut figures = Vec::new();
        let mut last: Option<&Step> = None;
        for step in &original.history.steps {
            // Once more, with a plan or a close in between.
            fed += last.map_or(0, |last| feed_again(&mut generator, &original.history, last));
            figures.extend(generator.take(step));
            if let Step::Record(_) = step {
                feed_again(&mut generator, &original.history, step);
                last = Some(step);
            }
        }
        same(&original.history, &original.figures, &figures);
    }
    assert!(fed >= 5_000, "only {fed} facts were fed again");
}

/// How many facts it was.
fn feed_again(generator: &mut FactGenerator, history: &History, step: &Step) -> u64 {
    let Step::Record(facts) = step else { return 0 };
    let size = generator.book.size();
    let recorded = generator.record(facts);
    let counts = (recorded.new, recorded.restated, recorded.known);
    assert_eq!(counts, (0, 0, facts.len() as u64), "history {}", history.name);
    assert_eq!(generator.book.size(), size, "history {}", history.name);
    recorded.known
}
