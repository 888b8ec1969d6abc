//! Fills templates with what is known of a row: its month, its account, and its payee as of the last day of the month.

use std::collections::BTreeMap;

use ledger::date::{Day, Month};
use ledger::id::PayeeId;
use ledger::seal::Personal;
use projections::view::View;
use replay::book::Book;

use crate::output_map::rules::{OutputMap, OutputShape};
use crate::output_map::table::{AmountSide, CellPart, RowCells};
use crate::output_map::template::{OutputField, TemplatePart};
use crate::payee_name::opened;
use crate::refusal::{ExportRefusal, MissingWhy, ValueMissing};

/// What a row is about, beside its amount.
pub struct RowFields<'r> {
    pub period: Month,
    /// The day on which the values of the payee hold.
    pub day: Day,
    /// The date of the row.
    pub date: Day,
    pub payee: &'r PayeeId,
    /// The currency of the amount.
    pub currency: &'static str,
    /// Fields of a journal or of payments, each with its text.
    pub own: Vec<(OutputField, String)>,
    /// The code of the account, if the row has one.
    pub code: Option<&'r str>,
}

/// The values of parts of templates, by column and part.
type PartValues = BTreeMap<(usize, usize), Result<String, MissingWhy>>;

/// Fills the columns of a mapping.
pub struct Filler<'b> {
    map: &'b OutputMap,
    book: &'b Book,
    /// The payee's values are those known at this size of the log.
    known: u64,
    cache: BTreeMap<(PayeeId, Day), PartValues>,
    /// What had no value so far: the first day of each column, field and payee.
    missing: BTreeMap<(String, String, PayeeId), ValueMissing>,
}

/// Values of so many payees and days are kept; then they are looked up again.
const KEPT_MAX: usize = 100_000;

impl<'b> Filler<'b> {
    pub fn new(map: &'b OutputMap, book: &'b Book, known: u64) -> Filler<'b> {
        Filler { map, book, known, cache: BTreeMap::new(), missing: BTreeMap::new() }
    }

    /// What had no value, as refusals.
    pub fn refusals(&self) -> impl Iterator<Item = ExportRefusal> {
        self.missing.values().map(|missing| {
            let (file, missing) = (self.map.file.clone(), missing.clone());
            ExportRefusal::ValueMissing { file, missing }
        })
    }

    /// The cells of a row. What has no value and no default is noted.
    pub fn cells(&mut self, row: &RowFields<'_>) -> RowCells {
        (0..self.map.columns.len()).map(|index| self.cell(index, row)).collect()
    }

    fn cell(&mut self, index: usize, row: &RowFields<'_>) -> Vec<CellPart> {
        let map = self.map;
        let column = &map.columns[index];
        if !column.only.is_empty() && row.code.is_some_and(|code| !column.only.iter().any(|only| only == code)) {
            return Vec::new();
        }
        let mut cell = Vec::new();
        for (place, part) in column.value.0.iter().enumerate() {
            match self.part(part, (index, place), row) {
                Ok(part) => cell.push(part),
                Err(why) => match &column.default {
                    Some(default) => return vec![CellPart::Text(default.clone())],
                    None => {
                        let (payee, day) = (row.payee.clone(), row.day);
                        let (column, field) = (column.name.clone(), asked(part));
                        let key = (column.clone(), field.clone(), payee.clone());
                        self.missing.entry(key).or_insert(ValueMissing { column, field, payee, day, why });
                    }
                },
            }
        }
        cell
    }

    fn part(
        &mut self,
        part: &TemplatePart,
        place: (usize, usize),
        row: &RowFields<'_>,
    ) -> Result<CellPart, MissingWhy> {
        let field = match part {
            TemplatePart::Text(text) => return Ok(CellPart::Text(text.clone())),
            TemplatePart::Attribute(_) => return self.of_payee(part, place, row),
            TemplatePart::Field(field) => *field,
        };
        let shape = &self.map.shape;
        use OutputField as F;
        let text = match field {
            F::Amount => return Ok(CellPart::Amount(AmountSide::Signed)),
            F::Debit => return Ok(CellPart::Amount(AmountSide::Debit)),
            F::Credit => return Ok(CellPart::Amount(AmountSide::Credit)),
            F::Period => row.period.to_string(),
            F::Year => row.period.year().to_string(),
            F::Month => format!("{:02}", row.period.month()),
            F::From => date(shape, row.period.first()),
            F::To => date(shape, row.period.last()),
            F::Date => date(shape, row.date),
            F::Payee => row.payee.to_string(),
            F::Currency => row.currency.to_owned(),
            F::Code | F::Name | F::Account | F::Position | F::What | F::Reference => {
                let own = row.own.iter().find(|(own, _)| *own == field).map(|(_, text)| text.clone());
                own.expect("BUG: a row without a field that its kind has")
            }
            F::PayeeName
            | F::PayeeEmail
            | F::PayeeTitle
            | F::PayeeRole
            | F::PayeeTeam
            | F::PayeeRegion
            | F::PayeeManager => return self.of_payee(part, place, row),
        };
        Ok(CellPart::Text(text))
    }

    /// A value of the payee on the day of the row, as known at the size.
    fn of_payee(
        &mut self,
        part: &TemplatePart,
        place: (usize, usize),
        row: &RowFields<'_>,
    ) -> Result<CellPart, MissingWhy> {
        if self.cache.len() > KEPT_MAX {
            self.cache.clear();
        }
        let (book, known) = (self.book, self.known);
        let of_payee = self.cache.entry((row.payee.clone(), row.day)).or_default();
        let value = of_payee.entry(place).or_insert_with(|| looked_up(part, book, known, row));
        value.clone().map(CellPart::Text)
    }
}

