//! A segment kept as an attribute with another name selects the same bookings.

use serde_json::{Value, json};

use super::history::{History, Step, originals, same};

const NAME: &str = "grade";

#[test]
fn a_segment_that_is_an_attribute_comes_to_the_same() {
    let mut filters = 0;
    for original in originals() {
        let history = with_grades(&original.history);
        let plans = history.plans().map(|plan| plan.to_string().matches(NAME).count());
        filters += plans.sum::<usize>();
        same(&history, &original.figures, &history.figures());
    }
    assert!(filters >= 20, "only {filters} filters were rewritten");
}

fn with_grades(history: &History) -> History {
    let steps = history.steps.iter().map(|step| match step {
        Step::Publish(text) => {
            let mut plan: toml::Table = text.parse().expect("TOML");
            for component in plan.get_mut("component").and_then(toml::Value::as_array_mut).into_iter().flatten() {
                let filter = component.get_mut("where").and_then(toml::Value::as_table_mut);
                if let Some((filter, segments)) =
                    filter.and_then(|filter| filter.remove("segment").map(|held| (filter, held)))
                {
                    filter.insert(NAME.to_owned(), segments);
                }
            }
            Step::Publish(toml::to_string(&plan).expect("TOML"))
        }
        Step::Record(facts) => Step::Record(facts.iter().map(fact).collect()),
        Step::Close(period) => Step::Close(*period),
    });
    History { name: history.name.clone(), steps: steps.collect() }
}

/// Set, changed and cleared as the segment is.
fn fact(fact: &Value) -> Value {
    let mut fact = fact.clone();
    if let Some(segment) = fact.as_object_mut().and_then(|members| members.remove("segment")) {
        let attributes = fact.as_object_mut().expect("an object").entry("attributes").or_insert(json!({}));
        attributes[NAME] = segment;
    }
    fact
}
