//! Reads a plan's text key by key, and notes every mistake with its place.

pub(crate) mod component;
pub(crate) mod draw;
pub(crate) mod earning;
pub(crate) mod filter;
pub(crate) mod measure;
pub(crate) mod payment;
pub(crate) mod plan;
pub mod report;
pub mod table;
pub mod toml_fault;
pub mod value;

use toml::de::DeTable;

use crate::read::plan::PlanText;
use crate::read::report::Spot;
use crate::refusal::{PlanRefusal, PlanReport};

/// The greatest length of a plan's text, in bytes.
pub const TEXT_BYTES_MAX: usize = 1 << 20;

/// Reads the text of a report. `None` if it is too long or not TOML; then nothing else can be checked.
pub(crate) fn read(report: &mut PlanReport<'_>) -> Option<PlanText> {
    let text = report.text;
    if text.len() > TEXT_BYTES_MAX {
        return report.wrong(Spot::default(), PlanRefusal::TextTooLong { bytes: text.len(), most: TEXT_BYTES_MAX });
    }
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let spot = error.span().map_or(Spot { start: text.len(), end: text.len() }, Spot::from);
        not_toml(spot, error.message(), report);
    }
    errors.is_empty().then(|| PlanText::read(document.get_ref(), report))
}

fn not_toml(spot: Spot, reason: &str, report: &mut PlanReport<'_>) {
    let written = report.shown(spot);
    // The parser has no kinds of errors, only sentences.
    let refusal = match reason {
        "duplicate key" => PlanRefusal::KeyTwice { written },
        reason => PlanRefusal::Syntax { written, reason: reason.to_owned() },
    };
    report.refuse(spot, refusal);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::example::{COMPONENT, HEAD, component, found, refused};

    #[test]
    fn broken_toml_is_told_with_its_place_and_nothing_is_guessed_from_it() {
        for (text, meant) in [
            ("plan = land\n", "land"),
            ("plan = \"p\"\nplan = \"q\"\n", "plan"),
            ("rate = 10%\n", "10%"),
            ("[[component]\n", ""),
        ] {
            let refused = refused(text);
            assert!(refused.contains(&("plan-syntax", meant.to_owned())), "{text}{refused:?}");
            assert!(refused.iter().all(|(code, _)| *code == "plan-syntax"), "{text}{refused:?}");
        }
    }

    #[test]
    fn limits_hold_at_their_number_and_not_one_above() {
        let list = |count: usize, entry: fn(usize) -> String| (0..count).map(entry).collect::<Vec<_>>().join(", ");
        let lots = |count: usize, entry: fn(usize) -> String| (0..count).map(entry).collect::<String>();
        let components = |count| lots(count, |n| COMPONENT.replace("\"c\"", &format!("\"c{n}\"")));
        let draws = |count| {
            lots(count, |n| format!("[[draw]]\nid = \"d{n}\"\nkind = \"guarantee\"\namount = 1\nrecoverable = true\n"))
        };
        let tiers = |count| format!("tiers = [{}]", list(count, |n| format!("{{ from = {n}, rate = \"{n}%\" }}")));
        let ramp = |count| format!("quota = \"assigned\"\nramp = [{}]", list(count, |_| "\"50%\"".to_owned()));
        let installments =
            |count| lots(count, |n| format!("[[component.installment]]\nid = \"i{n}\"\nshare = \"2%\"\n"));
        let clawbacks = |count| lots(count, |n| format!("[[component.clawback]]\nid = \"k{n}\"\nsignal = \"s\"\n"));
        let when = |count| {
            let conditions = list(count, |n| format!("{{ signal = \"s{n}\" }}"));
            format!("[[component.installment]]\nid = \"i\"\nshare = \"100%\"\nwhen = [{conditions}]")
        };
        let names = |count| format!("where = {{ motion = [{}] }}", list(count, |n| format!("\"m{n}\"")));
        let attributes = |count| format!("where = {{ {} }}", list(count, |n| format!("a{n} = \"x\"")));
        let tables: [(usize, &dyn Fn(usize) -> String); 9] = [
            (plan::COMPONENTS_MAX, &|count| format!("{HEAD}{}", components(count))),
            (plan::DRAWS_MAX, &|count| format!("{HEAD}{}", draws(count))),
            (earning::tier::TIERS_MAX, &|count| component(&tiers(count))),
            (super::earning::ramp::RAMP_MAX, &|count| component(&ramp(count))),
            (payment::installment::INSTALLMENTS_MAX, &|count| component(&installments(count))),
            (payment::clawback::CLAWBACKS_MAX, &|count| component(&clawbacks(count))),
            (payment::condition::CONDITIONS_MAX, &|count| component(&when(count))),
            (value::NAMES_MAX, &|count| component(&names(count))),
            (filter::ATTRIBUTES_MAX, &|count| component(&attributes(count))),
        ];
        for (most, text) in tables {
            assert_eq!(refused(&text(most)), [], "{most}");
            let codes: Vec<&str> = refused(&text(most + 1)).into_iter().map(|(code, _)| code).collect();
            assert_eq!(codes, ["plan-limit"], "{most}");
        }
        let padded = |bytes: usize| component("") + &"\n".repeat(bytes - component("").len());
        assert_eq!(refused(&padded(TEXT_BYTES_MAX)), []);
        assert_eq!(refused(&padded(TEXT_BYTES_MAX + 1)), [("plan-limit", "p".to_owned())]);
        let months = |months: u16| {
            format!(
                "{HEAD}[[draw]]\nid = \"d\"\nkind = \"guarantee\"\namount = 1\nrecoverable = true\nmonths = {months}\n"
            )
        };
        assert_eq!(found(&months(draw::MONTHS_MAX)), (vec![], vec![]));
        assert_eq!(refused(&months(draw::MONTHS_MAX + 1)), [("plan-value", "121".to_owned())]);
    }
}
