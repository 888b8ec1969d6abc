//! Ids have no meaning: with every id renamed so that the order stays, everything else is the same.

use serde_json::{Map, Value, json};

use super::history::{History, Step, drawn, originals, same};

const MARK: &str = "x-";
/// Fields of facts that hold a name.
const NAMES: [&str; 14] = [
    "payee",
    "manager",
    "team",
    "region",
    "account",
    "segment",
    "plan",
    "contract",
    "booking",
    "motion",
    "product",
    "meter",
    "signal",
    "component",
];
/// Keys of plans that hold a name or a list of names.
const PLAN_NAMES: [&str; 9] = ["plan", "id", "signal", "metric", "meter", "motion", "booking", "pays", "reverse"];
/// Words of the rules that stand where a name may.
const WORDS: [&str; 4] = ["arr", "tcv", "count", "all"];

#[test]
fn ids_with_other_names_come_to_the_same() {
    let mut renamed = 0;
    for original in originals() {
        let history = original.history.with_facts(|fact| vec![with_id(fact)]);
        let expected: Vec<Value> = history.figures().into_iter().map(sorted).collect();
        let found = with_other_names(&history).figures();
        renamed += found.iter().map(|statement| statement.to_string().matches("\"x-").count()).sum::<usize>();
        let found: Vec<Value> = found.into_iter().map(|statement| sorted(unmarked(statement))).collect();
        same(&history, &expected, &found);
    }
    assert!(renamed >= 3_000, "only {renamed} names were changed");
}

fn with_other_names(history: &History) -> History {
    let steps = history.steps.iter().map(|step| match step {
        Step::Publish(text) => {
            let table: toml::Table = text.parse().expect("TOML");
            let table = table.into_iter().map(|(key, value)| (key.clone(), plan_value(&key, value)));
            Step::Publish(toml::to_string(&table.collect::<toml::Table>()).expect("TOML"))
        }
        Step::Record(facts) => Step::Record(facts.iter().map(fact).collect()),
        Step::Close(period) => Step::Close(*period),
    });
    History { name: history.name.clone(), steps: steps.collect() }
}

/// A derived id follows from the names in a fact, and it names an item: here each has one of its own.
fn with_id(fact: &Value) -> Value {
    let mut fact = fact.clone();
    if matches!(fact["fact"].as_str(), Some("signal" | "adjustment")) && fact.get("id").is_none() {
        let number = drawn(&["id", &fact.to_string()]) >> 16;
        fact["id"] = json!(format!("00000000-0000-4000-8000-{number:012x}"));
    }
    fact
}

// There ---------------------------------------------------------------------------------------------------------------

fn marked(name: &str) -> String {
    format!("{MARK}{name}")
}

fn name(value: &Value) -> Value {
    value.as_str().map_or_else(|| value.clone(), |text| marked(text).into())
}

fn fact(fact: &Value) -> Value {
    let member = |(key, value): (&String, &Value)| {
        let value = match key.as_str() {
            "quota" | "rates" | "amounts" if value.is_object() => by_name(value, Value::clone),
            "attributes" => by_name(value, name),
            "on" | "credit" | "shares" => inside(value),
            "corrects" | "retracts" => reference(value),
            key if NAMES.contains(&key) => name(value),
            _ => value.clone(),
        };
        (key.clone(), value)
    };
    Value::Object(fact.as_object().expect("an object").iter().map(member).collect())
}

fn inside(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(fact).collect(),
        Value::Object(_) => fact(value),
        other => other.clone(),
    }
}

fn by_name(members: &Value, value: impl Fn(&Value) -> Value) -> Value {
    let members = members.as_object().expect("an object").iter();
    Value::Object(members.map(|(key, held)| (marked(key), value(held))).collect::<Map<_, _>>())
}

/// A natural key is `kind:name/name@date`; an id has no names in it.
fn reference(value: &Value) -> Value {
    let Some((kind, names)) = value.as_str().and_then(|text| text.split_once(':')) else { return value.clone() };
    assert!(["booking", "assignment"].contains(&kind), "`{value}` is of a kind that this test does not rename");
    let names: Vec<String> = names.split('/').map(marked).collect();
    format!("{kind}:{}", names.join("/")).into()
}

fn plan_value(key: &str, value: toml::Value) -> toml::Value {
    let is_name = PLAN_NAMES.contains(&key);
    match value {
        toml::Value::String(text) if is_name && !WORDS.contains(&text.as_str()) => marked(&text).into(),
        toml::Value::Array(items) => items.into_iter().map(|item| plan_value(key, item)).collect::<Vec<_>>().into(),
        toml::Value::Table(table) if key == "where" => table.into_iter().map(filter).collect::<toml::Table>().into(),
        toml::Value::Table(table) => {
            let members = table.into_iter().map(|(key, value)| (key.clone(), plan_value(&key, value)));
            members.collect::<toml::Table>().into()
        }
        other => other,
    }
}

/// What is no word of the rules is the name of an attribute.
fn filter((key, value): (String, toml::Value)) -> (String, toml::Value) {
    let is_word = ["motion", "product", "segment", "region"].contains(&key.as_str());
    // As a list or alone, all of it are names.
    (if is_word { key } else { marked(&key) }, plan_value("id", value))
}

// And back ------------------------------------------------------------------------------------------------------------

fn unmarked(value: Value) -> Value {
    match value {
        Value::String(text) => text.strip_prefix(MARK).unwrap_or(&text).into(),
        Value::Array(items) => items.into_iter().map(unmarked).collect(),
        Value::Object(members) => members.into_iter().map(|(key, value)| (key, unmarked(value))).collect(),
        other => other,
    }
}

/// A name among words, as `whole` among the parts, may have moved.
fn sorted(mut statement: Value) -> Value {
    for (list, keys) in
        [("lines", ["plan", "component", "item", "part"]), ("draws", ["plan", "draw", "trigger", "month"])]
    {
        let key = |line: &Value| keys.map(|key| line[key].to_string());
        statement[list].as_array_mut().expect("a list").sort_by_key(key);
    }
    statement
}
