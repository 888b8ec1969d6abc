//! What was found in a mapping's text. Its readers are those of plans; its mistakes have codes of their own.

use ledger::finding::Finding;
use ledger::problem::Problem;
use plans::read::report::{TextRefusal, TextReport};
use plans::read::toml_fault::{TomlFault, TooMany};

use crate::wording::toml::{more, toml_fault};
use crate::wording::{Wording, problem};

/// Collects the findings about a mapping's text.
pub type MappingReport<'t> = TextReport<'t, Wording>;

impl TextRefusal for Wording {
    type Warning = Wording;
}

impl From<TomlFault> for Wording {
    fn from(fault: TomlFault) -> Wording {
        under_own_code(toml_fault(&fault))
    }
}

impl From<TooMany> for Wording {
    fn from(left_out: TooMany) -> Wording {
        under_own_code(more(left_out))
    }
}

/// The findings as they are shown.
pub fn problems(findings: Vec<Finding<Wording>>) -> Vec<Problem> {
    findings.iter().map(|finding| problem(finding, |wording, _| wording.clone())).collect()
}

/// What the readers of plans found, under a mapping's code.
fn under_own_code(wording: Wording) -> Wording {
    let code = match wording.code {
        "plan-value" => "map-value",
        "plan-empty" => "map-empty",
        "plan-limit" => "map-limit",
        "plan-missing" => "map-missing",
        "plan-unknown-key" => "map-unknown-key",
        "plan-duplicate" => "map-duplicate",
        "plan-many" => "map-many",
        own => own,
    };
    assert!(code.starts_with("map-") || code.starts_with("id-"), "BUG: `{code}` is no code of mappings");
    Wording { code, ..wording }
}
