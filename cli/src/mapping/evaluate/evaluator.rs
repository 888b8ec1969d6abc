//! What a row says for a field: exact, or why it says nothing that the field takes.

use std::borrow::Cow;

use ledger::date::Day;
use ledger::date::fault::DateFault;
use ledger::exact::{Exact, Rounding};
use ledger::field::Amount;
use ledger::nearest::nearest;
use replay::refusal::rows::{NumberFault, NumberForm, RowRefusal};

use crate::input::time_zone::Zone;
use crate::mapping::evaluate::number;
use crate::mapping::kinds::Shape;
use crate::mapping::rules::{
    Column, Divisor, Leaf, Letters, Lookup, Mapping, PercentAs, RowCondition, Test, Value, ValueSource, Worked,
};
use crate::mapping::source::row::{Row, SourceCell};

/// What is wrong, and with the cell of which column.
#[derive(Debug)]
pub struct Wrong {
    pub slot: usize,
    pub refusal: RowRefusal,
}

type Evaluated<T> = Result<Option<T>, Wrong>;

/// Lookups with more rows, and longer texts, are not searched for what was meant.
const NEAR_ROWS_MAX: usize = 1_000;
const NEAR_BYTES_MAX: usize = 64;

/// A text on its way to a value, and whether it is the source's or the mapping's own.
struct FieldText<'v> {
    text: Cow<'v, str>,
    is_ours: bool,
}

