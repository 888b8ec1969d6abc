//! Reads the keys of one table one by one. A key that is never asked for is unknown and refused.

use ledger::nearest::nearest;
use toml::de::{DeTable, DeValue};

use crate::read::report::{Spot, TextRefusal, TextReport, shortened};
use crate::read::toml_fault::{ExpectedValue, KeyHint, TableKind, TomlFault};
use crate::read::value::{self, TomlValue};

/// One key of a table as the text has it: missing, refused, or with a value.
#[derive(Clone, Debug)]
pub struct TextField<T> {
    /// The name of the key.
    pub name: &'static str,
    /// Where the key is; `None` if it is not written.
    pub key: Option<Spot>,
    /// Where its value is.
    pub at: Spot,
    /// The value; `None` if the key is missing or its value was refused.
    pub value: Option<T>,
}

/// A key that the text has.
#[derive(Copy, Clone, Debug)]
pub struct WrittenKey {
    /// The name of the key.
    pub name: &'static str,
    /// Where it is.
    pub key: Spot,
}

impl<T> TextField<T> {
    /// A key that the text does not have.
    pub fn nothing(name: &'static str) -> TextField<T> {
        TextField { name, key: None, at: Spot::default(), value: None }
    }

    /// Whether the text has the key, whatever its value.
    pub fn is_written(&self) -> bool {
        self.key.is_some()
    }

    /// The key and its place; `None` if the text does not have it.
    pub fn mark(&self) -> Option<WrittenKey> {
        self.key.map(|key| WrittenKey { name: self.name, key })
    }
}

impl<T: Clone> TextField<T> {
    /// A copy of the value, if there is one.
    pub fn get(&self) -> Option<T> {
        self.value.clone()
    }

    /// A copy of the value, or the default.
    pub fn or(&self, default: T) -> T {
        self.get().unwrap_or(default)
    }
}

impl<T> TextField<Vec<T>> {
    /// The entries of the list; none if it is missing or was refused.
    pub fn items(&self) -> &[T] {
        self.value.as_deref().unwrap_or_default()
    }
}

/// Those of some keys that the text has, in the order given.
pub fn written<const N: usize>(marks: [Option<WrittenKey>; N]) -> Vec<WrittenKey> {
    marks.into_iter().flatten().collect()
}

/// A table whose keys are being read.
pub struct TomlTable<'t> {
    entries: &'t DeTable<'t>,
    /// Where the table is: its header, or all of an inline table.
    pub spot: Spot,
    kind: TableKind,
    known: Vec<&'static str>,
}

/// A longer key is no misspelling of ours, and looking for the nearest would take its time.
const MISSPELT_BYTES_MAX: usize = 64;

/// Keys that are written too far down: in TOML whatever is below a header belongs to it.
const OF_A_PLAN: [&str; 5] = ["effective", "year-start", "rounding", "after-leaving", "terms"];
const OF_A_COMPONENT: [&str; 16] = [
    "measure",
    "from",
    "until",
    "where",
    "credit",
    "period",
    "quota",
    "ramp",
    "prorate",
    "rate",
    "tiers",
    "mode",
    "cap",
    "cancellation",
    "after-cancellation",
    "target",
];

/// The table above that has a key which this one has not.
fn owner(kind: TableKind, key: &str) -> Option<TableKind> {
    let is_part = [TableKind::Installment, TableKind::Clawback].contains(&kind);
    if is_part && OF_A_COMPONENT.contains(&key) {
        return Some(TableKind::Component);
    }
    let is_headed = is_part || [TableKind::Component, TableKind::Draw].contains(&kind);
    (is_headed && OF_A_PLAN.contains(&key)).then_some(TableKind::Plan)
}

