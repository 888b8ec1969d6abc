//! Fixed amounts, caps and draws have no more decimals than their currency (calculation.md 1).

use ledger::field::Amount;

use crate::read::plan::PlanText;
use crate::read::table::TextField;
use crate::refusal::{EarningRefusal, PlanReport};

pub fn amounts_are_whole_minor_units(plan: &PlanText, report: &mut PlanReport<'_>) {
    let Some(currency) = plan.currency.value else { return };
    let components = plan.components.items().iter();
    let caps = components.clone().filter_map(|component| component.cap.value.as_ref());
    let amounts: Vec<&TextField<Amount>> = components
        .map(|component| &component.amount)
        .chain(caps.flat_map(|cap| [&cap.period, &cap.item]))
        .chain(plan.draws.items().iter().map(|draw| &draw.amount))
        .collect();
    for said in amounts {
        if said.value.is_some_and(|amount| amount.decimals() > currency.digits()) {
            report.refuse(said.at, EarningRefusal::TooManyDecimals { written: report.shown(said.at), currency });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::check::example::{HEAD, accepts, refused, refuses};

    #[test]
    fn no_amount_is_finer_than_its_currency() {
        refuses(&[
            ("cap = \"0.001\"", "plan-decimals", "\"0.001\""),
            ("cap = { item = \"0.001\" }", "plan-decimals", "\"0.001\""),
            ("cap = { period = \"5.125\", item = 1 }", "plan-decimals", "\"5.125\""),
            ("cap = \"-1\"", "plan-value", "\"-1\""),
            ("cap = {}", "plan-empty", "{}"),
            ("cap = { periode = 1 }", "plan-unknown-key", "periode"),
            ("cap = 1.5", "plan-value", "1.5"),
        ]);
        accepts(&["cap = \"0.0100\"", "cap = { period = \"50000\", item = 20_000 }", "cap.item = +5"]);
        let yen = HEAD.replace("USD", "JPY");
        let spiff = "[[component]]\nid = \"c\"\nmeasure = { booking = \"count\" }\namount = \"0.5\"\n";
        assert_eq!(refused(&format!("{yen}{spiff}")), [("plan-decimals", "\"0.5\"".to_owned())]);
        let draw = "[[draw]]\nid = \"d\"\nkind = \"guarantee\"\namount = \"0.5\"\n";
        assert_eq!(refused(&format!("{yen}{draw}")), [("plan-decimals", "\"0.5\"".to_owned())]);
    }
}
