//! Why an amount is what it is: steps from facts to the cent, each an arithmetic that anybody can redo (statement.md).

use std::collections::{BTreeMap, BTreeSet};

use ledger::exact::{Exact, Rounding};
use projections::position::Position;

/// One step. `how` uses only + - * / ( ) min max round and the numbers of `inputs`, and amounts to `out`.
#[derive(Clone, Debug)]
pub struct Step {
    pub step: StepKind,
    pub inputs: Vec<(String, Exact)>,
    pub how: String,
    pub out: Exact,
    /// The facts and plans that the numbers are from, ascending.
    pub from: Vec<Position>,
    /// How `round` rounds, where it is not half up.
    pub rounding: Option<Rounding>,
}

ledger::text_enum! {
    /// In the order of the calculation.
    StepKind {
        Credit = 1 "credit", Quota = 2 "quota", Attainment = 3 "attainment", Rate = 4 "rate", Rounding = 5 "rounding", Cap = 6 "cap",
        Installment = 7 "installment", Trigger = 8 "trigger", Condition = 9 "condition", Clawback = 10 "clawback", Draw = 11 "draw",
        Change = 12 "change", Baseline = 13 "baseline",
    }
}

/// How much is told: closing needs figures only, a statement tells how far somebody is, and why each of its lines is.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Detail {
    Figures,
    /// Figures and attainment.
    Standing,
    /// Steps are written.
    Reasons,
}

/// Builds `how` and `inputs` together, so that no number is in one without the other.
#[derive(Default)]
pub struct Formula {
    inputs: Inputs,
    how: String,
}

/// The numbers of a formula in the order in which they first stand in it.
#[derive(Default)]
struct Inputs {
    list: Vec<(String, Exact)>,
    /// What is under each name, told apart by counts: some formulas have thousands of numbers.
    by_name: BTreeMap<String, BTreeSet<Exact>>,
}

impl Inputs {
    /// A number that is in a formula twice is named once; another one of the same name is told apart by a count.
    fn name(&mut self, name: &str, value: &Exact) {
        let Some(known) = self.by_name.get_mut(name) else {
            self.by_name.insert(name.to_owned(), BTreeSet::from([value.clone()]));
            return self.list.push((name.to_owned(), value.clone()));
        };
        if known.insert(value.clone()) {
            self.list.push((format!("{name} #{}", known.len()), value.clone()));
        }
    }
}

impl Formula {
    /// Appends signs: operators, parentheses, function names.
    pub fn sign(mut self, sign: &str) -> Formula {
        self.how.push_str(sign);
        self
    }

    /// Appends a number under the name that it has in `in`.
    pub fn number(mut self, name: &str, value: &Exact) -> Formula {
        let text = value.text();
        let plain = !text.contains('/') && !text.starts_with('-');
        self.how.push_str(&if plain { text } else { format!("({text})") });
        self.inputs.name(name, value);
        self
    }

    /// Appends `+` unless nothing comes before.
    pub fn plus(self) -> Formula {
        if self.how.is_empty() || self.how.ends_with('(') { self } else { self.sign(" + ") }
    }

    /// One formula over another.
    pub fn quotient(above: Formula, below: Formula) -> Formula {
        let mut whole = above;
        for (name, value) in &below.inputs.list {
            let name = match name.rsplit_once(" #") {
                Some((name, count)) if count.parse::<u32>().is_ok() => name,
                Some(_) | None => name,
            };
            whole.inputs.name(name, value);
        }
        whole.how = format!("({}) / ({})", whole.how, below.how);
        whole
    }

    pub fn step(mut self, step: StepKind, out: &Exact, from: impl IntoIterator<Item = Position>) -> Step {
        if self.how.is_empty() {
            self = self.number("nothing", &Exact::ZERO);
        }
        let mut from: Vec<Position> = from.into_iter().collect();
        from.sort();
        from.dedup();
        Step { step, inputs: self.inputs.list, how: self.how, out: out.clone(), from, rounding: None }
    }
}

impl Step {
    /// With more entries that its numbers are from.
    pub fn with(mut self, from: impl IntoIterator<Item = Position>) -> Step {
        self.from.extend(from);
        self.from.sort();
        self.from.dedup();
        self
    }

    /// A number is rounded to a currency's minor unit.
    pub fn rounding(kind: StepKind, before: &Exact, digits: u32, after: &Exact, rounding: Rounding) -> Step {
        let formula = Formula::default()
            .sign("round(")
            .number("amount", before)
            .sign(", ")
            .number("decimals", &Exact::from(digits as i32));
        let step = formula.sign(")").step(kind, after, []);
        Step { rounding: (rounding != Rounding::HalfUp).then_some(rounding), ..step }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_named_once() {
        let (one, two) = (Exact::ONE, Exact::whole(2));
        let above = Formula::default().number("share", &one).plus().number("share", &two).plus().number("share", &one);
        let below = Formula::default().number("share", &two).plus().number("share", &Exact::whole(3));
        let step = Formula::quotient(above, below).step(StepKind::Credit, &one, []);
        assert_eq!(step.how, "(1 + 2 + 1) / (2 + 3)");
        let names: Vec<&str> = step.inputs.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["share", "share #2", "share #3"]);
    }
}
