//! Names within a plan: lines and running totals are found by them.

use std::collections::BTreeSet;

use ledger::id::{ComponentId, Name};
use ledger::nearest::nearest;

use crate::payment::installment::WHOLE;
use crate::read::component::ComponentText;
use crate::read::plan::PlanText;
use crate::read::report::Spot;
use crate::read::table::TextField;
use crate::refusal::{NameRefusal, PlanReport};

/// A plan with neither a component nor a draw would never pay anything.
pub fn something_is_paid(plan: &PlanText, report: &mut PlanReport<'_>) {
    if !plan.components.is_written() && !plan.draws.is_written() {
        report.refuse(Spot::default(), NameRefusal::NothingPaid);
    }
}

pub fn component_ids_differ(plan: &PlanText, report: &mut PlanReport<'_>) {
    differ(plan.components.items().iter().filter_map(|component| id(&component.id, ComponentId::as_str)), report);
}

pub fn draw_ids_differ(plan: &PlanText, report: &mut PlanReport<'_>) {
    differ(plan.draws.items().iter().filter_map(|draw| id(&draw.id, Name::as_str)), report);
}

/// Installments and clawbacks share one space of names, for both are a line's part; `whole` is the part of a component
/// that has no installments.
pub fn part_ids_differ(component: &ComponentText, report: &mut PlanReport<'_>) {
    let installments = component.installments.items().iter().map(|part| &part.id);
    let clawbacks = component.clawbacks.items().iter().map(|part| &part.id);
    let parts: Vec<(&str, Spot)> = installments.chain(clawbacks).filter_map(|said| id(said, Name::as_str)).collect();
    for (_, at) in parts.iter().filter(|(name, _)| *name == WHOLE) {
        report.refuse(*at, NameRefusal::ReservedId);
    }
    differ(parts.into_iter(), report);
}

/// A clawback takes back installments that exist; where none are written, there is only all of it.
pub fn clawbacks_name_installments(component: &ComponentText, report: &mut PlanReport<'_>) {
    if component.installments.is_written() && component.installments.value.is_none() {
        return;
    }
    let parts: Vec<&str> =
        component.installments.items().iter().filter_map(|part| id(&part.id, Name::as_str)).map(|(id, _)| id).collect();
    let reversed = component.clawbacks.items().iter().filter_map(|clawback| clawback.reverse.value.as_ref());
    for text in reversed.flatten().flatten().filter(|text| !parts.contains(&text.part.as_str())) {
        let refusal = NameRefusal::UnknownInstallment {
            written: text.part.clone(),
            component: component.id.get(),
            nearest: nearest(text.part.as_str(), parts.iter().copied()).map(str::to_owned),
            known: parts.iter().map(|part| (*part).to_owned()).collect(),
        };
        report.refuse(text.at, refusal);
    }
}

fn id<T>(said: &TextField<T>, text: fn(&T) -> &str) -> Option<(&str, Spot)> {
    said.value.as_ref().map(|id| (text(id), said.at))
}

fn differ<'i>(ids: impl Iterator<Item = (&'i str, Spot)>, report: &mut PlanReport<'_>) {
    let mut seen = BTreeSet::new();
    for (id, at) in ids {
        if !seen.insert(id) {
            report.refuse(at, NameRefusal::DuplicateId { id: id.to_owned() });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::check::example::{COMPONENT, HEAD, component, refused, refuses};

    #[test]
    fn names_are_told_apart() {
        refuses(&[
            ("[[component.installment]]\nid = \"whole\"\nshare = \"100%\"", "plan-reserved", "\"whole\""),
            ("[[component.clawback]]\nid = \"whole\"\nsignal = \"unpaid\"", "plan-reserved", "\"whole\""),
            (
                "[[component.installment]]\nid = \"a\"\nshare = \"100%\"\n[[component.clawback]]\nid = \"a\"\nsignal = \"x\"",
                "plan-duplicate",
                "\"a\"",
            ),
        ]);
        let twice = format!("{HEAD}{COMPONENT}{COMPONENT}");
        assert_eq!(refused(&twice), [("plan-duplicate", "\"c\"".to_owned())]);
        let draw = "[[draw]]\nid = \"d\"\nkind = \"guarantee\"\namount = \"1\"\nrecoverable = true\n";
        assert_eq!(refused(&format!("{HEAD}{draw}{draw}")), [("plan-duplicate", "\"d\"".to_owned())]);
    }

    #[test]
    fn a_plan_pays_something() {
        assert_eq!(refused(HEAD), [("plan-missing", "p".to_owned())]);
    }

    #[test]
    fn clawbacks_name_what_exists() {
        let clawback = "[[component.clawback]]\nid = \"b\"\nsignal = \"x\"\nreverse = ";
        assert_eq!(refused(&component(&format!("{clawback}[\"a\"]"))), [("plan-reverse", "\"a\"".to_owned())]);
        assert_eq!(refused(&component(&format!("{clawback}\"a\""))), [("plan-value", "\"a\"".to_owned())]);
        assert_eq!(refused(&component(&format!("{clawback}\"all\""))), []);
        let installment = "[[component.installment]]\nid = \"late\"\nshare = \"100%\"\n";
        assert_eq!(refused(&component(&format!("{installment}{clawback}[\"late\"]"))), []);
        assert_eq!(
            refused(&component(&format!("{installment}{clawback}[\"lat\"]"))),
            [("plan-reverse", "\"lat\"".to_owned())]
        );
    }
}
