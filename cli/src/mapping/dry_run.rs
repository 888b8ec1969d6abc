//! `--dry-run`: what would be recorded, to be held against the source.

use std::collections::BTreeMap;
use std::io;
use std::ops::ControlFlow;

use ledger::exact::Exact;
use ledger::fact::{Body, Fact, Incoming};
use ledger::field::Amount;
use ledger::line::FactLine;
use ledger::money::Currency;
use replay::record::{COUNTED_MAX, PROBLEMS_MAX, more};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::mapping::mapped::Mapped;
use crate::mapping::passed_over::PassedOver;
use crate::mapping::transform::batch::LeftOut;
use crate::render::json::written;
use crate::wording::problem::Problem;
use crate::wording::replay::{refusal_problem, refused};

/// Facts of each kind that are shown.
const SHOWN: usize = 3;

/// What would be recorded.
#[derive(Debug, Default)]
pub struct DryRun {
    pub kinds: Vec<OfKind>,
    pub left_out: Vec<LeftOut>,
    pub repeats: Vec<LeftOut>,
    pub passed_over: Vec<PassedOver>,
    pub rows: u64,
    /// As many as are told.
    pub problems: Vec<Problem>,
    pub problems_more: u64,
}

#[derive(Debug)]
pub struct OfKind {
    pub word: &'static str,
    pub count: u64,
    /// Facts beside these whose place the sum of a later file takes.
    pub replaced: u64,
    /// The first of them.
    pub first: Vec<Box<RawValue>>,
    /// By field and currency.
    pub sums: BTreeMap<(&'static str, Option<&'static str>), Exact>,
}

impl Mapped {
    /// The error is that of reading the temporary file of mapped facts.
    pub fn dry_run(&self) -> io::Result<DryRun> {
        let batch = &self.batch;
        let (left_out, repeats) = (batch.left_out.clone(), batch.repeats.clone());
        let passed_over = batch.passed_over.clone();
        let mut run = DryRun { left_out, repeats, passed_over, rows: batch.rows, ..DryRun::default() };
        run.problems_more = batch.failed_more;
        for refusal in batch.failed.iter().flat_map(|failed| &failed.refusals) {
            run.refuse(refusal_problem(refusal));
        }
        self.each_fact(&mut |fact| {
            match Incoming::read(FactLine { file: "", number: 1, text: &fact.json }) {
                Ok(incoming) if fact.overlap.gives_way => run.give_way(&incoming.fact),
                Ok(incoming) => run.add(&incoming.fact),
                Err(findings) => {
                    for finding in findings {
                        run.refuse(self.problem(fact, finding));
                    }
                }
            }
            if run.problems_more >= COUNTED_MAX { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        if run.problems_more > 0 {
            run.problems.push(refused(&more(run.problems_more)).into());
        }
        run.kinds.sort_by_key(|kind| Body::WORDS.iter().position(|word| *word == kind.word));
        Ok(run)
    }
}

impl DryRun {
    fn refuse(&mut self, problem: Problem) {
        if self.problems.len() < PROBLEMS_MAX { self.problems.push(problem) } else { self.problems_more += 1 }
    }

    fn kind(&mut self, word: &'static str) -> &mut OfKind {
        let index = match self.kinds.iter().position(|kind| kind.word == word) {
            Some(index) => index,
            None => {
                self.kinds.push(OfKind { word, count: 0, replaced: 0, first: Vec::new(), sums: BTreeMap::new() });
                self.kinds.len() - 1
            }
        };
        &mut self.kinds[index]
    }

    /// A fact whose place that of a later file takes is counted apart: its amounts are in no sum of the book.
    fn give_way(&mut self, fact: &Fact) {
        self.kind(fact.body.word()).replaced += 1;
    }

    fn add(&mut self, fact: &Fact) {
        let kind = self.kind(fact.body.word());
        kind.count += 1;
        if kind.first.len() < SHOWN {
            kind.first.push(written(|out| out.object(|out| fact.show(out))));
        }
        for (field, currency, amount) in amounts(&fact.body) {
            let sum = kind.sums.entry((field, currency.map(Currency::code))).or_insert(Exact::ZERO);
            *sum = &*sum + &amount.exact();
        }
    }

    /// Problems that are told, the one that counts the others apart.
    fn told(&self) -> u64 {
        self.problems.iter().filter(|problem| problem.place.is_some()).count() as u64
    }

    /// Line by line.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for kind in &self.kinds {
            lines.push(format!("{} {}", kind.count, kind.word));
            lines.extend(kind.first.iter().map(|fact| format!("  {fact}")));
            if kind.count > SHOWN as u64 {
                lines.push("  …".to_owned());
            }
            if kind.replaced > 0 {
                lines.push(format!("  {} more, whose place the sum of a later file takes", kind.replaced));
            }
            for ((field, currency), sum) in &kind.sums {
                let currency = currency.map(|code| format!(" {code}")).unwrap_or_default();
                lines.push(format!("  sum of {field}: {}{currency}", sum.text()));
            }
        }
        if self.kinds.is_empty() {
            lines.push("nothing".to_owned());
        }
        lines.push(format!("of {}", rows(self.rows)));
        lines.extend(self.passed_over.iter().map(|passed_over| format!("  {}", passed_over.sentence())));
        lines.extend(self.left_out.iter().chain(&self.repeats).map(|left_out| format!("  {}", sentence(left_out))));
        lines
    }

    /// As it is published, with what comparing with the book gave.
    pub fn json<C: Serialize>(&self, compared: Option<C>) -> DryRunJson<'_, C> {
        DryRunJson {
            compared,
            facts: self.kinds.iter().map(OfKind::json).collect(),
            rows: self.rows,
            left_out: &self.left_out,
            repeats: &self.repeats,
            passed_over: &self.passed_over,
            problems: self.told() + self.problems_more,
        }
    }
}

