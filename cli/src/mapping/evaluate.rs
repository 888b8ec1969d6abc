//! What a row says for a field: exact, or why it says nothing that the field takes.

use std::borrow::Cow;

use ledger::date::Day;
use ledger::exact::Exact;
use ledger::field::Amount;
use ledger::problem::{Problem, nearest};

use crate::mapping::kinds::Shape;
use crate::mapping::mapping::{Column, Condition, From, Leaf, Lookup, Mapping, PercentAs, Test, Value, Worked};
use crate::mapping::number;
use crate::mapping::rows::{Cell, Row};

/// What is wrong, and with the cell of which column.
#[derive(Debug)]
pub struct Wrong {
    pub slot: usize,
    pub problem: Problem,
}

type Evaluated<T> = Result<Option<T>, Wrong>;

/// A text on its way to a value, and whether it is the source's or the mapping's own.
struct Found<'v> {
    text: Cow<'v, str>,
    is_ours: bool,
}

/// A mapping and the names of its columns.
pub struct Evaluator<'m> {
    pub mapping: &'m Mapping,
    pub columns: &'m [Column],
}

impl<'m> Evaluator<'m> {
    /// The text of a leaf, as the fact has it; nothing where the row has no value.
    pub fn leaf<'v>(&'v self, leaf: &'v Leaf, row: &'v Row<'_>) -> Evaluated<Cow<'v, str>> {
        match &leaf.value {
            Value::Constant(text) => Ok(Some(Cow::Borrowed(text))),
            Value::Same(_) => unreachable!("BUG: what is the same as another leaf is not worked out"),
            Value::Worked(worked) => self.worked(worked, leaf.shape, row),
        }
    }

    fn worked<'v>(&'v self, worked: &'v Worked, shape: Shape, row: &'v Row<'_>) -> Evaluated<Cow<'v, str>> {
        match shape {
            Shape::Day => Ok(self.day(worked, row)?.map(|day| Cow::Owned(day.to_string()))),
            Shape::Amount | Shape::Whole | Shape::Percent => {
                let number = self.number(worked, shape, row)?;
                number.map(|number| self.written(worked, shape, &number).map(Cow::Owned)).transpose()
            }
            Shape::Name | Shape::Text | Shape::Currency | Shape::Word(_) | Shape::Id | Shape::Corrects => {
                self.text(worked, row)
            }
        }
    }

    /// A number as the fact has it.
    pub fn written(&self, worked: &Worked, shape: Shape, number: &Exact) -> Result<String, Wrong> {
        let sign = if shape == Shape::Percent { "%" } else { "" };
        match number::text(number) {
            Some(text) => Ok(text + sign),
            None => {
                let message = format!("`{number}` has more than 15 digits before the point or 12 after it");
                let help = "leave the row out with `when`, or mend the numbers that it is made of";
                Err(self.wrong(worked, "map-digits", message, help))
            }
        }
    }

    // Texts --------------------------------------------------------------------------------------------------------

    fn text<'v>(&'v self, worked: &'v Worked, row: &'v Row<'_>) -> Evaluated<Cow<'v, str>> {
        let raw = self.raw(worked, row)?;
        let Some(found) = self.looked_up(worked, raw)? else { return Ok(None) };
        Ok(Some(match (&worked.prefix, &worked.suffix) {
            (None, None) => found.text,
            (prefix, suffix) => {
                let part = |part: &'v Option<String>| part.as_deref().unwrap_or_default();
                Cow::Owned(format!("{}{}{}", part(prefix), found.text, part(suffix)))
            }
        }))
    }

    /// The cells' text, stripped; nothing where they have no value.
    fn raw<'v>(&'v self, worked: &'v Worked, row: &'v Row<'_>) -> Evaluated<Cow<'v, str>> {
        let text = match &worked.from {
            From::Column(slot) => match self.cell(*slot, row)? {
                Some(cell) => Cow::Borrowed(cell.text.as_ref()),
                None => return Ok(None),
            },
            From::Columns { slots, join } => {
                let cells: Result<Vec<Option<&Cell<'_>>>, Wrong> =
                    slots.iter().map(|slot| self.cell(*slot, row)).collect();
                let cells = cells?;
                if cells.iter().all(Option::is_none) {
                    return Ok(None);
                }
                let texts: Vec<&str> = cells.iter().map(|cell| cell.map_or("", |cell| cell.text.as_ref())).collect();
                Cow::Owned(texts.join(join))
            }
            From::Product(_) | From::Sum(_) => unreachable!("BUG: a number was asked for its text"),
        };
        let stripped = stripped(&text, worked);
        if self.mapping.source.nulls.iter().any(|null| null == stripped) {
            return Ok(None);
        }
        Ok(Some(if stripped.len() == text.len() { text } else { Cow::Owned(stripped.to_owned()) }))
    }

