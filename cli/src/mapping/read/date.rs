//! `date`, `day` and `minus`: how dates are written, and what is done with them.

use chrono::TimeDelta;
use plans::read::report::Spot;
use plans::read::table::TextField;
use plans::read::value::{self, TomlValue};

use crate::mapping::evaluate::date::{DateForm, DateRule, DayOfMonth, duration};
use crate::mapping::read::text::text;
use crate::mapping::refusal::{MappingRefusal, MappingReport, MappingValue};

const DAY: [(&str, DayOfMonth); 2] = [("first", DayOfMonth::First), ("last", DayOfMonth::Last)];

/// As many forms may one date have.
const FORMS_MAX: usize = 5;

/// A form as it is written, and where.
pub type FormText = (String, Spot);

pub fn forms<'t>(value: &'t TomlValue<'t>, report: &mut MappingReport<'_>) -> Option<Vec<FormText>> {
    let form = |value: &'t TomlValue<'t>, report: &mut MappingReport<'_>| {
        Some((text(value, report)?, Spot::from(value.span())))
    };
    if value.get_ref().is_str() {
        return form(value, report).map(|form| vec![form]);
    }
    value::list(value, MappingValue::DateForms, FORMS_MAX, form, report)
}

pub fn day(value: &TomlValue<'_>, report: &mut MappingReport<'_>) -> Option<DayOfMonth> {
    value::word(value, &DAY, report)
}

pub fn minus(value: &TomlValue<'_>, report: &mut MappingReport<'_>) -> Option<TimeDelta> {
    let found = value.get_ref().as_str().and_then(duration);
    found.or_else(|| value::not(value, MappingValue::Duration, report))
}

/// What the three keys say together; `Some(None)` where none of them is written.
pub fn rule(
    date: &TextField<Vec<FormText>>,
    day: Option<DayOfMonth>,
    minus: &TextField<TimeDelta>,
    report: &mut MappingReport<'_>,
) -> Option<Option<DateRule>> {
    let at = date.at;
    let forms = match &date.value {
        Some(texts) => texts.iter().map(|(text, at)| form(text, day, *at, report)).collect::<Vec<Option<DateForm>>>(),
        None if minus.is_written() => vec![Some(DateForm::Plain)],
        None => return Some(None),
    };
    let forms: Option<Vec<DateForm>> = forms.into_iter().collect();
    Some(Some(DateRule { forms: forms?, day, minus: minus.value, at }))
}

fn form(text: &str, day: Option<DayOfMonth>, at: Spot, report: &mut MappingReport<'_>) -> Option<DateForm> {
    if let Some(form) = DateForm::new(text, day) {
        return Some(form);
    }
    let format = text.to_owned();
    match DateForm::new(text, Some(DayOfMonth::First)) {
        Some(_) => report.wrong(at, MappingRefusal::DateFormatWithoutDay { format }),
        None => report.wrong(at, MappingRefusal::DateFormatWrong { format }),
    }
}
