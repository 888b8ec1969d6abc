//! A plan's versions and components, as their text says, and which of them rules on a day (calculation.md 3, plan.md).

use serde_json::Value;

use super::calendar::{Day, Period, Window};
use super::log::{day, text};
use super::number::Rounding;

#[derive(Clone)]
pub struct Version {
    pub plan: String,
    pub number: i64,
    pub effective: Day,
    pub currency: String,
    pub year_start: i64,
    pub rounding: Rounding,
    pub forfeits_after_leaving: bool,
    pub components: Vec<Value>,
    pub draws: Vec<Value>,
}

impl Version {
    pub fn read(toml: &str) -> Version {
        let table: toml::Table = toml.parse().expect("TOML");
        let plan = plain(&toml::Value::Table(table));
        let list = |name: &str| plan.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
        Version {
            plan: text(&plan, "plan").expect("an id").to_owned(),
            number: plan["version"].as_i64().expect("a number"),
            effective: day(&plan, "effective").expect("a date"),
            currency: text(&plan, "currency").expect("a currency").to_owned(),
            year_start: plan.get("year-start").and_then(Value::as_i64).unwrap_or(1),
            rounding: match text(&plan, "rounding") {
                Some("half-even") => Rounding::HalfEven,
                _ => Rounding::HalfUp,
            },
            forfeits_after_leaving: text(&plan, "after-leaving") == Some("forfeit"),
            components: list("component"),
            draws: list("draw"),
        }
    }
}

fn plain(value: &toml::Value) -> Value {
    match value {
        toml::Value::Table(table) => {
            Value::Object(table.iter().map(|(name, value)| (name.clone(), plain(value))).collect())
        }
        toml::Value::Array(list) => Value::Array(list.iter().map(plain).collect()),
        toml::Value::String(text) => Value::String(text.clone()),
        toml::Value::Integer(number) => Value::from(*number),
        toml::Value::Float(number) => Value::String(number.to_string()),
        toml::Value::Boolean(truth) => Value::Bool(*truth),
        toml::Value::Datetime(date) => Value::String(date.to_string()),
    }
}

/// The latest `effective` on or before the day, of equal dates the highest version.
pub fn version_on<'a>(versions: &'a [Version], plan: &str, day: Day) -> Option<&'a Version> {
    let of_plan = versions.iter().filter(|version| version.plan == plan && version.effective <= day);
    of_plan.max_by_key(|version| (version.effective, version.number))
}

/// A component of a version.
#[derive(Clone, Copy)]
pub struct Rule<'a> {
    pub version: &'a Version,
    pub component: &'a Value,
}

impl<'a> Rule<'a> {
    /// The rule of that component on a day: its version has it, and the day lies in its own dates.
    pub fn on(versions: &'a [Version], plan: &str, id: &str, day: Day) -> Option<Rule<'a>> {
        let version = version_on(versions, plan, day)?;
        let component = version.components.iter().find(|component| text(component, "id") == Some(id))?;
        let rule = Rule { version, component };
        rule.dates().has(day).then_some(rule)
    }

    pub fn id(&self) -> &'a str {
        text(self.component, "id").expect("an id")
    }

    /// The component's own `from` and `until`.
    pub fn dates(&self) -> Window {
        let first = day(self.component, "from").unwrap_or(Day(-1_000_000));
        Window { first, last: day(self.component, "until").unwrap_or(super::calendar::NEVER) }
    }

    pub fn period_of(&self, day: Day) -> Period {
        Period::of(day, self.text("period").unwrap_or("month"), self.version.year_start)
    }

    pub fn text(&self, name: &str) -> Option<&'a str> {
        text(self.component, name)
    }

    pub fn get(&self, name: &str) -> Option<&'a Value> {
        self.component.get(name)
    }

    pub fn list(&self, name: &str) -> &'a [Value] {
        self.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }

    pub fn measure(&self, name: &str) -> Option<&'a Value> {
        self.component.get("measure")?.get(name)
    }

    pub fn measure_text(&self, name: &str) -> Option<&'a str> {
        self.measure(name).and_then(Value::as_str)
    }

    /// What is measured: the key that a measure is named for.
    pub fn measured(&self) -> &'static str {
        let names = ["booking", "usage", "growth", "signal", "metric", "retention"];
        names.into_iter().find(|name| self.measure(name).is_some()).expect("one measure")
    }

    pub fn is_level(&self) -> bool {
        matches!(self.measured(), "metric" | "retention")
    }

    pub fn is_target(&self) -> bool {
        self.get("target").is_some()
    }
}

/// A text, or a list of texts.
pub fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        other => other.as_str().into_iter().collect(),
    }
}