/// A mapping and the names of its columns.
pub struct Evaluator<'m> {
    pub mapping: &'m Mapping,
    pub columns: &'m [Column],
    /// On whose days instants are.
    pub zone: Zone,
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
            None => Err(wrong(worked, RowRefusal::TooManyDigits { number: number.clone() })),
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
            ValueSource::Column(slot) => match self.cell(*slot, row)? {
                Some(cell) => Cow::Borrowed(cell.text.as_ref()),
                None => return Ok(None),
            },
            ValueSource::Columns { slots, join } => {
                let cells: Result<Vec<Option<&SourceCell<'_>>>, Wrong> =
                    slots.iter().map(|slot| self.cell(*slot, row)).collect();
                let cells = cells?;
                if cells.iter().all(Option::is_none) {
                    return Ok(None);
                }
                let texts: Vec<&str> = cells.iter().map(|cell| cell.map_or("", |cell| cell.text.as_ref())).collect();
                Cow::Owned(texts.join(join))
            }
            ValueSource::Product(_) | ValueSource::Sum(_) => unreachable!("BUG: a number was asked for its text"),
        };
        let stripped = stripped(&text, worked);
        if self.mapping.source.nulls.iter().any(|null| null == stripped) {
            return Ok(None);
        }
        Ok(Some(match worked.letters {
            Some(Letters::Upper) => Cow::Owned(stripped.to_uppercase()),
            Some(Letters::Lower) => Cow::Owned(stripped.to_lowercase()),
            None if stripped.len() == text.len() => text,
            None => Cow::Owned(stripped.to_owned()),
        }))
    }

    fn cell<'v, 's>(&self, slot: usize, row: &'v Row<'s>) -> Result<Option<&'v SourceCell<'s>>, Wrong> {
        let cell = &row.cells[slot];
        if cell.is_nested {
            return Err(Wrong { slot, refusal: RowRefusal::Nested { column: self.columns[slot].name.clone() } });
        }
        Ok(Some(cell).filter(|cell| !cell.is_null))
    }

    /// What the lookup has for a text, if there is one; an empty cell is looked for as the empty text.
    fn looked_up<'v>(&'v self, worked: &'v Worked, raw: Option<Cow<'v, str>>) -> Evaluated<FieldText<'v>> {
        let otherwise = worked.otherwise.as_deref().map(|text| FieldText { text: Cow::Borrowed(text), is_ours: true });
        let Some(lookup) = worked.lookup.map(|index| &self.mapping.tables[index]) else {
            return Ok(raw.map(|text| FieldText { text, is_ours: false }).or(otherwise));
        };
        match (lookup.rows.get(raw.as_deref().unwrap_or_default()), raw) {
            (Some(value), _) => Ok(Some(FieldText { text: Cow::Borrowed(value), is_ours: true })),
            (None, Some(key)) if otherwise.is_none() => Err(not_there(worked, lookup, &key)),
            (None, Some(_) | None) => Ok(otherwise),
        }
    }

    // Dates --------------------------------------------------------------------------------------------------------

    fn day(&self, worked: &Worked, row: &Row<'_>) -> Evaluated<Day> {
        let raw = match (self.raw(worked, row)?, &worked.date) {
            (Some(text), Some(rule)) => match rule.day(&text, self.zone) {
                Ok(day) => Some(Cow::Owned(day.to_string())),
                Err(refusal) => return Err(wrong(worked, refusal)),
            },
            (raw, _) => raw,
        };
        let Some(found) = self.looked_up(worked, raw)? else { return Ok(None) };
        match Day::parse(&found.text) {
            Some(day) => Ok(Some(day)),
            None => {
                let fault = DateFault::of(&found.text);
                Err(wrong(worked, RowRefusal::NotADate { written: found.text.into_owned(), fault }))
            }
        }
    }

    // Numbers ------------------------------------------------------------------------------------------------------

    /// A number; of a percent its points, so that 25 is 25 %.
    fn number(&self, worked: &Worked, shape: Shape, row: &Row<'_>) -> Evaluated<Exact> {
        let number = match &worked.from {
            ValueSource::Product(factors) => self.product(factors, row)?.map(|number| points(number, worked)),
            ValueSource::Sum(_) => unreachable!("BUG: a sum is worked out when its group is complete"),
            ValueSource::Column(_) | ValueSource::Columns { .. } => {
                let raw = self.raw(worked, row)?;
                match self.looked_up(worked, raw)? {
                    Some(found) => Some(self.number_of(&found, worked, shape)?),
                    None => None,
                }
            }
        };
        let Some(number) = number else { return Ok(None) };
        let divisor = match &worked.divide {
            Some(Divisor::Number(number)) => Some(number.clone()),
            Some(Divisor::Value(value)) => match self.number(value, Shape::Amount, row)? {
                Some(number) => Some(number),
                None => return Err(wrong(value, RowRefusal::FactorMissing)),
            },
            None => None,
        };
        if divisor.as_ref().is_some_and(Exact::is_zero) {
            return Err(wrong(worked, RowRefusal::DividedByZero));
        }
        Ok(Some(turned(number, divisor, worked)))
    }

    /// Nothing where no factor has a value; one that is missing beside others is told, for it would hide what they say.
    fn product(&self, factors: &[Worked], row: &Row<'_>) -> Evaluated<Exact> {
        let numbers = factors.iter().map(|factor| self.number(factor, Shape::Amount, row));
        let numbers: Vec<Option<Exact>> = numbers.collect::<Result<_, Wrong>>()?;
        let missing = numbers.iter().position(Option::is_none);
        match missing.filter(|_| numbers.iter().any(Option::is_some)) {
            Some(missing) => Err(wrong(&factors[missing], RowRefusal::FactorMissing)),
            None => Ok(numbers.into_iter().try_fold(Exact::ONE, |product, number| Some(&product * &number?))),
        }
    }

    fn number_of(&self, found: &FieldText<'_>, worked: &Worked, shape: Shape) -> Result<Exact, Wrong> {
        let text = found.text.as_ref();
        let read = |text: &str| {
            let ours = || Amount::parse(text).map(Amount::exact).ok_or(NumberFault::Form);
            if found.is_ours { ours() } else { self.mapping.source.numbers.read(text) }
        };
        let not = |expected: NumberForm, fault: NumberFault| {
            wrong(worked, RowRefusal::NotANumber { written: text.to_owned(), expected, fault })
        };
        if shape != Shape::Percent {
            return read(text).map_err(|fault| not(NumberForm::Number, fault));
        }
        match (text.strip_suffix('%'), worked.percent) {
            (Some(number), _) => read(number.trim_end()).map_err(|fault| not(NumberForm::Percent, fault)),
            (None, Some(_)) => {
                read(text).map(|number| points(number, worked)).map_err(|fault| not(NumberForm::Number, fault))
            }
            (None, None) => Err(not(NumberForm::PercentWithSign, NumberFault::Form)),
        }
    }

    /// What a row adds to a sum.
    pub fn summand(&self, worked: &Worked, row: &Row<'_>) -> Evaluated<Exact> {
        self.number(worked, Shape::Amount, row)
    }

    /// A sum as the fact has it.
    pub fn sum(&self, worked: &Worked, shape: Shape, sum: Exact) -> Result<String, Wrong> {
        let sum = if shape == Shape::Percent { points(sum, worked) } else { sum };
        let divisor = match &worked.divide {
            Some(Divisor::Number(number)) => Some(number.clone()),
            Some(Divisor::Value(_)) => unreachable!("BUG: a sum is divided by a number"),
            None => None,
        };
        self.written(worked, shape, &turned(sum, divisor, worked))
    }

    // Conditions ---------------------------------------------------------------------------------------------------

    pub fn holds(&self, condition: &RowCondition, row: &Row<'_>) -> Result<bool, Wrong> {
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
    fn compared(&self, condition: &RowCondition, cell: Option<&SourceCell<'_>>) -> Evaluated<Exact> {
        let Some(cell) = cell else { return Ok(None) };
        match self.mapping.source.numbers.read(&cell.text) {
            Ok(number) => Ok(Some(number)),
            Err(fault) => {
                let (written, expected) = (cell.text.clone().into_owned(), NumberForm::Number);
                Err(Wrong { slot: condition.slot, refusal: RowRefusal::NotANumber { written, expected, fault } })
            }
        }
    }
}