impl<'t> TomlTable<'t> {
    /// The table that a value is. `None` with a refusal if it is something else.
    pub fn of<R: TextRefusal>(
        value: &'t TomlValue<'t>,
        kind: impl Into<TableKind>,
        report: &mut TextReport<'_, R>,
    ) -> Option<TomlTable<'t>> {
        let kind = kind.into();
        match value.get_ref() {
            DeValue::Table(entries) => Some(TomlTable::at(value.span().into(), entries, kind)),
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_) => value::not(value, ExpectedValue::Table(kind), report),
        }
    }

    /// The table of the whole text.
    pub fn of_text(entries: &'t DeTable<'t>, kind: impl Into<TableKind>) -> TomlTable<'t> {
        TomlTable::at(Spot::default(), entries, kind.into())
    }

    fn at(spot: Spot, entries: &'t DeTable<'t>, kind: TableKind) -> TomlTable<'t> {
        TomlTable { entries, spot, kind, known: Vec::new() }
    }

    /// Whether the table has no key.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Reads a key that may be missing. `read` notes a refusal and returns `None` for a wrong value.
    pub fn take<T, R: TextRefusal>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&'t TomlValue<'t>, &mut TextReport<'_, R>) -> Option<T>,
        report: &mut TextReport<'_, R>,
    ) -> TextField<T> {
        self.known.push(name);
        self.look(name, read, report)
    }

    fn look<T, R: TextRefusal>(
        &self,
        name: &'static str,
        read: impl FnOnce(&'t TomlValue<'t>, &mut TextReport<'_, R>) -> Option<T>,
        report: &mut TextReport<'_, R>,
    ) -> TextField<T> {
        match self.entries.iter().find(|(key, _)| key.get_ref() == name) {
            None => TextField::nothing(name),
            Some((key, value)) => {
                TextField { name, key: Some(key.span().into()), at: value.span().into(), value: read(value, report) }
            }
        }
    }

    /// Reads a key that must be there, and refuses the table if it is not.
    pub fn need<T, R: TextRefusal>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&'t TomlValue<'t>, &mut TextReport<'_, R>) -> Option<T>,
        report: &mut TextReport<'_, R>,
    ) -> TextField<T> {
        let said = self.take(name, read, report);
        if !said.is_written() {
            report.refuse(self.spot, TomlFault::MissingKey { key: name, table: self.kind });
        }
        said
    }

    /// The keys that nothing has asked for yet, each with its place and its value.
    pub fn rest(&self) -> impl Iterator<Item = (&'t str, Spot, &'t TomlValue<'t>)> {
        let known = self.known.clone();
        self.entries
            .iter()
            .filter(move |(key, _)| !known.iter().any(|name| key.get_ref() == name))
            .map(|(key, value)| (key.get_ref().as_ref(), key.span().into(), value))
    }

    /// Refuses the keys that nothing has asked for. `None` if there were any: a key that seems to be missing is then
    /// probably one of these, misspelled.
    pub fn finish<R: TextRefusal>(self, report: &mut TextReport<'_, R>) -> Option<()> {
        let mut fine = Some(());
        for (key, spot, _) in self.rest() {
            fine = None;
            if report.is_full() {
                break;
            }
            let near = if key.len() <= MISSPELT_BYTES_MAX { nearest(key, self.known.iter().copied()) } else { None };
            let hint = match (owner(self.kind, key), near) {
                (Some(owner), _) => KeyHint::BelongsTo(owner),
                (None, Some(near)) => KeyHint::Nearest(near),
                (None, None) => KeyHint::OneOf(self.known.clone()),
            };
            report.refuse(spot, TomlFault::UnknownKey { key: shortened(key), table: self.kind, hint });
        }
        fine
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::check;
    use crate::check::example::{HEAD, component};
    use crate::refusal::PlanRefusal;
    use ledger::finding::Finding;

    /// Each of them is refused below, and known above.
    #[test]
    fn keys_that_stand_too_far_down_are_told_where_they_belong() {
        let hints = |text: &str| {
            let hint = |finding: Finding<PlanRefusal>| match finding.what {
                PlanRefusal::Toml(TomlFault::UnknownKey { hint, .. }) => hint,
                other => panic!("{other:?}"),
            };
            check("p.toml", text).errors.into_iter().map(hint).collect::<Vec<_>>()
        };
        let is_unknown =
            |finding: &Finding<PlanRefusal>| matches!(finding.what, PlanRefusal::Toml(TomlFault::UnknownKey { .. }));
        for key in super::OF_A_PLAN {
            let component = component(&format!("{key} = 1"));
            assert_eq!(hints(&component), [KeyHint::BelongsTo(TableKind::Plan)], "{key}");
            let known = check("p.toml", &component.replacen(HEAD, &format!("{HEAD}{key} = false\n"), 1)).errors;
            assert!(known.iter().any(|finding| !is_unknown(finding)), "{key} is no key of a plan");
        }
        for key in super::OF_A_COMPONENT {
            let part = "[[component.installment]]\nid = \"a\"\nshare = \"100%\"\n";
            assert_eq!(
                hints(&component(&format!("{part}{key} = 1"))),
                [KeyHint::BelongsTo(TableKind::Component)],
                "{key}"
            );
            let known = check("p.toml", &component(&format!("{key} = false"))).errors;
            assert!(!known.iter().any(is_unknown), "{key} is no key of a component");
        }
    }
}
