//! `trueup plan list`: every version that was published.

use clap::Args;
use ledger::date::Day;
use ledger::id::PlanId;
use ledger::money::Currency;
use plans::rulebook::Published;
use projections::position::Position;
use serde::Serialize;

use crate::arguments::Format;
use crate::as_of::AsOf;
use crate::failure::Failure;
use crate::render::json::AsText;
use crate::render::layout::shorten;
use crate::render::layout::table::{Align, Table};
use crate::session::state::{Outcome, Session};

/// List the published plans, every version
#[derive(Args, Debug)]
pub struct List {
    #[command(flatten)]
    at: AsOf,
}

const HEADER: [&str; 6] = ["plan", "version", "effective", "currency", "position", "title"];

impl List {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        let book = session.book_at(&self.at)?;
        let versions: Vec<&Published> = book.state().rules().plans().flat_map(|(_, versions)| versions).collect();
        match session.options.format {
            Format::Json => session.json(&versions.into_iter().map(PlanRow::of).collect::<Vec<_>>())?,
            Format::Csv => {
                session.out.row(&HEADER)?;
                for published in versions {
                    session.out.row(&cells(published))?;
                }
            }
            Format::Text if versions.is_empty() => {
                session.note("No plan is published yet. `trueup plan publish FILE` publishes one.");
            }
            Format::Text => {
                let mut table =
                    Table::new(&[Align::Left, Align::Right, Align::Left, Align::Left, Align::Right, Align::Left]);
                table.row(HEADER);
                for published in versions {
                    let [plan, version, effective, currency, position, title] = cells(published);
                    table.row([plan, version, effective, currency, position, shorten::name(&title)]);
                }
                table.write(&mut session.out)?;
            }
        }
        Ok(Outcome::Done)
    }
}

fn cells(Published { position, plan }: &Published) -> [String; 6] {
    let title = plan.title.clone().unwrap_or_default();
    let (version, effective) = (plan.version.to_string(), plan.effective.to_string());
    [plan.id.to_string(), version, effective, plan.currency.to_string(), position.to_string(), title]
}

#[derive(Serialize)]
struct PlanRow<'p> {
    plan: AsText<&'p PlanId>,
    version: u32,
    effective: AsText<Day>,
    currency: AsText<Currency>,
    position: Position,
    title: Option<&'p str>,
}

impl PlanRow<'_> {
    fn of(Published { position, plan }: &Published) -> PlanRow<'_> {
        PlanRow {
            plan: AsText(&plan.id),
            version: plan.version,
            effective: AsText(plan.effective),
            currency: AsText(plan.currency),
            position: *position,
            title: plan.title.as_deref(),
        }
    }
}