    fn cell<'v, 's>(&self, slot: usize, row: &'v Row<'s>) -> Result<Option<&'v Cell<'s>>, Wrong> {
        let cell = &row.cells[slot];
        if cell.is_nested {
            let message = format!("`{}` is an object or a list, not one value", self.columns[slot].name);
            let help = "name what lies in it, like `customer.id` or `lines.0.sku`";
            return Err(Wrong { slot, problem: Problem::new("map-nested", message, help) });
        }
        Ok(Some(cell).filter(|cell| !cell.is_null))
    }

    /// What the lookup has for a text, if there is one; an empty cell is looked for as the empty text.
    fn looked_up<'v>(&'v self, worked: &'v Worked, raw: Option<Cow<'v, str>>) -> Evaluated<Found<'v>> {
        let otherwise = worked.otherwise.as_deref().map(|text| Found { text: Cow::Borrowed(text), is_ours: true });
        let Some(lookup) = worked.lookup.map(|index| &self.mapping.tables[index]) else {
            return Ok(raw.map(|text| Found { text, is_ours: false }).or(otherwise));
        };
        match (lookup.rows.get(raw.as_deref().unwrap_or_default()), raw) {
            (Some(value), _) => Ok(Some(Found { text: Cow::Borrowed(value), is_ours: true })),
            (None, Some(key)) if otherwise.is_none() => Err(self.not_there(worked, lookup, &key)),
            (None, Some(_) | None) => Ok(otherwise),
        }
    }

    fn not_there(&self, worked: &Worked, lookup: &Lookup, key: &str) -> Wrong {
        let near = nearest(key, lookup.rows.keys().map(String::as_str));
        let near = near.map(|near| format!(" (did you mean `{near}`?)")).unwrap_or_default();
        let help = format!("add it to the table `{}`{near}, or say what holds `otherwise`", lookup.name);
        self.wrong(worked, "map-lookup", format!("`{key}` is not in the table `{}`", lookup.name), help)
    }

    // Dates --------------------------------------------------------------------------------------------------------

    fn day(&self, worked: &Worked, row: &Row<'_>) -> Evaluated<Day> {
        let raw = match (self.raw(worked, row)?, &worked.date) {
            (Some(text), Some(format)) => match format.day(&text) {
                Some(day) => Some(Cow::Owned(day.to_string())),
                None => {
                    let message = format!("`{text}` is not a date in the format `{}`", format.text);
                    let help = format!("such a date looks like `{}`", format.example());
                    return Err(self.wrong(worked, "map-date", message, help));
                }
            },
            (raw, _) => raw,
        };
        let Some(found) = self.looked_up(worked, raw)? else { return Ok(None) };
        match Day::parse(&found.text) {
            Some(day) => Ok(Some(day)),
            None => {
                let message = format!("`{}` is not a date like 2027-01-31", found.text);
                Err(self.wrong(worked, "map-date", message, "say how dates are written, like `date = \"%d/%m/%Y\"`"))
            }
        }
    }

    // Numbers ------------------------------------------------------------------------------------------------------

    /// A number; of a percent its points, so that 25 is 25 %.
    fn number(&self, worked: &Worked, shape: Shape, row: &Row<'_>) -> Evaluated<Exact> {
        let number = match &worked.from {
            From::Product(factors) => self.product(factors, row)?.map(|number| points(number, worked)),
            From::Sum(_) => unreachable!("BUG: a sum is worked out when its group is complete"),
            From::Column(_) | From::Columns { .. } => {
                let raw = self.raw(worked, row)?;
                match self.looked_up(worked, raw)? {
                    Some(found) => Some(self.number_of(&found, worked, shape)?),
                    None => None,
                }
            }
        };
        Ok(number.map(|number| turned(number, worked)))
    }

    /// Nothing where a factor has no value.
    fn product(&self, factors: &[Worked], row: &Row<'_>) -> Evaluated<Exact> {
        let mut product = Some(Exact::ONE);
        for factor in factors {
            let number = self.number(factor, Shape::Amount, row)?;
            product = product.zip(number).map(|(product, number)| &product * &number);
        }
        Ok(product)
    }

    fn number_of(&self, found: &Found<'_>, worked: &Worked, shape: Shape) -> Result<Exact, Wrong> {
        let text = found.text.as_ref();
        let read = |text: &str| match found.is_ours {
            true => Amount::parse(text).map(Amount::exact),
            false => self.mapping.source.numbers.read(text),
        };
        let wrong = |wanted: &str, help: &str| {
            self.wrong(worked, "map-number", format!("`{text}` is not {wanted}"), help)
        };
        if shape != Shape::Percent {
            return read(text).ok_or_else(|| wrong("a number", NUMBER_HELP));
        }
        match (text.strip_suffix('%'), worked.percent) {
            (Some(number), _) => read(number.trim_end()).ok_or_else(|| wrong("a percent", NUMBER_HELP)),
            (None, Some(_)) => {
                read(text).map(|number| points(number, worked)).ok_or_else(|| wrong("a number", NUMBER_HELP))
            }
            (None, None) => Err(wrong("a percent with its sign", PERCENT_HELP)),
        }
    }

    /// What a row adds to a sum.
    pub fn summand(&self, worked: &Worked, row: &Row<'_>) -> Evaluated<Exact> {
        self.number(worked, Shape::Amount, row)
    }

    /// A sum as the fact has it.
    pub fn sum(&self, worked: &Worked, shape: Shape, sum: Exact) -> Result<String, Wrong> {
        let sum = if shape == Shape::Percent { points(sum, worked) } else { sum };
        self.written(worked, shape, &turned(sum, worked))
    }

    // Conditions ---------------------------------------------------------------------------------------------------

    pub fn holds(&self, condition: &Condition, row: &Row<'_>) -> Result<bool, Wrong> {
        let cell = self.cell(condition.slot, row)?;
        let text = cell.map_or("", |cell| cell.text.as_ref());
        let is = |texts: &[String]| texts.iter().any(|is| is == text || *is == row.cells[condition.slot].text);
        for test in &condition.tests {
            let holds = match test {
                Test::In(texts) => is(texts),
                Test::NotIn(texts) => !is(texts),
                Test::Matches(pattern) => pattern.is_match(text),
                Test::Above(bound) => self.compared(condition, cell)?.is_some_and(|number| number > *bound),
                Test::Below(bound) => self.compared(condition, cell)?.is_some_and(|number| number < *bound),
            };
            if !holds {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What has no value is neither above nor below anything.
    fn compared(&self, condition: &Condition, cell: Option<&Cell<'_>>) -> Evaluated<Exact> {
        let Some(cell) = cell else { return Ok(None) };
        match self.mapping.source.numbers.read(&cell.text) {
            Some(number) => Ok(Some(number)),
            None => {
                let problem = Problem::new("map-number", format!("`{}` is not a number", cell.text), NUMBER_HELP);
                Err(Wrong { slot: condition.slot, problem })
            }
        }
    }

    fn wrong(&self, worked: &Worked, code: &'static str, message: String, help: impl Into<String>) -> Wrong {
        Wrong { slot: worked.slot(), problem: Problem::new(code, message, help) }
    }
}

const NUMBER_HELP: &str = "say in `[source]` how numbers are written (`decimal`, `thousands`), or leave the row out with `when`";
const PERCENT_HELP: &str = "add `percent = \"fraction\"` if 0.012 means 1.2 %, or `percent = \"points\"` if 1.2 does";

fn stripped<'t>(text: &'t str, worked: &Worked) -> &'t str {
    let mut text = text.trim();
    if let Some(prefix) = &worked.strip_prefix {
        text = text.strip_prefix(prefix.as_str()).unwrap_or(text);
    }
    if let Some(suffix) = &worked.strip_suffix {
        text = text.strip_suffix(suffix.as_str()).unwrap_or(text);
    }
    text.trim()
}

fn points(number: Exact, worked: &Worked) -> Exact {
    match worked.percent {
        Some(PercentAs::Fraction) => &number * &Exact::whole(100),
        Some(PercentAs::Points) | None => number,
    }
}

/// Multiplied and turned round, as the mapping says.
fn turned(number: Exact, worked: &Worked) -> Exact {
    let number = match &worked.times {
        Some(times) => &number * times,
        None => number,
    };
    if worked.negate { -&number } else { number }
}
