//! The keys of one table, taken one by one; what nobody took was not known.

use ledger::problem::{nearest, one_of};
use toml::de::{DeTable, DeValue};

use crate::read::report::{Report, Spot, shortened};
use crate::read::value::{self, TomlValue};

/// What the text says under one key: nothing, something that was refused when it was read, or a value.
#[derive(Clone, Debug)]
pub struct Said<T> {
    pub name: &'static str,
    /// Where the key is, if it is written.
    pub key: Option<Spot>,
    /// Where its value is.
    pub at: Spot,
    pub value: Option<T>,
}

/// A key that is written.
#[derive(Copy, Clone, Debug)]
pub struct Mark {
    pub name: &'static str,
    pub key: Spot,
}

impl<T> Said<T> {
    pub fn nothing(name: &'static str) -> Said<T> {
        Said { name, key: None, at: Spot::default(), value: None }
    }

    /// Whether the key is there, whatever its value.
    pub fn is_written(&self) -> bool {
        self.key.is_some()
    }

    pub fn mark(&self) -> Option<Mark> {
        self.key.map(|key| Mark { name: self.name, key })
    }
}

impl<T: Clone> Said<T> {
    pub fn get(&self) -> Option<T> {
        self.value.clone()
    }

    pub fn or(&self, default: T) -> T {
        self.get().unwrap_or(default)
    }
}

impl<T> Said<Vec<T>> {
    pub fn items(&self) -> &[T] {
        self.value.as_deref().unwrap_or_default()
    }
}

/// Those that are written, in the order given.
pub fn written<const N: usize>(marks: [Option<Mark>; N]) -> Vec<Mark> {
    marks.into_iter().flatten().collect()
}

pub struct Table<'t> {
    entries: &'t DeTable<'t>,
    /// The header, or all of an inline table.
    pub spot: Spot,
    /// `a component`.
    what: &'static str,
    known: Vec<&'static str>,
}

/// A longer key is no misspelling of ours, and looking for the nearest would take its time.
const MISSPELT_BYTES_MAX: usize = 64;

/// Keys that are written too far down: in TOML whatever stands below a header belongs to it.
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
fn owner(what: &str, key: &str) -> Option<&'static str> {
    let is_part = ["an installment", "a clawback"].contains(&what);
    if is_part && OF_A_COMPONENT.contains(&key) {
        return Some("the component");
    }
    ((is_part || ["a component", "a draw"].contains(&what)) && OF_A_PLAN.contains(&key)).then_some("the plan")
}

impl<'t> Table<'t> {
    pub fn of(value: &'t TomlValue<'t>, what: &'static str, report: &mut Report<'_>) -> Option<Table<'t>> {
        match value.get_ref() {
            DeValue::Table(entries) => Some(Table::at(value.span().into(), entries, what)),
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_) => value::not(value, &format!("{what}, which is a table like {{ … }}"), report),
        }
    }

    /// The whole text.
    pub fn of_text(entries: &'t DeTable<'t>, what: &'static str) -> Table<'t> {
        Table::at(Spot::default(), entries, what)
    }

    fn at(spot: Spot, entries: &'t DeTable<'t>, what: &'static str) -> Table<'t> {
        Table { entries, spot, what, known: Vec::new() }
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub fn take<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&'t TomlValue<'t>, &mut Report<'_>) -> Option<T>,
        report: &mut Report<'_>,
    ) -> Said<T> {
        self.known.push(name);
        self.look(name, read, report)
    }

    fn look<T>(
        &self,
        name: &'static str,
        read: impl FnOnce(&'t TomlValue<'t>, &mut Report<'_>) -> Option<T>,
        report: &mut Report<'_>,
    ) -> Said<T> {
        match self.entries.iter().find(|(key, _)| key.get_ref() == name) {
            None => Said::nothing(name),
            Some((key, value)) => {
                Said { name, key: Some(key.span().into()), at: value.span().into(), value: read(value, report) }
            }
        }
    }

    /// A key that must be there.
    pub fn need<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&'t TomlValue<'t>, &mut Report<'_>) -> Option<T>,
        report: &mut Report<'_>,
    ) -> Said<T> {
        let said = self.take(name, read, report);
        if !said.is_written() {
            let message = format!("`{name}` is missing in {}", self.what);
            report.refuse(self.spot, "plan-missing", message, format!("add `{name} = …`"));
        }
        said
    }

    /// What no `take` asked for, as the text has it.
    pub fn rest(&self) -> impl Iterator<Item = (&'t str, Spot, &'t TomlValue<'t>)> {
        let known = self.known.clone();
        self.entries
            .iter()
            .filter(move |(key, _)| !known.iter().any(|name| key.get_ref() == name))
            .map(|(key, value)| (key.get_ref().as_ref(), key.span().into(), value))
    }

    /// Refuses what no `take` asked for, with the nearest known key. `None` where there was any: what else seems to be
    /// missing is likely what was misspelt.
    pub fn finish(self, report: &mut Report<'_>) -> Option<()> {
        let mut fine = Some(());
        for (key, spot, _) in self.rest() {
            fine = None;
            if report.is_full() {
                break;
            }
            let near = match key.len() <= MISSPELT_BYTES_MAX {
                true => nearest(key, self.known.iter().copied()),
                false => None,
            };
            let help = match (owner(self.what, key), near) {
                (Some(owner), _) => format!("it is a key of {owner}: write it there, above the first table below that"),
                (None, Some(near)) => format!("did you mean `{near}`?"),
                (None, None) => format!("write one of {}", one_of(self.known.iter().copied())),
            };
            let message = format!("`{}` is no key of {}", shortened(key), self.what);
            report.refuse(spot, "plan-unknown-key", message, help);
        }
        fine
    }
}

#[cfg(test)]
mod tests {
    use crate::check::check;
    use crate::check::example::{HEAD, component};

    /// Each of them is refused below, and known above.
    #[test]
    fn keys_that_stand_too_far_down_are_told_where_they_belong() {
        let helps =
            |text: &str| check("p.toml", text).errors.into_iter().map(|problem| problem.help).collect::<Vec<_>>();
        let above =
            |owner: &str| vec![format!("it is a key of {owner}: write it there, above the first table below that")];
        for key in super::OF_A_PLAN {
            let component = component(&format!("{key} = 1"));
            assert_eq!(helps(&component), above("the plan"), "{key}");
            let known = check("p.toml", &component.replacen(HEAD, &format!("{HEAD}{key} = false\n"), 1)).errors;
            assert!(known.iter().any(|problem| problem.code != "plan-unknown-key"), "{key} is no key of a plan");
        }
        for key in super::OF_A_COMPONENT {
            let part = "[[component.installment]]\nid = \"a\"\nshare = \"100%\"\n";
            assert_eq!(helps(&component(&format!("{part}{key} = 1"))), above("the component"), "{key}");
            let known = check("p.toml", &component(&format!("{key} = false"))).errors;
            assert!(known.iter().all(|problem| problem.code != "plan-unknown-key"), "{key} is no key of a component");
        }
    }
}
