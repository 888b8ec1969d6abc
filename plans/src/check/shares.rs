//! Installments split what was earned, so their shares are all of it.

use ledger::exact::Exact;

use crate::read::component::ComponentText;
use crate::refusal::{InstallmentRefusal, PlanReport};

pub fn shares_are_all_of_it(component: &ComponentText, report: &mut PlanReport<'_>) {
    let installments = component.installments.items();
    let shares: Option<Vec<Exact>> = installments.iter().map(|installment| installment.share.get()).collect();
    let (Some(shares), Some(last)) = (shares, installments.last()) else { return };
    let sum: Exact = shares.into_iter().sum();
    if sum != Exact::ONE {
        report.refuse(last.share.at, InstallmentRefusal::SharesNotWhole { component: component.id.get(), sum });
    }
}

#[cfg(test)]
mod tests {
    use crate::check::example::{component, refused, refuses};

    #[test]
    fn less_and_more_than_all_are_refused() {
        let two = |b: &str| {
            format!(
                "[[component.installment]]\nid = \"a\"\nshare = \"60%\"\n[[component.installment]]\nid = \"b\"\nshare = {b}\n"
            )
        };
        refuses(&[
            (&two("\"39.999999999%\""), "plan-shares", "\"39.999999999%\""),
            (&two("\"40.1%\""), "plan-shares", "\"40.1%\""),
            (&two("\"0%\""), "plan-value", "\"0%\""),
            (&two("40"), "plan-value", "40"),
            (&two("0.4"), "plan-value", "0.4"),
        ]);
        assert_eq!(refused(&component(&two("\"40%\""))), []);
    }
}
