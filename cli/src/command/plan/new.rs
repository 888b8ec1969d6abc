//! `trueup plan new`: a commented plan to start from.

use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::arguments::Format;
use crate::failure::Failure;
use crate::session::state::{Outcome, Session};

/// Print a commented plan to start from
#[derive(Args, Debug)]
pub struct NewPlan {
    /// Which one
    #[arg(long, value_name = "NAME")]
    template: Template,
}

/// The plans to start from. Each is a file that `plan check` accepts, and is printed in docs/plans.md.
#[derive(Copy, Clone, PartialEq, Eq, Debug, ValueEnum)]
pub enum Template {
    /// New logos: recurring revenue with quota, ramp and accelerator
    Land,
    /// Expansion and renewals, half paid once they are used
    Expand,
    /// A fixed amount for each deal, for a limited time
    Spiff,
    /// Usage by month, and growth of the run rate
    Consumption,
    /// A recoverable advance for the first months
    Bridge,
    /// Installments by milestones, with a clawback
    Milestones,
    /// Target pay by attainment, for managers and success teams
    Target,
}

impl Template {
    /// The text of the plan.
    pub fn text(self) -> &'static str {
        match self {
            Template::Land => include_str!("../../templates/land.toml"),
            Template::Expand => include_str!("../../templates/expand.toml"),
            Template::Spiff => include_str!("../../templates/spiff.toml"),
            Template::Consumption => include_str!("../../templates/consumption.toml"),
            Template::Bridge => include_str!("../../templates/bridge.toml"),
            Template::Milestones => include_str!("../../templates/milestones.toml"),
            Template::Target => include_str!("../../templates/target.toml"),
        }
    }
}

impl NewPlan {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        let text = self.template.text();
        match session.options.format {
            Format::Json => session.json(&TemplateText { text })?,
            Format::Text | Format::Csv => {
                session.out.lines(text)?;
                session.note("Write it to a file, change it, and run `trueup plan check FILE`.");
            }
        }
        Ok(Outcome::Done)
    }
}

#[derive(Serialize)]
struct TemplateText {
    text: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_pass_the_check_and_are_in_the_docs() {
        let docs = include_str!("../../../../docs/plans.md");
        for template in Template::value_variants() {
            let checked = plans::check::check("plan.toml", template.text());
            assert!(checked.errors.is_empty(), "{template:?}: {:?}", checked.errors);
            assert!(checked.warnings.is_empty(), "{template:?}: {:?}", checked.warnings);
            assert!(docs.contains(&format!("```toml\n{}```\n", template.text())), "docs/plans.md lacks {template:?}");
        }
    }
}