#[derive(Serialize)]
pub struct DryRunJson<'r, C> {
    facts: Vec<OfKindJson<'r>>,
    rows: u64,
    left_out: &'r [LeftOut],
    repeats: &'r [LeftOut],
    passed_over: &'r [PassedOver],
    problems: u64,
    /// What recording the facts in the book would do; left out without a book, or where it would be refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    compared: Option<C>,
}

#[derive(Serialize)]
struct OfKindJson<'r> {
    fact: &'static str,
    count: u64,
    replaced: u64,
    first: &'r [Box<RawValue>],
    sums: Vec<SumJson>,
}

#[derive(Serialize)]
struct SumJson {
    field: &'static str,
    currency: Option<&'static str>,
    sum: String,
}

impl OfKind {
    fn json(&self) -> OfKindJson<'_> {
        let sums =
            self.sums.iter().map(|((field, currency), sum)| SumJson { field, currency: *currency, sum: sum.text() });
        OfKindJson {
            fact: self.word,
            count: self.count,
            replaced: self.replaced,
            first: &self.first,
            sums: sums.collect(),
        }
    }
}

/// `12 rows left out of booking (line 4): not so: …`.
pub fn sentence(left_out: &LeftOut) -> String {
    let LeftOut { kind, line, why, rows: count } = left_out;
    format!("{} left out of `{kind}` (line {line} of the mapping), {why}", rows(*count))
}

fn rows(count: u64) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{count} rows") }
}

/// What of a fact is summed, in which currency. Rates and percents are not.
fn amounts(body: &Body) -> Vec<(&'static str, Option<Currency>, Amount)> {
    let some = |field, currency, amount: Option<Amount>| amount.map(|amount| (field, currency, amount));
    match body {
        Body::Assignment(fact) => {
            let quotas = fact.quota.values().map(|amount| ("quota", None, *amount));
            quotas.chain(some("target", None, fact.target)).collect()
        }
        Body::Quota(fact) => vec![("amount", None, fact.amount)],
        Body::Booking(fact) => {
            let currency = Some(fact.currency);
            let named = fact.amounts.values().map(|amount| ("amounts", currency, *amount));
            let tcv = some("tcv", currency, fact.tcv);
            [("arr", currency, fact.arr)].into_iter().chain(tcv).chain(named).collect()
        }
        Body::UsageSnapshot(fact) => {
            let quantity = some("quantity", None, fact.quantity);
            [("amount", Some(fact.currency), fact.amount)].into_iter().chain(quantity).collect()
        }
        Body::Signal(fact) => some("value", fact.currency, fact.value).into_iter().collect(),
        Body::OpeningBalance(fact) => {
            let currency = Some(fact.currency);
            some("owed", currency, fact.owed).into_iter().chain(some("draw", currency, fact.draw)).collect()
        }
        Body::Adjustment(fact) => vec![("amount", Some(fact.currency), fact.amount)],
        Body::CreditNote(fact) => {
            let tcv = some("tcv", None, fact.tcv);
            let named = fact.amounts.values().map(|amount| ("amounts", None, *amount));
            some("arr", None, fact.arr).into_iter().chain(tcv).chain(named).collect()
        }
        Body::Payee(_) | Body::Account(_) | Body::AssignmentEnd(_) | Body::Cancellation(_) => Vec::new(),
        Body::CreditSplit(_) | Body::ExchangeRate(_) | Body::Retraction(_) | Body::UsageComplete(_) => Vec::new(),
    }
}
