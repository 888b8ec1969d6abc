//! The entitlement: all lines that are due by E, from the facts known (calculation.md 1 to 8).

use std::collections::{BTreeMap, BTreeSet};

use super::assignment::Assignment;
use super::calendar::Day;
use super::known::Known;
use super::log::{day, text};
use super::number::{Number, number};

/// A line's name: payee, currency, plan, component, item key, part.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    pub payee: String,
    pub currency: String,
    pub plan: String,
    pub component: String,
    pub item: String,
    pub part: String,
}

#[derive(Clone)]
pub struct Line {
    pub amount: Number,
    pub due: Day,
    pub takes_back: bool,
    /// Of the plan; none for an adjustment, several where two assignments with one name are summed.
    pub versions: BTreeSet<i64>,
}

impl<'a> Known<'a> {
    /// Two assignments with one name are summed, and have the earliest due date.
    pub fn entitlement(&self) -> BTreeMap<Name, Line> {
        let mut lines: BTreeMap<Name, Line> = self.adjustments().collect();
        for assignment in self.assignments() {
            for (name, line) in self.of_assignment(&assignment) {
                match lines.get_mut(&name) {
                    None => drop(lines.insert(name, line)),
                    Some(sum) => {
                        sum.amount += line.amount;
                        sum.versions.extend(line.versions);
                        sum.due = sum.due.min(line.due);
                    }
                }
            }
        }
        lines
    }

    fn of_assignment(&self, assignment: &Assignment) -> Vec<(Name, Line)> {
        let versions = self.versions.iter().filter(|version| version.plan == assignment.plan);
        let components: BTreeSet<&str> =
            versions.flat_map(|version| &version.components).filter_map(|component| text(component, "id")).collect();
        components.into_iter().flat_map(|component| self.of_component(assignment, component)).collect()
    }

    fn of_component(&self, assignment: &Assignment, component: &str) -> Vec<(Name, Line)> {
        let items = self.items(assignment, component);
        let earned = self.earned(assignment, &items);
        let mut lines = Vec::new();
        for (item, earned) in items.iter().zip(&earned) {
            let released = self.released(assignment, item, earned);
            let taken = self.taken_back(item, &released);
            for part in released.into_iter().chain(taken).filter(|part| part.due <= self.end) {
                let name = Name {
                    payee: assignment.payee.to_owned(),
                    currency: item.rule.version.currency.clone(),
                    plan: assignment.plan.to_owned(),
                    component: component.to_owned(),
                    item: item.key.clone(),
                    part: part.id,
                };
                let versions = BTreeSet::from([item.rule.version.number]);
                lines.push((name, Line { amount: part.amount, due: part.due, takes_back: part.takes_back, versions }));
            }
        }
        lines
    }

    /// An adjustment is a line too, named by its fact's id, due on its `at`.
    fn adjustments(&self) -> impl Iterator<Item = (Name, Line)> {
        let there = self.ever("adjustment").filter(|(_, fact)| day(fact, "at") <= Some(self.end));
        there.map(|(_, fact)| {
            let of = |name: &str| text(fact, name).expect("a text").to_owned();
            let (item, component) = (of("id"), "adjustment".to_owned());
            let (plan, part) = (String::new(), String::new());
            let name = Name { payee: of("payee"), currency: of("currency"), plan, component, item, part };
            let due = day(fact, "at").expect("a day");
            (name, Line { amount: number(&fact["amount"]), due, takes_back: false, versions: BTreeSet::new() })
        })
    }
}
