//! `trueup dispute show`: a dispute with all that was said, its evidence, and what its correction changed.

use clap::Args;
use ledger::json::JsonWriter;
use projections::posted_state::disputes::Dispute;
use replay::book::Book;
use replay::disputes::effect::{CorrectionEffect, effect};
use replay::disputes::refusal::DisputeRefusal;
use replay::disputes::summary::{DisputeSummary, ResolvedDispute, summary};

use crate::arguments::Format;
use crate::as_of::AsOf;
use crate::command::dispute::list::{HEADER, cells};
use crate::command::dispute::open::file_words;
use crate::failure::Failure;
use crate::render::amount::amount;
use crate::render::entry::about;
use crate::render::status::dispute::subject;
use crate::render::status::recorded::recorded;
use crate::session::state::{Outcome, Session};
use crate::wording::pay::disputes::problems;

/// Show a dispute: what was said and by whom, its evidence, and what its correction changed
#[derive(Args, Debug)]
pub struct ShowDispute {
    /// The number of the dispute
    #[arg(value_name = "N")]
    dispute: u64,
    #[command(flatten)]
    at: AsOf,
}

/// A dispute, and what its correction changed.
struct WholeDispute<'b> {
    book: &'b Book,
    dispute: &'b Dispute,
    summary: DisputeSummary,
    effect: Option<CorrectionEffect>,
}

impl ShowDispute {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        let book = session.book_at(&self.at)?;
        let disputes = book.state().disputes();
        let Some(dispute) = disputes.numbered(self.dispute) else {
            let (dispute, count) = (self.dispute, disputes.all().len() as u64);
            return Err(Failure::Refused(problems(&[DisputeRefusal::Unknown { dispute, count }])));
        };
        let wait = session.wait("evaluating");
        let effect = effect(&book, dispute)?;
        drop(wait);
        let whole = WholeDispute { book: &book, dispute, summary: summary(&book, dispute)?, effect };
        match session.options.format {
            Format::Json => session.json_written(|out| whole.json(out))?,
            Format::Csv => {
                session.out.row(&HEADER)?;
                session.out.row(&cells(&whole.summary))?;
            }
            Format::Text => {
                for line in whole.lines()? {
                    writeln!(session.out, "{line}")?;
                }
            }
        }
        Ok(Outcome::Done)
    }
}

impl WholeDispute<'_> {
    fn lines(&self) -> Result<Vec<String>, Failure> {
        let DisputeSummary { dispute, payee, period, opened, answers, resolved, .. } = &self.summary;
        let mut lines = vec![format!("Dispute {dispute}: {} of {payee}, {period}", subject(&self.summary))];
        lines.push(format!("State: {}", self.summary.state()));
        lines.push(format!("  opened {}", recorded(opened)));
        for entry in &self.dispute.record.entries {
            lines.push(format!("    evidence: {}", self.entry_words(entry.position)?));
        }
        lines.extend(self.dispute.record.files.iter().map(|file| format!("    evidence: {}", file_words(file))));
        lines.extend(answers.iter().map(|answer| format!("  answered {}", recorded(answer))));
        if let Some(resolved) = resolved {
            lines.push(format!("  {} {}", resolved.outcome, recorded(&resolved.entry)));
            lines.extend(self.correction_lines(resolved)?);
        }
        Ok(lines)
    }

    /// What corrected it, and what that changed in money.
    fn correction_lines(&self, resolved: &ResolvedDispute) -> Result<Vec<String>, Failure> {
        let Some(by) = resolved.by else { return Ok(Vec::new()) };
        let mut lines = vec![format!("    corrected by {}", self.entry_words(by)?)];
        let Some(CorrectionEffect { period, close, lines: changed }) = &self.effect else {
            lines.push("    not posted yet: the next close posts what it changes".to_owned());
            return Ok(lines);
        };
        let payee = &self.summary.payee;
        if changed.is_empty() {
            lines.push(format!("    the close of {period} (position {close}) posted nothing to {payee} because of it"));
        }
        for (line, money) in changed {
            lines.push(format!(
                "    posted with {period} (position {close}): {line} {} {}",
                amount(*money),
                money.currency
            ));
        }
        Ok(lines)
    }

    /// `the entry at position 12, credit-split account/acme@2027-04-01 …`.
    fn entry_words(&self, position: u64) -> Result<String, Failure> {
        let entry = self.book.entry(position)?;
        Ok(format!("the entry at position {position}, {} {}", entry.payload.word(), about(&entry)))
    }

    fn json(&self, out: &mut JsonWriter) {
        out.object(|out| {
            self.summary.members(out);
            out.name("events").list(|out| {
                out.object(|out| {
                    out.name("event").text("opened");
                    self.summary.opened.members(out);
                    out.name("entries").list(|out| {
                        self.dispute.record.entries.iter().for_each(|entry| out.number(entry.position));
                    });
                    out.name("files").list(|out| {
                        self.dispute.record.files.iter().for_each(|file| ledger::field::Stored::show(file, out));
                    });
                });
                for answer in &self.summary.answers {
                    out.object(|out| {
                        out.name("event").text("answered");
                        answer.members(out);
                    });
                }
                self.summary.resolved.iter().for_each(|resolved| self.end_json(resolved, out));
            });
        });
    }

    fn end_json(&self, resolved: &ResolvedDispute, out: &mut JsonWriter) {
        out.object(|out| {
            out.name("event").text("resolved");
            resolved.entry.members(out);
            out.name("outcome").text(resolved.outcome);
            let Some(by) = resolved.by else { return };
            out.name("correction").object(|out| {
                out.name("position").number(by);
                out.name("posted").maybe(self.effect.as_ref().map(|effect| effect.period));
                out.name("lines").list(|out| {
                    for (line, money) in self.effect.iter().flat_map(|effect| &effect.lines) {
                        out.object(|out| {
                            out.name("line").text(line);
                            out.name("currency").text(money.currency);
                            out.name("amount").text(*money);
                        });
                    }
                });
            });
        });
    }
}