fn wrong(worked: &Worked, refusal: RowRefusal) -> Wrong {
    Wrong { slot: worked.slot(), refusal }
}

fn not_there(worked: &Worked, lookup: &Lookup, key: &str) -> Wrong {
    // Of a long table, or of a long text, nobody meant a certain other row.
    let is_short = lookup.rows.len() <= NEAR_ROWS_MAX && key.len() <= NEAR_BYTES_MAX;
    let keys = lookup.rows.keys().filter(|_| is_short).map(String::as_str);
    let nearest = nearest(key, keys).map(str::to_owned);
    wrong(worked, RowRefusal::NotInTable { key: key.to_owned(), table: lookup.name.clone(), nearest })
}

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

/// Multiplied, divided, turned round and rounded, as the mapping says.
fn turned(number: Exact, divisor: Option<Exact>, worked: &Worked) -> Exact {
    let number = match &worked.times {
        Some(times) => &number * times,
        None => number,
    };
    let number = match &divisor {
        Some(divisor) => &number / divisor,
        None => number,
    };
    let number = if worked.negate { -&number } else { number };
    match worked.round.and_then(|digits| Some((number.round(digits, Rounding::HalfUp)?, digits))) {
        Some((rounded, digits)) => &Exact::whole(rounded) / &Exact::whole(10_i128.pow(digits)),
        None => number,
    }
}

#[cfg(test)]
mod tests {
    use crate::mapping::example::{BOOKING, SIGNAL, failing, members};

    /// What a value becomes for each of the cells of column `c`.
    fn texts(value: &str, cells: &[&str]) -> Vec<String> {
        of(&format!("{SIGNAL}signal = \"s\"\npayee = {value}"), cells, "payee")
    }

    fn numbers(value: &str, cells: &[&str]) -> Vec<String> {
        of(&format!("{SIGNAL}signal = \"s\"\nvalue = {value}"), cells, "value")
    }

    fn of(map: &str, cells: &[&str], name: &str) -> Vec<String> {
        let rows: Vec<String> = cells.iter().map(|cell| format!("\"{cell}\",x\n")).collect();
        members(map, &format!("c,d\n{}", rows.concat()), name)
    }

    #[test]
    fn texts_are_stripped_and_put_together() {
        for (value, cell, expected) in [
            ("{ column = \"c\" }", "  a b ", "\"a b\""),
            ("{ column = \"c\", trim = true }", " a ", "\"a\""),
            ("{ column = \"c\", strip-suffix = \".0\" }", "17850.0", "\"17850\""),
            ("{ column = \"c\", strip-suffix = \".0\" }", "17850.5", "\"17850.5\""),
            ("{ column = \"c\", strip-prefix = \"SO-\", strip-suffix = \"/1\" }", "SO- 7 /1", "\"7\""),
            ("{ column = \"c\", prefix = \"sf:\", suffix = \"!\" }", "7", "\"sf:7!\""),
            ("{ columns = [\"c\", \"d\"], join = \"-\" }", "7", "\"7-x\""),
            ("{ columns = [\"c\", \"d\"] }", "7", "\"7x\""),
            ("{ columns = [\"c\", \"d\"], join = \"-\" }", "", "\"-x\""),
            ("{ column = \"c\", prefix = \"sf:\" }", "", "-"),
            ("{ column = \"c\", strip-suffix = \".0\" }", ".0", "-"),
            ("{ column = \"c\", otherwise = \"none\" }", "", "\"none\""),
            ("{ column = \"c\" }", "a\"\"b", "\"a\\\"b\""),
        ] {
            assert_eq!(texts(value, &[cell]), [expected], "{value} {cell}");
        }
    }

