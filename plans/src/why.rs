//! Why an amount is what it is: steps from facts to the amount, each a calculation that anybody can repeat
//! (docs/cli.md).

use std::collections::{BTreeMap, BTreeSet};

use ledger::date::Day;
use ledger::exact::{Exact, Rounding};
use projections::position::Position;

/// One step of a calculation. `how` uses only + - * / ( ) min max round and the numbers of `inputs`, and its value is
/// `out`.
#[derive(Clone, Debug)]
pub struct Step {
    /// The kind of step.
    pub step: StepKind,
    /// The numbers of the formula, each with a name, in the order of their first use.
    pub inputs: Vec<(String, Exact)>,
    /// The formula, with the numbers written out.
    pub how: String,
    /// The result. Rates and shares are fractions, amounts are in the plan's currency.
    pub out: Exact,
    /// Positions of the facts and plans that the numbers are from, ascending.
    pub from: Vec<Position>,
    /// How `round` rounds; `None` for half up.
    pub rounding: Option<Rounding>,
    /// Of a condition that is undecided: the day through which usage is awaited.
    pub awaits_usage_through: Option<Day>,
}

ledger::text_enum! {
    /// In the order of the calculation.
    StepKind {
        Credit = 1 "credit", Quota = 2 "quota", Attainment = 3 "attainment", Rate = 4 "rate", Rounding = 5 "rounding", Cap = 6 "cap",
        Installment = 7 "installment", Trigger = 8 "trigger", Condition = 9 "condition", Clawback = 10 "clawback", Draw = 11 "draw",
        Change = 12 "change", Baseline = 13 "baseline",
    }
}

/// How much an evaluation reports beside the amounts.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Detail {
    /// The amounts only: enough for a close.
    Figures,
    /// The amounts and the attainment of each component.
    Standing,
    /// Also the steps of each line.
    Reasons,
}

/// Builds `how` and `inputs` together, so that no number is in one without the other.
#[derive(Default)]
pub struct Formula {
    inputs: Inputs,
    how: String,
}

/// The numbers of a formula in the order of their first use.
#[derive(Default)]
struct Inputs {
    list: Vec<(String, Exact)>,
    /// The values under each name, which are numbered from the second on. A set, because some formulas have
    /// thousands.
    by_name: BTreeMap<String, BTreeSet<Exact>>,
}

impl Inputs {
    /// Adds a number unless the same number has this name already. Another number of the same name gets a count.
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
    /// Appends operators, parentheses or function names.
    pub fn sign(mut self, sign: &str) -> Formula {
        self.how.push_str(sign);
        self
    }

    /// Appends a number, and adds it to the inputs under a name.
    pub fn number(mut self, name: &str, value: &Exact) -> Formula {
        let text = value.text();
        let plain = !text.contains('/') && !text.starts_with('-');
        self.how.push_str(&if plain { text } else { format!("({text})") });
        self.inputs.name(name, value);
        self
    }

    /// Appends `+`, unless a sum only begins here.
    pub fn plus(self) -> Formula {
        if self.how.is_empty() || self.how.ends_with('(') { self } else { self.sign(" + ") }
    }

    /// The formula, and another one after it.
    pub fn followed_by(mut self, other: Formula) -> Formula {
        for (name, value) in &other.inputs.list {
            self.inputs.name(name, value);
        }
        self.how.push_str(&other.how);
        self
    }

    /// The formula in parentheses.
    pub fn in_parentheses(mut self) -> Formula {
        self.how = format!("({})", self.how);
        self
    }

    /// One formula divided by another.
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

    /// Ends the formula. `out` is its value, `from` the positions of the facts that its numbers are from, in any
    /// order.
    pub fn step(mut self, step: StepKind, out: &Exact, from: impl IntoIterator<Item = Position>) -> Step {
        if self.how.is_empty() {
            self = self.number("nothing", &Exact::ZERO);
        }
        let mut from: Vec<Position> = from.into_iter().collect();
        from.sort();
        from.dedup();
        Step {
            step,
            inputs: self.inputs.list,
            how: self.how,
            out: out.clone(),
            from,
            rounding: None,
            awaits_usage_through: None,
        }
    }
}

impl Step {
    /// Adds positions of entries that the numbers are from.
    pub fn with(mut self, from: impl IntoIterator<Item = Position>) -> Step {
        self.from.extend(from);
        self.from.sort();
        self.from.dedup();
        self
    }

    /// Marks the step of a condition that usage through a day can change.
    pub fn awaiting_usage(self, through: Day) -> Step {
        Step { awaits_usage_through: Some(through), ..self }
    }

    /// The step that rounds a number to the minor unit of a currency, which has `digits` decimals.
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
