//! Derives one close again, from the facts known when it was made and the postings before it, and compares it with what the log has.

use std::collections::{BTreeMap, BTreeSet};

use ledger::entry::Entry;
use ledger::fact::{Manner, Payload, PeriodClose, Posting, Record};
use ledger::log::Log;
use plans::context::Context;
use plans::payment::draw::{MonthsDraws, draws};
use plans::why::Detail;
use projections::lines::{LineName, PayeeCurrency, WrittenLine, name_of};
use projections::posted_state::Balances;
use projections::view::View;

use crate::audit::difference::{AuditDifference, DifferenceClass, DifferenceKind};
use crate::audit::line_chain::{ComparedLines, EngineNumber, LineChain, line_of};
use crate::audit::trace::{TracedLine, derived_sides};
use crate::close::opening::{Opening, SettledLine};
use crate::close::settlement::{HolderLines, settle_holder};
use crate::close::{CloseError, CloseRequest, EvaluationMode, FirstMonth, Preview, preview_of};
use crate::close::{plan_editions, totals, trial_balance_after};
use crate::error::BookError;
use crate::evaluation::full::PayeeDue;
use crate::state::State;
use crate::statements::posted_figures::PostedFigures;
use crate::statements::statement::{Figures, Line, digest};

/// A close as the log has it.
pub(super) struct PostedClose {
    pub close: PeriodClose,
    /// The position of its `period-close` entry.
    pub position: u64,
    pub statements: Vec<Figures>,
    /// Lines and draws that no settlement follows.
    pub unsettled: usize,
    withheld: Vec<Posting>,
    opening: Vec<Posting>,
    records: Vec<Record>,
    /// The entry of each line.
    pub entries: BTreeMap<(PayeeCurrency, LineName), Entry>,
    /// What the reversals say that they take from.
    takes_from: BTreeMap<(PayeeCurrency, LineName), Vec<u64>>,
    pub end: Entry,
}

impl PostedClose {
    /// Reads the close whose entries are at positions from `first` to before `end`; its last entry is a `period-close`.
    pub(super) fn read(log: &Log, first: u64, end: u64) -> Result<PostedClose, BookError> {
        let (mut posted, mut records, mut entries) = (PostedFigures::default(), Vec::new(), BTreeMap::new());
        let (mut withheld, mut opening, mut takes_from, mut last) = (Vec::new(), Vec::new(), BTreeMap::new(), None);
        for entry in entries_between(log, first, end)? {
            let Payload::Record(record) = entry.payload.clone() else { continue };
            posted.take(&record);
            let key = |line: &Posting| ((line.payee.clone(), line.currency), name_of(line));
            match &record {
                Record::Earning(earning) => _ = entries.insert(key(&earning.line), entry.clone()),
                Record::Reversal(reversal) => {
                    takes_from.insert(key(&reversal.line), reversal.takes_from.clone());
                    entries.insert(key(&reversal.line), entry.clone());
                }
                Record::Withheld(kept) => withheld.push(kept.line.clone()),
                Record::OpeningLine(settled) => opening.push(settled.line.clone()),
                _other => {}
            }
            if let Record::PeriodClose(close) = &record {
                last = Some((close.clone(), entry));
            } else {
                records.push(record);
            }
        }
        let (close, end) = last.expect("BUG: a close without its last entry");
        let unsettled = posted.lines.len() + posted.draws.len();
        let position = end.position;
        let statements = posted.statements;
        Ok(PostedClose { close, position, statements, unsettled, withheld, opening, records, entries, takes_from, end })
    }

    /// The lines that an opening counted as settled, as its file would have them; `None` if the close is no opening.
    fn opening(&self) -> Option<Opening> {
        let settled = |line: &Posting| SettledLine {
            payee: line.payee.clone(),
            currency: line.currency,
            name: WrittenLine::from(&name_of(line)),
            amount: line.amount,
            place: None,
        };
        (self.close.manner == Some(Manner::Opening)).then(|| Opening::Lines(self.opening.iter().map(settled).collect()))
    }
}