fn looked_up(part: &TemplatePart, book: &Book, known: u64, row: &RowFields<'_>) -> Result<String, MissingWhy> {
    let view = View::new(book.state().knowledge(), known);
    let (payee, day) = (row.payee.as_str(), row.day);
    use OutputField as F;
    let given = |text: Option<String>| text.ok_or(MissingWhy::NotGiven);
    let clear = |text: Option<Personal>| match text {
        Some(text) => opened(&text, book.keys()).ok_or(MissingWhy::Sealed),
        None => Err(MissingWhy::NotGiven),
    };
    match part {
        TemplatePart::Attribute(name) => {
            given(view.payee_attribute(payee, name, day).map(|text| text.as_str().to_owned()))
        }
        TemplatePart::Field(F::PayeeName) => clear(view.payee_name(payee, day)),
        TemplatePart::Field(F::PayeeEmail) => clear(view.payee_email(payee, day)),
        TemplatePart::Field(F::PayeeTitle) => clear(view.payee_title(payee, day)),
        TemplatePart::Field(F::PayeeRole) => given(view.payee_role(payee, day).map(|role| role.to_string())),
        TemplatePart::Field(F::PayeeTeam) => given(view.team(payee, day).map(|team| team.to_string())),
        TemplatePart::Field(F::PayeeRegion) => given(view.payee_region(payee, day).map(|region| region.to_string())),
        TemplatePart::Field(F::PayeeManager) => given(view.manager(payee, day).map(|manager| manager.to_string())),
        TemplatePart::Field(_) | TemplatePart::Text(_) => unreachable!("BUG: not a value of a payee"),
    }
}

/// What a template asks for, as it is written there.
fn asked(part: &TemplatePart) -> String {
    match part {
        TemplatePart::Text(text) => text.clone(),
        TemplatePart::Field(field) => field.word().to_owned(),
        TemplatePart::Attribute(name) => format!("attribute.{name}"),
    }
}

fn date(shape: &OutputShape, day: Day) -> String {
    match &shape.date {
        Some(pattern) => pattern.written(day),
        None => day.to_string(),
    }
}
