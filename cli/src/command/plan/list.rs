//! `trueup plan list`: every version that was published.

use clap::Args;
use ledger::json::JsonWriter;
use plans::rulebook::Published;
use projections::validity::Visibility;

use crate::arguments::Format;
use crate::as_of::AsOf;
use crate::failure::Failure;
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
        let visibility = Visibility::below(self.at.size(&book)?);
        let versions = book.state().rules().plans().flat_map(|(_, versions)| versions);
        let versions: Vec<&Published> = versions.filter(|published| visibility.includes(published.position)).collect();
        match session.options.format {
            Format::Json => session.json(|out| out.list(|out| versions.iter().for_each(|one| row_json(one, out))))?,
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

fn row_json(Published { position, plan }: &Published, out: &mut JsonWriter) {
    out.object(|out| {
        out.name("plan").text(&plan.id);
        out.name("version").number(plan.version);
        out.name("effective").text(plan.effective);
        out.name("currency").text(plan.currency);
        out.name("position").number(*position);
        out.name("title").maybe(plan.title.as_ref());
    });
}