    #[test]
    fn nulls_are_what_the_source_says() {
        let map =
            format!("[source]\nnull = [\"\", \"NULL\", \"n/a\"]\n{SIGNAL}signal = \"s\"\npayee = {{ column = \"c\" }}");
        assert_eq!(of(&map, &["NULL", " n/a ", "", "null"], "payee"), ["-", "-", "-", "\"null\""]);
    }

    #[test]
    fn lookups_have_a_value_for_each_key() {
        let table = "[[table]]\nname = \"t\"\nrows = { a = \"ana\", b = \"bea\", \"12\" = 7 }\n";
        let map = |otherwise: &str| {
            format!("{table}{SIGNAL}signal = \"s\"\npayee = {{ column = \"c\", lookup = \"t\"{otherwise} }}")
        };
        assert_eq!(of(&map(""), &["a", "", "12"], "payee"), ["\"ana\"", "-", "\"7\""]);
        assert_eq!(of(&map(", otherwise = \"zoe\""), &["a", "", "c"], "payee"), ["\"ana\"", "\"zoe\"", "\"zoe\""]);
        let failed = failing(&map(""), "c\nax\nb\n");
        assert_eq!(failed, ["2:1 map-lookup `ax` is not in the table `t`, in column `c`"]);
        let empty = "[[table]]\nname = \"t\"\nrows = { \"\" = \"nobody\", a = \"ana\" }\n";
        let map = format!("{empty}{SIGNAL}signal = \"s\"\npayee = {{ column = \"c\", lookup = \"t\" }}");
        assert_eq!(of(&map, &["", "a"], "payee"), ["\"nobody\"", "\"ana\""]);
    }

    #[test]
    fn numbers_are_exact() {
        for (value, cell, expected) in [
            ("{ column = \"c\" }", "(1,234.50)", "\"-1234.5\""),
            ("{ column = \"c\", times = \"12\" }", "0.1", "\"1.2\""),
            ("{ column = \"c\", times = \"0.01\", negate = true }", "250", "\"-2.5\""),
            ("{ product = [\"c\", \"c\"] }", "0.000001", "\"0.000000000001\""),
            ("{ product = [\"c\", { column = \"c\", times = 2, negate = true }] }", "3", "\"-18\""),
            ("{ product = [\"c\", \"c\"] }", "", "-"),
        ] {
            assert_eq!(numbers(value, &[cell]), [expected], "{value} {cell}");
        }
        let table = "[[table]]\nname = \"price\"\nrows = { gold = \"1000.5\" }\n[source]\ndecimal = \",\"\n";
        let value = "value = { column = \"c\", lookup = \"price\", otherwise = \"0.25\" }";
        let map = format!("{table}{SIGNAL}signal = \"s\"\n{value}");
        assert_eq!(of(&map, &["gold", "tin"], "value"), ["\"1000.5\"", "\"0.25\""]);
    }

    #[test]
    fn percents_have_a_sign_or_the_mapping_says_what_they_mean() {
        let map = |more: &str| {
            format!("{BOOKING}arr = 1\ncredit = [{{ payee = \"ana\", percent = {{ column = \"p\"{more} }} }}]")
        };
        let share = |percent: &str| format!("[{{\"payee\":\"ana\",\"percent\":\"{percent}\"}}]");
        for (more, cell, expected) in [
            ("", "12.5 %", "12.5%"),
            (", percent = \"fraction\"", "0.125", "12.5%"),
            (", percent = \"points\"", "12.5", "12.5%"),
            (", percent = \"fraction\"", "12.5%", "12.5%"),
            (", percent = \"points\", times = \"0.5\"", "25", "12.5%"),
            (", otherwise = \"3%\"", "", "3%"),
        ] {
            assert_eq!(members(&map(more), &format!("id,p\n1,{cell}\n"), "credit"), [share(expected)], "{more} {cell}");
        }
        let failed = failing(&map(""), "id,p\n1,0.125\n2,a%\n");
        assert_eq!(
            failed,
            [
                "2:3 map-number `0.125` is not a percent with its sign, in column `p`",
                "3:3 map-number `a%` is not a percent, in column `p`"
            ]
        );
    }

