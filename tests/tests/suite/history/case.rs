//! A random case: plans, people, accounts, assignments, and what is recorded before each of several closes.

use proptest::collection::vec;
use proptest::prelude::Strategy;

use super::choices::{Choices, choices};

#[derive(Clone, Debug)]
pub struct Case {
    pub setting: Choices,
    pub plans: Vec<Plan>,
    pub payees: Vec<Choices>,
    pub accounts: Vec<Choices>,
    pub assignments: Vec<Choices>,
    /// For each close, the facts recorded before it.
    pub months: Vec<Vec<Choices>>,
}

impl Case {
    /// By what it is chosen what people do about payable amounts after the how manieth close.
    pub fn payment_seed(&self, close: usize) -> Choices {
        let mixed =
            |place: usize| self.setting[(place + close * 11) % self.setting.len()] ^ (close as u8).wrapping_mul(37);
        (0..self.setting.len()).map(mixed).collect()
    }
}

#[derive(Clone, Debug)]
pub struct Plan {
    pub head: Choices,
    pub components: Vec<Component>,
    pub draws: Vec<Choices>,
    /// Later versions.
    pub versions: Vec<Choices>,
}

#[derive(Clone, Debug)]
pub struct Component {
    pub head: Choices,
    pub installments: Vec<Choices>,
    pub clawbacks: Vec<Choices>,
}

fn component() -> impl Strategy<Value = Component> {
    let parts = (choices(), vec(choices(), 0..4), vec(choices(), 0..3));
    parts.prop_map(|(head, installments, clawbacks)| Component { head, installments, clawbacks })
}

fn plan() -> impl Strategy<Value = Plan> {
    let parts = (choices(), vec(component(), 1..4), vec(choices(), 0..3), vec(choices(), 0..3));
    parts.prop_map(|(head, components, draws, versions)| Plan { head, components, draws, versions })
}

pub fn case() -> impl Strategy<Value = Case> {
    let rules = (choices(), vec(plan(), 1..3));
    let people = (vec(choices(), 1..5), vec(choices(), 1..4), vec(choices(), 1..8));
    let first = vec(choices(), 1..30);
    let later = vec(vec(choices(), 0..10), 1..8);
    (rules, people, first, later).prop_map(|((setting, plans), (payees, accounts, assignments), first, later)| {
        let months = std::iter::once(first).chain(later).collect();
        Case { setting, plans, payees, accounts, assignments, months }
    })
}