/// The entries at positions from `first` to before `end`.
pub(super) fn entries_between(log: &Log, first: u64, end: u64) -> Result<Vec<Entry>, BookError> {
    let (mut frames, mut entries) = (log.frames(first), Vec::new());
    while let Some(frame) = frames.next()? {
        if frame.header.first >= end {
            break;
        }
        for (position, bytes) in frame.entries().filter(|(position, _)| (first..end).contains(position)) {
            entries.push(Entry::get(bytes).map_err(|source| BookError::Unreadable { position, source })?);
        }
    }
    Ok(entries)
}

/// Derives a close from the state before its first posting, and adds what differs to `found`.
pub(super) fn check_close(
    state: &State,
    posted: &PostedClose,
    chain: &mut LineChain,
    found: &mut Vec<AuditDifference>,
) {
    let about = CloseCheck { state, posted };
    let opening = posted.opening();
    let asked = CloseRequest {
        period: posted.close.period,
        known: Some(posted.close.known),
        opening: opening.as_ref(),
        mode: EvaluationMode::Full,
        first_month: FirstMonth::Any,
        engine: posted.close.engine,
    };
    match preview_of(state, &asked) {
        Ok(derived) => about.compare(&derived, chain, found),
        Err(error) => {
            let mut difference = about.difference(DifferenceKind::NotDerivable, None);
            difference.derived = why(&error);
            found.push(difference);
        }
    }
}

fn why(error: &CloseError) -> String {
    error.to_string()
}

struct CloseCheck<'c> {
    state: &'c State,
    posted: &'c PostedClose,
}

