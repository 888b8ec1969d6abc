//! Recording a file again, at once or after later files, writes no entry and changes no figure.

use super::history::{History, Step, Teller, same, told};

#[test]
fn a_file_fed_again_changes_nothing() {
    let mut fed = 0;
    for told in told() {
        let mut teller = Teller::new(&told.history.name);
        let mut figures = Vec::new();
        let mut last: Option<&Step> = None;
        for step in &told.history.steps {
            // Once more, with a plan or a close in between.
            fed += last.map_or(0, |last| feed_again(&mut teller, &told.history, last));
            figures.extend(teller.take(step));
            if let Step::Record(_) = step {
                feed_again(&mut teller, &told.history, step);
                last = Some(step);
            }
        }
        same(&told.history, &told.figures, &figures);
    }
    assert!(fed >= 5_000, "only {fed} facts were fed again");
}

/// How many facts it was.
fn feed_again(teller: &mut Teller, history: &History, step: &Step) -> u64 {
    let Step::Record(facts) = step else { return 0 };
    let size = teller.book.size();
    let recorded = teller.record(facts);
    let counts = (recorded.new, recorded.restated, recorded.known);
    assert_eq!(counts, (0, 0, facts.len() as u64), "history {}", history.name);
    assert_eq!(teller.book.size(), size, "history {}", history.name);
    recorded.known
}