    #[test]
    fn dates_have_a_format() {
        let map = |value: &str| BOOKING.replace("\"2027-01-31\"", value) + "arr = 1";
        let at = |value: &str, cell: &str| members(&map(value), &format!("id,d\n1,{cell}\n"), "at");
        assert_eq!(at("{ column = \"d\" }", "2027-02-03"), ["\"2027-02-03\""]);
        assert_eq!(at("{ column = \"d\", date = \"%d/%m/%Y\" }", "03/02/2027"), ["\"2027-02-03\""]);
        assert_eq!(at("{ column = \"d\", date = \"%Y-%m\", day = \"last\" }", "2027-02"), ["\"2027-02-28\""]);
        assert_eq!(at("{ column = \"d\", otherwise = \"2027-01-01\" }", ""), ["\"2027-01-01\""]);
        assert_eq!(
            at("{ columns = [\"d\", \"id\"], join = \"-\", date = \"%Y-%m-%d\" }", "2027-02"),
            ["\"2027-02-01\""]
        );
        assert_eq!(
            failing(&map("{ column = \"d\", date = \"%d/%m/%Y\" }"), "id,d\n1,31/02/2027\n"),
            ["2:3 map-date `31/02/2027` does not exist: 2027-02 has 28 days, in column `d`"]
        );
        assert_eq!(
            failing(&map("{ column = \"d\" }"), "id,d\n1,3.2.2027\n"),
            ["2:3 map-date `3.2.2027` is not a date like 2027-01-31, in column `d`"]
        );
    }

    #[test]
    fn a_result_that_is_too_long_is_told_and_not_rounded() {
        let map = format!("{BOOKING}arr = {{ product = [\"a\", \"b\"] }}");
        assert_eq!(
            failing(&map, "id,a,b\n1,0.0000001,0.0000001\n2,x,1\n"),
            [
                "2:3 map-digits the result `0.00000000000001` has 14 digits after the point, and an amount at most 12, in column `a`",
                "3:3 map-number `x` is not a number, in column `a`"
            ]
        );
    }

    #[test]
    fn conditions_all_hold() {
        let map = |when: &str| format!("{SIGNAL}signal = {{ column = \"s\" }}\nwhen = {when}");
        let csv = "s,n,t\na,5,C1\nb,,x\nc,-1,c2\nd,10,\n";
        let kept = |when: &str| members(&map(when), csv, "signal").concat().replace('"', "");
        for (when, expected) in [
            ("[{ column = \"t\", is = \"x\" }]", "b"),
            ("[{ column = \"t\", not = \"x\" }]", "acd"),
            ("[{ column = \"t\", not = \"\" }]", "abc"),
            ("[{ column = \"t\", is = \"\" }]", "d"),
            ("[{ column = \"s\", in = [\"a\", \"d\"] }]", "ad"),
            ("[{ column = \"s\", not = [\"a\", \"d\"] }]", "bc"),
            ("[{ column = \"t\", matches = \"^C\" }]", "a"),
            ("[{ column = \"t\", matches = '(?i)^c\\d$' }]", "ac"),
            ("[{ column = \"n\", above = \"0\" }]", "ad"),
            ("[{ column = \"n\", above = 5 }]", "d"),
            ("[{ column = \"n\", below = \"0\" }]", "c"),
            ("[{ column = \"n\", above = 0, below = 10 }]", "a"),
            ("[{ column = \"n\", above = 0 }, { column = \"t\", not = \"\" }]", "a"),
            ("{ column = \"s\", is = \"a\" }", "a"),
        ] {
            assert_eq!(kept(when), expected, "{when}");
        }
        let failed = failing(&map("[{ column = \"t\", above = 0 }]"), csv);
        assert_eq!(failed[0], "2:5 map-number `C1` is not a number, in column `t`");
        assert_eq!(failed.len(), 3);
    }
}
