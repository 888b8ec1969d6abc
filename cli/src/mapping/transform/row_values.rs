//! The values that a rule takes from a row, and what is wrong with them.

use std::borrow::Cow;

use ledger::finding::{FieldPath, Finding};
use replay::refusal::Refusal;
use replay::refusal::rows::RowRefusal;

use crate::mapping::evaluate::evaluator::{Evaluator, Wrong};
use crate::mapping::evaluate::number::{contradicting_sign, has_sign};
use crate::mapping::kinds::Shape;
use crate::mapping::rules::{Leaf, Rule, Value};
use crate::mapping::source::row::{CellRange, Row, RowText, SourceName};
use crate::mapping::transform::fact::{FieldValue, ShareRow, ShareText};

/// What is wrong with a row: of which field of the fact, and in which cell.
pub type RowFinding = Finding<Refusal>;

/// Fields that a fact needs and that one empty cell leaves without a value.
struct Missing {
    cell: Option<(usize, CellRange)>,
    fields: Vec<String>,
}

/// Reads rows by the rules of a mapping, and finds the places of what is wrong with them.
#[derive(Copy, Clone)]
pub struct RowValues<'m> {
    pub evaluator: &'m Evaluator<'m>,
    pub names: &'m [SourceName],
}

impl RowValues<'_> {
    /// The first condition of the rule that the row does not meet.
    pub fn first_that_fails(&self, rule: &Rule, row: &Row<'_>) -> Result<Option<usize>, Wrong> {
        for (index, condition) in rule.when.iter().enumerate() {
            if !self.evaluator.holds(condition, row)? {
                return Ok(Some(index));
            }
        }
        Ok(None)
    }

    /// Every value but sums and copies, and what is wrong with them.
    pub fn values(&self, rule: &Rule, row: &Row<'_>) -> (Vec<FieldValue>, Vec<RowFinding>) {
        let mut problems = Vec::new();
        let made = rule.leaves.iter().map(|leaf| {
            let cell = leaf.slot().map(|slot| (slot, row.cells[slot].at));
            if leaf.summand().is_some() || leaf.is_each || matches!(leaf.value, Value::Same(_)) {
                return FieldValue { text: None, cell };
            }
            match self.evaluator.leaf(leaf, row) {
                Ok(text) => FieldValue { text: text.map(|text| text.into_owned()), cell },
                Err(wrong) => {
                    problems.push(self.placed(path_of(leaf), wrong, row));
                    FieldValue { text: None, cell }
                }
            }
        });
        (made.collect(), problems)
    }

    /// Amounts with the sign of another currency than the fact has.
    pub fn signs(&self, rule: &Rule, row: &Row<'_>) -> Vec<RowFinding> {
        let Some(of_currency) = rule.leaves.iter().find(|leaf| leaf.name == "currency") else { return Vec::new() };
        let of_currency = match of_currency.value {
            Value::Same(of) => &rule.leaves[of],
            Value::Constant(_) | Value::Worked(_) => of_currency,
        };
        let mut problems = Vec::new();
        for leaf in rule.leaves.iter().filter(|leaf| leaf.shape == Shape::Amount) {
            let Value::Worked(worked) = &leaf.value else { continue };
            for slot in worked.number_slots() {
                let text = row.cells[slot].text.as_ref();
                if !has_sign(text) {
                    continue;
                }
                let Ok(Some(currency)) = self.evaluator.leaf(of_currency, row) else { return problems };
                if let Some(sign) = contradicting_sign(text, &currency) {
                    let (written, currency) = (text.to_owned(), currency.into_owned());
                    let wrong = Wrong { slot, refusal: RowRefusal::CurrencySign { written, sign, currency } };
                    problems.push(self.placed(path_of(leaf), wrong, row));
                }
            }
        }
        problems
    }

    /// The values of the share that a row of a group is; none where the row has nothing of it. A share without a payee or a
    /// percent is a problem: nobody would be paid.
    pub fn share(&self, rule: &Rule, row: &Row<'_>) -> (Option<ShareRow>, Vec<RowFinding>) {
        let (mut problems, mut values, mut is_there) = (Vec::new(), Vec::new(), false);
        for (_, leaf) in rule.each() {
            let cell = leaf.slot().map(|slot| (slot, row.cells[slot].at));
            let text = match self.evaluator.leaf(leaf, row) {
                Ok(text) => text.map(Cow::into_owned),
                Err(wrong) => {
                    problems.push(self.placed(path_of(leaf), wrong, row));
                    is_there = true;
                    None
                }
            };
            is_there |= cell.is_some() && text.is_some();
            values.push(FieldValue { text, cell });
        }
        if is_there && problems.is_empty() {
            let empty = rule
                .each()
                .zip(&values)
                .filter(|((_, leaf), value)| value.text.is_none() && !leaf.name.ends_with(".role"));
            problems.extend(empty.map(|((_, leaf), value)| {
                let column = value.cell.map(|(slot, _)| self.evaluator.columns[slot].name.clone());
                let fields = vec![leaf.name.clone()];
                let refusal = RowRefusal::FieldsMissing { kind: rule.kind.word, fields, column };
                let at = value.cell.map_or(row.whole.at(), |(_, at)| at);
                self.found(path_of(leaf), Refusal::NoFact(refusal), row.whole, at)
            }));
        }
        let text = ShareText { line: row.whole.line, text: row.whole.text.into() };
        (is_there.then_some(ShareRow { row: text, values }), problems)
    }

    /// Whether the row meets the conditions of the rule, has a value wherever a fact needs one, and can be read.
    pub fn has_fact(&self, rule: &Rule, row: &Row<'_>) -> bool {
        let is_fine = |leaf: &Leaf| {
            let origin = match &leaf.value {
                Value::Same(of) => &rule.leaves[*of],
                Value::Constant(_) | Value::Worked(_) => leaf,
            };
            let has_value = match origin.summand() {
                Some(summand) => self.evaluator.summand(summand, row).map(|number| number.is_some()),
                None => self.evaluator.leaf(origin, row).map(|text| text.is_some()),
            };
            has_value.is_ok_and(|has_value| has_value || !leaf.is_needed)
        };
        matches!(self.first_that_fails(rule, row), Ok(None)) && rule.leaves.iter().all(is_fine)
    }

    /// The texts of columns, and whether one of them has a value.
    pub fn texts<'r>(&self, slots: &[usize], row: &'r Row<'_>) -> (Vec<&'r str>, bool) {
        let cells = slots.iter().map(|slot| &row.cells[*slot]);
        (cells.clone().map(|cell| cell.text.as_ref()).collect(), cells.into_iter().any(|cell| !cell.is_null))
    }

    /// Puts the values that tell facts apart into `key`.
    pub fn read_key(
        &self,
        rule: &Rule,
        keys: &[usize],
        row: &Row<'_>,
        key: &mut String,
    ) -> Result<(), Vec<RowFinding>> {
        let mut problems = Vec::new();
        key.clear();
        for index in keys {
            let leaf = match &rule.leaves[*index].value {
                Value::Same(of) => &rule.leaves[*of],
                Value::Constant(_) | Value::Worked(_) => &rule.leaves[*index],
            };
            match self.evaluator.leaf(leaf, row) {
                // The length keeps `a` and `bc` from `ab` and `c`.
                Ok(Some(text)) => key.extend([&text.len().to_string(), ":", text.as_ref()]),
                Ok(None) => key.push('-'),
                Err(wrong) => problems.push(self.placed(path_of(leaf), wrong, row)),
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    /// What is neither summed nor a key is the same in all rows of a group, for it is never guessed which one holds.
    ///
    /// `first` has the values of the first row, which is on `line`.
    pub fn differences(
        &self,
        rule: &Rule,
        keys: &[usize],
        (first, line): (&[FieldValue], u32),
        row: &Row<'_>,
    ) -> Vec<RowFinding> {
        let mut problems = Vec::new();
        for (at, leaf) in rule.leaves.iter().enumerate() {
            let is_fixed = matches!(leaf.value, Value::Constant(_) | Value::Same(_)) || leaf.summand().is_some();
            if is_fixed || leaf.is_each || keys.contains(&at) || matches!(leaf.name.as_str(), "source" | "note") {
                continue;
            }
            match self.evaluator.leaf(leaf, row) {
                Ok(text) if text.as_deref() == first[at].text.as_deref() => {}
                Ok(here) => {
                    let (field, here) = (leaf.name.clone(), here.map(Cow::into_owned));
                    let refusal = RowRefusal::GroupDiffers { field, here, first: first[at].text.clone(), line };
                    let slot = leaf.slot().expect("BUG: constants do not differ");
                    problems.push(self.placed(path_of(leaf), Wrong { slot, refusal }, row));
                }
                Err(wrong) => problems.push(self.placed(path_of(leaf), wrong, row)),
            }
        }
        problems
    }

    /// Fields that the fact needs and that have no value.
    pub fn missing(&self, rule: &Rule, made: &[FieldValue], row: RowText<'_>) -> Vec<RowFinding> {
        let empty = rule.leaves.iter().zip(made).filter(|(leaf, made)| leaf.is_needed && made.text.is_none());
        // Fields that `same` fills from one empty cell are told together.
        let mut missing: Vec<Missing> = Vec::new();
        for (leaf, made) in empty {
            let field = leaf.name.clone();
            match missing.iter_mut().find(|other| other.cell.is_some() && other.cell == made.cell) {
                Some(other) => other.fields.push(field),
                None => missing.push(Missing { cell: made.cell, fields: vec![field] }),
            }
        }
        let problem = |Missing { cell, fields }: Missing| {
            let column = cell.map(|(slot, _)| self.evaluator.columns[slot].name.clone());
            let at = cell.map_or(row.at(), |(_, at)| at);
            let path = FieldPath::of(&fields[0]);
            let refusal = RowRefusal::FieldsMissing { kind: rule.kind.word, fields, column };
            self.found(path, Refusal::NoFact(refusal), row, at)
        };
        missing.into_iter().map(problem).collect()
    }

    /// A row that has no value for a sum which the fact needs.
    pub fn without_summand(&self, rule: &Rule, leaf: &Leaf, row: &Row<'_>) -> RowFinding {
        let slot = leaf.summand().map(|summand| summand.slot());
        let column = slot.map(|slot| self.evaluator.columns[slot].name.clone());
        let at = slot.map_or(row.whole.at(), |slot| row.cells[slot].at);
        let refusal = RowRefusal::FieldsMissing { kind: rule.kind.word, fields: vec![leaf.name.clone()], column };
        self.found(path_of(leaf), Refusal::NoFact(refusal), row.whole, at)
    }

    pub fn placed(&self, path: FieldPath, wrong: Wrong, row: &Row<'_>) -> RowFinding {
        let at = row.cells[wrong.slot].at;
        self.at_cell(path, wrong, row.whole, at)
    }

    pub fn at_cell(&self, path: FieldPath, wrong: Wrong, row: RowText<'_>, at: CellRange) -> RowFinding {
        let Wrong { slot, refusal } = wrong;
        let (why, column) = (Box::new(Refusal::NoFact(refusal)), Some(self.evaluator.columns[slot].name.clone()));
        self.found(path, Refusal::OfRows { why, column, more_rows: 0 }, row, at)
    }

    pub fn found(&self, path: FieldPath, what: Refusal, row: RowText<'_>, at: CellRange) -> RowFinding {
        let location = self.names[row.source as usize].location(row.text, at);
        Finding { what, path, location: Some(Box::new(location)) }
    }
}

/// The field of the fact.
pub fn path_of(leaf: &Leaf) -> FieldPath {
    leaf.name.split('.').fold(FieldPath::root(), FieldPath::then)
}

/// Whether two findings say the same about the same cell, be it of two fields.
pub fn is_same_cell(one: &RowFinding, other: &RowFinding) -> bool {
    one.what == other.what && one.location == other.location
}

#[cfg(test)]
mod tests {
    use crate::mapping::example::{BOOKING, facts, failing, members};

    const USAGE: &str = "[[fact]]\nfact = \"usage-snapshot\"\naccount = { column = \"c\" }\nfrom = { column = \"d\" }\nto = { same = \"from\" }\n";

    #[test]
    fn needed_fields_have_values_and_others_are_left_out() {
        let map = BOOKING.to_owned() + "arr = { column = \"a\" }\nmotion = { column = \"m\" }\n";
        assert_eq!(members(&map, "id,a,m\n1,2,\n", "motion"), ["-"]);
        assert_eq!(
            failing(&map, "id,a,m\n,,new\n"),
            [
                "2:1 map-no-value `id` has no value, and a booking needs `booking`",
                "2:2 map-no-value `a` has no value, and a booking needs `arr`"
            ]
        );
    }

    #[test]
    fn an_empty_cell_is_told_once() {
        let map = format!("{USAGE}amount = {{ column = \"q\" }}\ncurrency = \"GBP\"\n");
        let said = "2:3 map-no-value `d` has no value, and a usage-snapshot needs `from` and `to`";
        assert_eq!(failing(&map, "c,d,q\nx,,5\n"), [said]);
    }

    #[test]
    fn values_lie_in_each_other() {
        let credit = "credit = [{ payee = { column = \"o\" }, percent = \"100%\" }, { payee = { column = \"p\" }, role = \"overlay\", percent = { column = \"s\", percent = \"points\" } }]";
        let map = format!(
            "{BOOKING}arr = 1\ncontract = {{ same = \"booking\" }}\nattributes = {{ deal = {{ column = \"o\" }}, \"sales channel\" = {{ column = \"p\" }} }}\n{credit}"
        );
        let csv = "id,o,p,s\n1,ana,bea,40\n2,ana,,\n3,,,\n";
        let json = facts(&map, csv);
        assert!(
            json[0].contains(
                r#""credit":[{"payee":"ana","percent":"100%"},{"payee":"bea","role":"overlay","percent":"40%"}]"#
            ),
            "{json:?}"
        );
        assert!(json[0].contains(r#""attributes":{"deal":"ana","sales channel":"bea"}"#), "{json:?}");
        assert!(
            json[1].contains(r#""credit":[{"payee":"ana","percent":"100%"}],"attributes":{"deal":"ana"}"#),
            "{json:?}"
        );
        assert!(
            json[2].contains(r#""contract":"3""#) && !json[2].contains("credit") && !json[2].contains("attributes"),
            "{json:?}"
        );
        let split = "[[fact]]\nfact = \"credit-split\"\nat = 2027-01-01\non = { booking = { column = \"b\" }, account = { column = \"a\" } }\nshares = [{ payee = \"ana\", percent = \"50%\" }]";
        assert_eq!(members(split, "a,b\nx,\n,y\n", "on").len(), 2);
        assert!(
            failing(split, "a,b\nx,y\n")[0].starts_with("2:3 fact-field-value "),
            "{:?}",
            failing(split, "a,b\nx,y\n")
        );
        let assignment = "[[fact]]\nfact = \"assignment\"\nat = 2027-01-01\npayee = \"ana\"\nplan = \"land\"\nquota = { new = { column = \"q\" } }\nrates = { new = { column = \"r\" } }";
        assert!(facts(assignment, "q,r\n\"1,000\",2%\n")[0].contains(r#""quota":{"new":"1000"},"rates":{"new":"2%"}"#));
    }

    #[test]
    fn a_refusal_of_the_ledger_is_placed_at_its_cell() {
        let map = BOOKING.replace("\"USD\"", "{ column = \"c\" }") + "arr = 1\nmonths = { column = \"m\", times = 12 }";
        assert_eq!(
            failing(&map, "id,c,m\n1,XYZ,1\n2,USD,1.5\n3,USD,0.7\n"),
            [
                "2:3 fact-field-value `\"XYZ\"` is not an ISO 4217 currency like \"USD\", in column `c`",
                "4:7 fact-field-value `\"8.4\"` is not a whole number, in column `m`"
            ]
        );
    }
}
