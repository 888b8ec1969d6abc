//! Rows and groups of which no fact can be made: each is told, or kept to be set aside.

use std::io;
use std::ops::ControlFlow;

use ledger::finding::FieldPath;
use replay::record::{ASIDE_BYTES_MAX, Rejected, weight};
use replay::refusal::{LimitRefusal, Refusal};

use crate::failure::refused_reading;
use crate::mapping::source::kept_row::kept;
use crate::mapping::source::row::RowText;
use crate::mapping::transform::batch::Keep;
use crate::mapping::transform::fact::MappedFact;
use crate::mapping::transform::group::Rows;
use crate::mapping::transform::row_values::{RowFinding, is_same_cell};
use crate::mapping::transform::transformer::Transformer;
use crate::wording::problem::Problem;
use crate::wording::replay::refused;

impl Transformer<'_> {
    pub(in crate::mapping::transform) fn fail_row(
        &mut self,
        row: RowText<'_>,
        problems: Vec<RowFinding>,
    ) -> io::Result<()> {
        // What several fields or rules find in one row is told once. The rows of a group are set aside in any case.
        let recent = self.batch.failed.iter().rev().take(self.states.len());
        let recent: Vec<&RowFinding> = recent.flat_map(|failed| &failed.refusals).collect();
        let mut new: Vec<RowFinding> = Vec::new();
        for problem in problems {
            if !recent.iter().copied().chain(&new).any(|known| is_same_cell(known, &problem)) {
                new.push(problem);
            }
        }
        let problems = new;
        if problems.is_empty() {
            return Ok(());
        }
        let line = if matches!(self.keep, Keep::All) { kept(row) } else { String::new() };
        self.fail(line, problems)
    }

    pub(in crate::mapping::transform) fn fail_group(
        &mut self,
        rows: &Rows,
        problems: Vec<RowFinding>,
    ) -> io::Result<()> {
        // They are put by only where they are to be set aside.
        let line = self.batch.shelf.texts(rows.all)?.concat();
        self.fail(line, problems)
    }

    pub(in crate::mapping::transform) fn fail(&mut self, line: String, problems: Vec<RowFinding>) -> io::Result<()> {
        let is_kept = match self.keep {
            Keep::All => true,
            Keep::First(most) => self.batch.failed.len() < most,
        };
        if !is_kept {
            self.batch.failed_more += problems.len() as u64;
            return Ok(());
        }
        if !self.kept.add(weight(&line, &problems)) {
            return Err(refused_reading(aside_full()));
        }
        self.batch.failed.push(Rejected { line, refusals: problems });
        Ok(())
    }

    /// Sets the rows aside of whose facts a later row says something else.
    pub(in crate::mapping::transform) fn fail_banned(&mut self) -> io::Result<()> {
        if self.batch.banned.is_empty() || self.keep != Keep::All {
            return Ok(());
        }
        let (banned, mut failed) = (&self.batch.banned, Vec::new());
        self.batch.facts.each(&mut |bytes| {
            let conflict = |fact: MappedFact| Some((banned.get(&fact.place())?.clone(), fact));
            failed.extend(MappedFact::read(bytes).and_then(conflict));
            ControlFlow::Continue(())
        })?;
        for (refusal, fact) in failed {
            let problem = self.values.found(FieldPath::root(), Refusal::NoFact(refusal), fact.row(), fact.row().at());
            self.fail_row(fact.row(), vec![problem])?;
        }
        Ok(())
    }
}

pub(super) fn aside_full() -> Problem {
    refused(&LimitRefusal::TooMuchSetAside { most: ASIDE_BYTES_MAX }.into()).into()
}
