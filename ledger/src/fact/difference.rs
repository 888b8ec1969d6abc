//! A field in which two facts of one kind differ, with both values: what a later fact changes.

use crate::field::Stored;
use crate::json::JsonWriter;

/// A field in which two facts of one kind differ.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FieldDifference {
    /// The name of the field.
    pub field: &'static str,
    /// The earlier value as JSON; `None` where the fact does not name the field.
    pub old: Option<String>,
    /// The later value as JSON; `None` where the fact does not name the field.
    pub new: Option<String>,
}

impl FieldDifference {
    /// The difference of two values of one field.
    pub fn of<T: Stored>(field: &'static str, old: &T, new: &T) -> FieldDifference {
        FieldDifference { field, old: json(old), new: json(new) }
    }

    /// The difference of the earlier value to none.
    pub(super) fn withdrawn(self) -> FieldDifference {
        FieldDifference { new: None, ..self }
    }

    /// The difference with the two values exchanged.
    pub fn reversed(self) -> FieldDifference {
        FieldDifference { field: self.field, old: self.new, new: self.old }
    }
}

fn json<T: Stored>(value: &T) -> Option<String> {
    (!value.is_absent()).then(|| {
        let mut out = JsonWriter::new();
        value.show(&mut out);
        out.finish()
    })
}

#[cfg(test)]
mod tests {
    use super::FieldDifference;
    use crate::fact::{Fact, Incoming};
    use crate::line::FactLine;

    fn fact(json: &str) -> Fact {
        Incoming::read(FactLine { file: "", number: 1, text: json }).expect("a fact").fact
    }

    #[test]
    fn only_fields_that_differ_are_named_with_both_values() {
        let one = fact(
            r#"{"fact": "quota", "at": "2027-01-01", "payee": "p", "plan": "l", "component": "c", "amount": "10"}"#,
        );
        let other = fact(
            r#"{"fact": "quota", "at": "2027-01-01", "payee": "p", "plan": "l", "component": "c", "amount": "12"}"#,
        );
        let quoted = |text: &str| Some(format!("\"{text}\""));
        let amount = FieldDifference { field: "amount", old: quoted("10"), new: quoted("12") };
        assert_eq!((one.body.differences(&other.body), one.body.differences(&one.body)), (vec![amount], vec![]));
    }

    #[test]
    fn a_field_that_one_does_not_name_has_no_value_there() {
        let one = fact(r#"{"fact": "payee", "at": "2027-01-01", "payee": "p", "role": "ae"}"#);
        let other = fact(r#"{"fact": "payee", "at": "2027-01-01", "payee": "p", "role": null, "team": "t"}"#);
        let found = one.body.differences(&other.body);
        let values: Vec<_> = found.iter().map(|one| (one.field, one.old.as_deref(), one.new.as_deref())).collect();
        assert_eq!(values, [("role", Some("\"ae\""), Some("null")), ("team", None, Some("\"t\""))]);
    }
}
