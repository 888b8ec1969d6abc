//! The keys of a plan as a whole.

use ledger::date::Day;
use ledger::exact::Rounding;
use ledger::id::PlanId;
use ledger::money::Currency;
use toml::de::DeTable;

use crate::plan::{After, Plan};
use crate::read::component::{AFTER, ComponentText};
use crate::read::draw::DrawText;
use crate::read::table::{TextField, TomlTable};
use crate::read::toml_fault::{ExpectedValue, TableKind};
use crate::read::value::{self, TomlValue};
use crate::refusal::{PlanRefusal, PlanReport};

/// The edition of the calculation rules that this version of trueup knows.
pub const EDITION: u16 = 1;
pub const COMPONENTS_MAX: usize = 200;
pub const DRAWS_MAX: usize = 50;

/// The keys of a plan. They become a [`Plan`] once they are checked.
#[derive(Clone, Debug)]
pub struct PlanText {
    pub id: TextField<PlanId>,
    pub version: TextField<u32>,
    pub edition: TextField<u16>,
    pub title: TextField<String>,
    pub currency: TextField<Currency>,
    pub effective: TextField<Day>,
    pub year_start: TextField<u32>,
    pub rounding: TextField<Rounding>,
    pub after_leaving: TextField<After>,
    pub terms: TextField<String>,
    pub components: TextField<Vec<ComponentText>>,
    pub draws: TextField<Vec<DrawText>>,
}

impl PlanText {
    pub fn read<'t>(text: &'t DeTable<'t>, report: &mut PlanReport<'_>) -> PlanText {
        let mut table = TomlTable::of_text(text, TableKind::Plan);
        let plan = PlanText {
            id: table.need("plan", |value, report| value::name(value, report).map(PlanId), report),
            version: table.need("version", |value, report| value::whole(value, (1, u32::MAX), report), report),
            edition: table.need("edition", edition, report),
            title: table.take("title", value::line, report),
            currency: table.need("currency", currency, report),
            effective: table.need("effective", value::day, report),
            year_start: table.take("year-start", |value, report| value::whole(value, (1, 12), report), report),
            rounding: table.take("rounding", |value, report| value::word(value, &ROUNDING, report), report),
            after_leaving: table.take("after-leaving", |value, report| value::word(value, &AFTER, report), report),
            terms: table.take("terms", value::prose, report),
            components: table.take("component", components, report),
            draws: table.take("draw", draws, report),
        };
        table.finish(report);
        plan
    }

    /// The plan, with defaults for missing keys. `None` if a value is missing or was refused.
    pub fn plan(&self) -> Option<Plan> {
        let currency = self.currency.get()?;
        Some(Plan {
            id: self.id.get()?,
            version: self.version.get()?,
            edition: self.edition.get()?,
            title: self.title.get(),
            currency,
            effective: self.effective.get()?,
            year_start: self.year_start.or(1),
            rounding: self.rounding.or(Rounding::HalfUp),
            after_leaving: self.after_leaving.or(After::Pay),
            terms: self.terms.get(),
            components: self.components.items().iter().map(|text| text.component(currency)).collect::<Option<_>>()?,
            draws: self.draws.items().iter().map(|text| text.draw(currency)).collect::<Option<_>>()?,
        })
    }
}

const ROUNDING: [(&str, Rounding); 2] = [("half-up", Rounding::HalfUp), ("half-even", Rounding::HalfEven)];

fn edition(value: &TomlValue<'_>, report: &mut PlanReport<'_>) -> Option<u16> {
    let written = value::whole(value, (1, u32::from(u16::MAX)), report)?;
    if written == u32::from(EDITION) {
        return Some(EDITION);
    }
    report.wrong(value.span().into(), PlanRefusal::UnknownEdition { edition: written, known: EDITION })
}

fn currency(value: &TomlValue<'_>, report: &mut PlanReport<'_>) -> Option<Currency> {
    let currency = value.get_ref().as_str().and_then(Currency::parse);
    currency.or_else(|| value::not(value, ExpectedValue::Currency, report))
}

fn components<'t>(value: &'t TomlValue<'t>, report: &mut PlanReport<'_>) -> Option<Vec<ComponentText>> {
    value::list(value, ExpectedValue::Tables(TableKind::Component), COMPONENTS_MAX, ComponentText::read, report)
}

fn draws<'t>(value: &'t TomlValue<'t>, report: &mut PlanReport<'_>) -> Option<Vec<DrawText>> {
    value::list(value, ExpectedValue::Tables(TableKind::Draw), DRAWS_MAX, DrawText::read, report)
}

#[cfg(test)]
mod tests {
    use crate::check::example::{COMPONENT, HEAD, refused};

    #[test]
    fn heads_are_what_they_must_be() {
        for (key, value, code) in [
            ("version", "0", "plan-value"),
            ("version", "4294967296", "plan-value"),
            ("version", "\"1\"", "plan-value"),
            ("edition", "2", "plan-edition"),
            ("currency", "\"XAU\"", "plan-value"),
            ("effective", "\"2027-02-29\"", "plan-value"),
            ("plan", "\"\"", "plan-value"),
            ("year-start", "13", "plan-value"),
            ("rounding", "\"down\"", "plan-value"),
            ("after-leaving", "\"keep\"", "plan-value"),
            ("terms", "\"\\u001b[31m\"", "plan-value"),
        ] {
            let kept: String = HEAD.lines().filter(|line| !line.starts_with(key)).map(|l| format!("{l}\n")).collect();
            let text = format!("{kept}{key} = {value}\n{COMPONENT}");
            assert_eq!(refused(&text), [(code, value.to_owned())], "{key}");
        }
    }
}