/// A member of an entry, as the log has it and as it is derived.
type Member = (&'static str, String, String);

fn members<const N: usize>(members: [Member; N]) -> impl Iterator<Item = Member> {
    members.into_iter().filter(|(_, posted, derived)| posted != derived)
}

fn text(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

impl CloseCheck<'_> {
    fn difference(&self, what: DifferenceKind, holder: Option<&PayeeCurrency>) -> AuditDifference {
        AuditDifference {
            what,
            class: DifferenceClass::Altered,
            position: Some(self.posted.position),
            period: Some(self.posted.close.period),
            holder: holder.cloned(),
            posted: String::new(),
            derived: String::new(),
            trace: None,
            taken_back: None,
        }
    }

    fn compare(&self, derived: &Preview, chain: &mut LineChain, found: &mut Vec<AuditDifference>) {
        let posted = self.posted;
        let by_holder = |statements: &'_ [Figures]| -> BTreeMap<PayeeCurrency, usize> {
            statements.iter().enumerate().map(|(index, figures)| (figures.holder.clone(), index)).collect()
        };
        let is_same = posted.close.digest == derived.digest
            && digest(self.state.book_name().as_str(), posted.statements.iter()) == derived.digest
            && posted.unsettled == 0;
        if !is_same || chain.is_open() {
            let (mine, theirs) = (by_holder(&posted.statements), by_holder(&derived.statements));
            if mine.len() != posted.statements.len() || posted.unsettled > 0 {
                let field = if posted.unsettled > 0 { "lines without a settlement" } else { "settlements of a payee" };
                found.push(self.difference(DifferenceKind::Close { field }, None));
            }
            let holders: BTreeSet<PayeeCurrency> =
                mine.keys().chain(theirs.keys()).cloned().chain(chain.holders()).collect();
            for holder in holders {
                let mine = mine.get(&holder).map(|index| &posted.statements[*index]);
                let theirs = theirs.get(&holder).map(|index| &derived.statements[*index]);
                self.compare_holder(&holder, (mine, theirs), chain, found);
            }
        }
        self.compare_reversals(found);
        self.compare_withheld(derived, found);
        self.compare_end(derived, found);
    }

    fn compare_holder(
        &self,
        holder: &PayeeCurrency,
        (posted, derived): (Option<&Figures>, Option<&Figures>),
        chain: &mut LineChain,
        found: &mut Vec<AuditDifference>,
    ) {
        let last = self.state.posted_state().last_close();
        let is_raised = last.is_some_and(|last| last.close.engine != self.posted.close.engine);
        let lines = ComparedLines {
            holder,
            period: self.posted.close.period,
            engine: if is_raised { EngineNumber::Raised } else { EngineNumber::AsBefore },
            posted,
            derived,
            entries: &self.posted.entries,
            before: self.state.posted_state().lines.posted.get(holder),
        };
        let new = chain.compare(&lines, found);
        self.trace(holder, (posted, derived), &new, found);
        let is_open = |name: &LineName| chain.is_line_open(holder, name);
        let mut are_lines_same = new.is_empty();
        for line in posted.into_iter().flat_map(|figures| &figures.lines) {
            match line_of(derived, &line.name) {
                Some(same) if !is_open(&line.name) => self.compare_line(holder, line, same, found),
                _ => are_lines_same = false,
            }
        }
        are_lines_same &=
            derived.into_iter().flat_map(|figures| &figures.lines).all(|line| line_of(posted, &line.name).is_some());
        match derived.filter(|_| are_lines_same) {
            Some(derived) => self.compare_settled(holder, posted, derived, found),
            None => self.compare_settled(holder, posted, &self.settled(holder, posted), found),
        }
    }

    /// The settlement that follows from the lines as they were posted.
    fn settled(&self, holder: &PayeeCurrency, posted: Option<&Figures>) -> Figures {
        let (state, close) = (self.state, &self.posted.close);
        let view = View::new(state.knowledge(), close.known);
        let context = Context::new(view, state.rules(), close.period.last(), Detail::Figures);
        let draws = match close.manner {
            Some(Manner::Opening) => MonthsDraws::default(),
            None => draws(&context, holder.0.as_str()),
        };
        let due = BTreeMap::from([(holder.0.clone(), PayeeDue { entitlement: Default::default(), draws })]);
        let known = state.posted_state().balances.get(holder).copied().unwrap_or(Balances::zero(holder.1));
        let entering = crate::close::opening::openings(state, &context);
        let entering = entering.get(holder).copied().unwrap_or(Balances::zero(holder.1));
        let opening = Balances { owed: known.owed + entering.owed, draw: known.draw + entering.draw, ..known };
        let lines = posted.map(|figures| figures.lines.clone()).unwrap_or_default();
        settle_holder(state, &context, &due, HolderLines { holder: holder.clone(), lines, opening }, close.period)
    }

    fn trace(
        &self,
        holder: &PayeeCurrency,
        (posted, derived): (Option<&Figures>, Option<&Figures>),
        new: &[usize],
        found: &mut [AuditDifference],
    ) {
        let name = |index: &usize| match &found[*index].what {
            DifferenceKind::LineAmount { line, .. } => Some(line.clone()),
            _other => None,
        };
        let names: Vec<LineName> = new.iter().filter_map(name).collect();
        if names.is_empty() {
            return;
        }
        let mut sides = derived_sides(self.state, &self.posted.close, holder, &names);
        for (index, name) in new.iter().zip(&names) {
            let entry = self.posted.entries.get(&(holder.clone(), name.clone()));
            let traced = TracedLine { entry, posted: line_of(posted, name), derived: line_of(derived, name) };
            found[*index].trace = Some(Box::new(traced.trace(sides.remove(name))));
        }
    }

    fn compare_line(&self, holder: &PayeeCurrency, posted: &Line, derived: &Line, found: &mut Vec<AuditDifference>) {
        let fields = members([
            ("nature", posted.nature.to_string(), derived.nature.to_string()),
            ("version", text(posted.version), text(derived.version)),
            ("date", posted.date.to_string(), derived.date.to_string()),
            ("account", text(posted.account.as_ref()), text(derived.account.as_ref())),
            ("due", posted.due.to_string(), derived.due.to_string()),
            ("entitled", posted.entitled.text(), derived.entitled.text()),
            ("before", posted.before.text(), derived.before.text()),
            ("reason", text(posted.reason), text(derived.reason)),
        ]);
        for (field, said, right) in fields {
            let what = DifferenceKind::LineField { line: posted.name.clone(), field };
            let mut difference = self.difference(what, Some(holder));
            let entry = self.posted.entries.get(&(holder.clone(), posted.name.clone()));
            difference.position = entry.map(|entry| entry.position).or(difference.position);
            (difference.posted, difference.derived) = (said, right);
            found.push(difference);
        }
    }

    /// Compares draws and settlement of a payee.
    fn compare_settled(
        &self,
        holder: &PayeeCurrency,
        posted: Option<&Figures>,
        derived: &Figures,
        found: &mut Vec<AuditDifference>,
    ) {
        let mut differs = |what, said: String, right: String| {
            let mut difference = self.difference(what, Some(holder));
            (difference.posted, difference.derived) = (said, right);
            found.push(difference);
        };
        let Some(posted) = posted else {
            if !derived.settled.is_empty(holder.1) || !derived.draws.is_empty() {
                let right = derived.settled.pay.text();
                differs(DifferenceKind::Settlement { field: "pay" }, String::new(), right);
            }
            return;
        };
        let named = |figures: &Figures| -> BTreeMap<String, usize> {
            figures.draws.iter().enumerate().map(|(index, draw)| (draw.name().to_string(), index)).collect()
        };
        let (mine, theirs) = (named(posted), named(derived));
        let names: BTreeSet<&String> = mine.keys().chain(theirs.keys()).collect();
        for name in names {
            let mine = mine.get(name).map(|index| &posted.draws[*index]);
            let theirs = theirs.get(name).map(|index| &derived.draws[*index]);
            let fields = members([
                ("given", text(mine.map(|draw| draw.given.text())), text(theirs.map(|draw| draw.given.text()))),
                (
                    "recovered",
                    text(mine.map(|draw| draw.recovered.text())),
                    text(theirs.map(|draw| draw.recovered.text())),
                ),
                ("balance", text(mine.map(|draw| draw.balance.text())), text(theirs.map(|draw| draw.balance.text()))),
                (
                    "terms",
                    text(mine.map(|draw| format!("{:?} {:?} {:?}", draw.begins, draw.rate, draw.recoverable))),
                    text(theirs.map(|draw| format!("{:?} {:?} {:?}", draw.begins, draw.rate, draw.recoverable))),
                ),
            ]);
            for (field, said, right) in fields {
                differs(DifferenceKind::Draw { draw: name.clone(), field }, said, right);
            }
        }
        let (mine, theirs) = (settled_members(posted), settled_members(derived));
        for ((field, said), (_, right)) in mine.into_iter().zip(theirs).filter(|((_, said), (_, right))| said != right)
        {
            differs(DifferenceKind::Settlement { field }, said, right);
        }
    }

    /// Compares what reversals say that they take from.
    fn compare_reversals(&self, found: &mut Vec<AuditDifference>) {
        for ((holder, name), said) in &self.posted.takes_from {
            let lines = self.state.posted_state().lines.posted.get(holder);
            let known = lines.and_then(|lines| lines.get(name));
            // In an opening close a reversal takes from the opening line of the same close.
            let Some(known) = known else { continue };
            let right: Vec<u64> = known.positions.iter().map(|position| u64::from(*position)).collect();
            if *said != right {
                let what = DifferenceKind::LineField { line: name.clone(), field: "takes_from" };
                let mut difference = self.difference(what, Some(holder));
                (difference.posted, difference.derived) = (format!("{said:?}"), format!("{right:?}"));
                found.push(difference);
            }
        }
    }

    fn compare_withheld(&self, derived: &Preview, found: &mut Vec<AuditDifference>) {
        let said = self.posted.withheld.iter().map(|line| {
            let amount = projections::lines::money(line.amount, line.currency);
            (((line.payee.clone(), line.currency), name_of(line)), amount.text())
        });
        let said: BTreeMap<_, _> = said.collect();
        let right = derived.withheld.iter();
        let right: BTreeMap<_, _> =
            right.map(|(holder, line)| ((holder.clone(), line.name.clone()), line.amount.text())).collect();
        let names: BTreeSet<_> = said.keys().chain(right.keys()).collect();
        for key in names {
            let (mine, theirs) = (text(said.get(key)), text(right.get(key)));
            if mine != theirs {
                let mut difference = self.difference(DifferenceKind::Withheld { line: key.1.clone() }, Some(&key.0));
                (difference.posted, difference.derived) = (mine, theirs);
                found.push(difference);
            }
        }
    }

    /// Compares what the `period-close` entry says of the whole close. What it says of its figures is compared with the figures that
    /// were posted, because another figure is named by itself.
    fn compare_end(&self, derived: &Preview, found: &mut Vec<AuditDifference>) {
        let (close, posted) = (&self.posted.close, self.posted);
        let lines: usize = posted.statements.iter().map(|figures| figures.lines.len()).sum();
        let hex = |bytes: &[u8; 32]| data_encoding::HEXLOWER.encode(bytes);
        let digest = digest(self.state.book_name().as_str(), posted.statements.iter());
        let sums = totals(&posted.statements);
        let sums = sums
            .iter()
            .map(|sum| format!("{} {} {} {}", sum.pay.currency, sum.gross.text(), sum.reversed.text(), sum.pay.text()));
        let said = close.totals.iter().map(|sum| {
            let of = |amount| projections::lines::money(amount, sum.currency).text();
            format!("{} {} {} {}", sum.currency, of(sum.gross), of(sum.reversed), of(sum.pay))
        });
        let balance = trial_balance_after(self.state, &posted.records);
        let next = self.state.posted_state().last_close().map(|last| last.close.period.next());
        let right = next.unwrap_or(derived.period);
        let fields = members([
            ("period", close.period.to_string(), right.to_string()),
            ("statements", close.statements.to_string(), posted.statements.len().to_string()),
            ("lines", close.lines.to_string(), lines.to_string()),
            ("totals", said.collect::<Vec<_>>().join(", "), sums.collect::<Vec<_>>().join(", ")),
            ("digest", hex(&close.digest), hex(&digest)),
            (
                "trial_balance",
                text(close.trial_balance.as_ref().map(hex)),
                text(close.trial_balance.map(|_| hex(&balance))),
            ),
            ("plans", format!("{:?}", close.plans), format!("{:?}", plan_editions(self.state, close.known))),
        ]);
        for (field, said, right) in fields {
            let mut difference = self.difference(DifferenceKind::Close { field }, None);
            (difference.posted, difference.derived) = (said, right);
            found.push(difference);
        }
    }
}

/// The members of a settlement, as text.
fn settled_members(figures: &Figures) -> [(&'static str, String); 14] {
    let (opening, settled) = (&figures.opening, &figures.settled);
    [
        ("opening.payable", opening.payable),
        ("opening.owed", opening.owed),
        ("opening.draw", opening.draw),
        ("gross", settled.gross),
        ("reversed", settled.reversed),
        ("set_off", settled.set_off),
        ("recovered", settled.recovered),
        ("top_up", settled.top_up),
        ("advance", settled.advance),
        ("draw_recovered", settled.draw_recovered),
        ("pay", settled.pay),
        ("closing.payable", settled.closing.payable),
        ("closing.owed", settled.closing.owed),
        ("closing.draw", settled.closing.draw),
    ]
    .map(|(name, amount)| (name, amount.text()))
}
