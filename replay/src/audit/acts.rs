//! Judges what people did beside closing: who signed it, by the policy in force then, and whether approvals, payouts, their results,
//! repayments and write-offs amount to what was payable or owed then.

use std::collections::{BTreeMap, BTreeSet};

use ledger::date::Month;
use ledger::entry::Entry;
use ledger::fact::{
    Approval, EntryRef, FreezeRecord, MoneyOf, Payload, PayoutRecord, PayoutResult, PayoutStatus, PolicyRecord,
    PolicyRole, Record, ReleaseRecord,
};
use ledger::id::Name;
use ledger::log::Log;
use ledger::money::{Currency, Money};
use projections::authority::has_role;
use projections::lines::{PayeeCurrency, money};
use projections::posted_state::Balances;
use projections::posted_state::payables::Portion;

use crate::audit::difference::{AuditDifference, DifferenceClass, DifferenceKind};
use crate::authority::makers::{act_of, adjusted_amounts};
use crate::authority::refusal::{AuthorityRefusal, PolicyFault};
use crate::authority::{Act, must_be_signed};
use crate::error::BookError;
use crate::state::State;

/// How many people sign the first policy.
const PEOPLE_MIN: usize = 2;

/// The entries of one append, with the state before the first of them.
pub(super) struct ActCheck<'a> {
    pub log: &'a Log,
    pub state: &'a State,
}

/// A difference about an entry that is no line.
fn differs(
    entry: &Entry,
    what: DifferenceKind,
    period: Option<Month>,
    holder: Option<PayeeCurrency>,
) -> AuditDifference {
    AuditDifference {
        what,
        class: DifferenceClass::Altered,
        position: Some(entry.position),
        period,
        holder,
        posted: String::new(),
        derived: String::new(),
        trace: None,
        taken_back: None,
    }
}

impl ActCheck<'_> {
    /// Judges who signed some entries of one append, all of one kind that is judged together.
    pub(super) fn signers(&self, entries: &[Entry], found: &mut Vec<AuditDifference>) -> Result<(), BookError> {
        let mut from = 0;
        while from < entries.len() {
            let kind = entries[from].payload.word();
            let same = entries[from..].iter().take_while(|entry| entry.payload.word() == kind).count();
            self.signers_of(&entries[from..from + same], found)?;
            from += same;
        }
        Ok(())
    }

    /// Judges who signed facts, where a rule of the policy is about facts.
    pub(super) fn signers_of_facts(&self, first: &Entry, count: u64, found: &mut Vec<AuditDifference>) {
        if let Some(refusal) = self.refusal(first, &Act::of(PolicyRole::Record, Vec::new())) {
            let what = DifferenceKind::NotAllowed { kind: first.payload.word(), count, refusal: Box::new(refusal) };
            found.push(differs(first, what, None, None));
        }
    }

    /// Judges who closed a month.
    pub(super) fn signers_of_close(&self, end: &Entry, pays: Vec<Money>, found: &mut Vec<AuditDifference>) {
        if let Some(refusal) = self.refusal(end, &Act::of(PolicyRole::Close, pays)) {
            let what = DifferenceKind::NotAllowed { kind: end.payload.word(), count: 1, refusal: Box::new(refusal) };
            found.push(differs(end, what, period_of(&end.payload), None));
        }
    }

    fn refusal(&self, entry: &Entry, act: &Act) -> Option<AuthorityRefusal> {
        let policy = &self.state.authority().policy()?.policy;
        must_be_signed(policy, &self.authors(entry), act).err()
    }

    /// The authors whose valid keys signed an entry.
    fn authors(&self, entry: &Entry) -> BTreeSet<Name> {
        let authority = self.state.authority();
        let keys = entry.signatures.iter().filter_map(|signature| signature.key.0[..].try_into().ok());
        keys.filter_map(|key: [u8; 32]| authority.author_of(&key)).cloned().collect()
    }

    fn signers_of(&self, entries: &[Entry], found: &mut Vec<AuditDifference>) -> Result<(), BookError> {
        let Some(first) = entries.first() else { return Ok(()) };
        let refusal = match &first.payload {
            Payload::Record(Record::Policy(policy)) if self.state.authority().policy().is_none() => {
                self.first_policy(first, policy)
            }
            _other => match self.act(entries)? {
                Some(act) => self.refusal(first, &act),
                None => None,
            },
        };
        if let Some(refusal) = refusal {
            let (kind, count) = (first.payload.word(), entries.len() as u64);
            let what = DifferenceKind::NotAllowed { kind, count, refusal: Box::new(refusal) };
            found.push(differs(first, what, period_of(&first.payload), None));
        }
        Ok(())
    }

    fn first_policy(&self, entry: &Entry, policy: &PolicyRecord) -> Option<AuthorityRefusal> {
        let signed = self.authors(entry).into_iter();
        let signed: Vec<Name> = signed.filter(|name| has_role(policy, name, PolicyRole::Policy)).collect();
        let is_enough = signed.len() >= PEOPLE_MIN;
        (!is_enough).then(|| AuthorityRefusal::Policy(vec![PolicyFault::FirstNotSigned { signed }]))
    }

    /// What entries of one kind do together; `None` where no policy is asked for them.
    fn act(&self, entries: &[Entry]) -> Result<Option<Act>, BookError> {
        let Some(first) = entries.first() else { return Ok(None) };
        let amounts = self.amounts(entries);
        let record = match &first.payload {
            Payload::Fact(_) => {
                return Ok(Some(Act::of(PolicyRole::Adjust, amounts)).filter(|act| !act.amounts.is_empty()));
            }
            Payload::Record(record) => record,
        };
        let role = match record {
            Record::Approval(approval) => {
                let chosen = self.state.posted_state().payables.approvable(approval.period, approval.payee.as_ref());
                let periods = chosen.map(|(_, portion)| portion.period).collect();
                return act_of(self.log, self.state, PolicyRole::Approve, amounts, periods).map(Some);
            }
            Record::Payout(_) => {
                let portions = entries.iter().filter_map(|entry| match &entry.payload {
                    Payload::Record(Record::Payout(payout)) => Some(&payout.portions),
                    _other => None,
                });
                let periods = portions.flatten().map(|portion| portion.period).collect();
                return act_of(self.log, self.state, PolicyRole::Pay, amounts, periods).map(Some);
            }
            Record::Rejection(_) => PolicyRole::Approve,
            Record::Hold(_) | Record::Release(_) => PolicyRole::Hold,
            Record::PayoutResult(_) | Record::Repayment(_) => PolicyRole::Pay,
            Record::WriteOff(_) => PolicyRole::Adjust,
            Record::Freeze(_) => PolicyRole::Close,
            Record::Policy(_) => PolicyRole::Policy,
            Record::Plan(_) => PolicyRole::Publish,
            // A key that takes the place of another is signed with that one or a recovery key, which `verify` checks of the log's.
            Record::Author(author) if self.state.authority().key_of(&author.author).is_some() => return Ok(None),
            Record::Author(_) => PolicyRole::Administrate,
            Record::LogKey(_) if self.state.authority().log_key().is_some() => return Ok(None),
            Record::LogKey(_) => PolicyRole::Administrate,
            Record::Book(_) | Record::Mapping(_) | Record::Checkpoint(_) => return Ok(None),
            Record::Dispute(_) | Record::DisputeAnswer(_) | Record::Resolution(_) => return Ok(None),
            Record::Earning(_)
            | Record::Reversal(_)
            | Record::Draw(_)
            | Record::Settlement(_)
            | Record::PeriodClose(_)
            | Record::OpeningLine(_)
            | Record::Withheld(_) => return Ok(None),
        };
        Ok(Some(Act::of(role, amounts)))
    }

    /// What entries of one kind are about in all, in each currency.
    fn amounts(&self, entries: &[Entry]) -> Vec<Money> {
        let mut sums: BTreeMap<Currency, Money> = BTreeMap::new();
        let mut add = |amount: Money| *sums.entry(amount.currency).or_insert(Money::zero(amount.currency)) += amount;
        for entry in entries {
            match &entry.payload {
                Payload::Fact(fact) => {
                    adjusted_amounts(&self.state.knowledge, &fact.body, &entry.replaces).into_iter().for_each(&mut add);
                }
                Payload::Record(record) => self.amounts_of(record).into_iter().for_each(&mut add),
            }
        }
        sums.into_values().collect()
    }

    fn amounts_of(&self, record: &Record) -> Vec<Money> {
        let totals = |totals: &[MoneyOf]| totals.iter().map(|total| money(total.amount, total.currency)).collect();
        match record {
            Record::Approval(approval) => totals(&approval.totals),
            Record::Rejection(rejection) => totals(&rejection.totals),
            Record::Payout(payout) => vec![money(payout.amount, payout.currency)],
            Record::Hold(hold) => {
                hold.amount.zip(hold.currency).map(|(amount, currency)| money(amount, currency)).into_iter().collect()
            }
            Record::Release(release) => {
                let holds = self.state.posted_state().payables.holds(&release.payee).iter();
                let released = holds.filter(|hold| u64::from(hold.position) == release.hold.position);
                released.filter_map(|hold| hold.amount).collect()
            }
            Record::Repayment(repaid) => {
                vec![money(repaid.owed, repaid.currency) + money(repaid.draw, repaid.currency)]
            }
            Record::WriteOff(write_off) => vec![money(write_off.amount, write_off.currency)],
            _other => Vec::new(),
        }
    }

    /// Compares what an entry says with what was payable, held or owed before it.
    pub(super) fn payment(&self, entry: &Entry, found: &mut Vec<AuditDifference>) -> Result<(), BookError> {
        let Payload::Record(record) = &entry.payload else { return Ok(()) };
        let payables = &self.state.posted_state().payables;
        match record {
            Record::Approval(approval) => {
                let chosen = payables.approvable(approval.period, approval.payee.as_ref());
                self.decision(entry, approval, &sums(chosen), found)
            }
            Record::Rejection(rejection) => {
                let chosen = sums(payables.rejectable(rejection.period, rejection.payee.as_ref()));
                let (period, close, payee) = (rejection.period, rejection.close.clone(), rejection.payee.clone());
                let totals = rejection.totals.clone();
                self.decision(entry, &Approval { period, close, payee, totals, comment: None }, &chosen, found)
            }
            Record::Release(release) => self.release(entry, release, found),
            Record::Payout(payout) => self.payout(entry, payout, found),
            Record::PayoutResult(result) => self.result(entry, result, found),
            Record::Repayment(repaid) => {
                let holder = (repaid.payee.clone(), repaid.currency);
                let of = |amount| money(amount, repaid.currency);
                self.within_balance(entry, holder, (of(repaid.owed), of(repaid.draw)), found);
                Ok(())
            }
            Record::WriteOff(write_off) => {
                let holder = (write_off.payee.clone(), write_off.currency);
                let (amount, zero) = (money(write_off.amount, holder.1), Money::zero(holder.1));
                let parts = match write_off.of {
                    ledger::fact::OwedOrDraw::Owed => (amount, zero),
                    ledger::fact::OwedOrDraw::Draw => (zero, amount),
                };
                self.within_balance(entry, holder, parts, found);
                Ok(())
            }
            Record::Freeze(freeze) => {
                self.freeze(entry, freeze, found);
                Ok(())
            }
            _other => Ok(()),
        }
    }

    /// Whether an entry names another one as it is: its position and its hash.
    fn is_at(&self, named: &EntryRef, position: Option<u64>) -> Result<bool, BookError> {
        let Some(position) = position.filter(|position| *position == named.position) else { return Ok(false) };
        Ok(self.log.hash(position)?.0 == named.hash)
    }

    fn decision(
        &self,
        entry: &Entry,
        said: &Approval,
        right: &[Money],
        found: &mut Vec<AuditDifference>,
    ) -> Result<(), BookError> {
        let close = self.state.closed(said.period).map(|closed| u64::from(closed.position));
        let kind = entry.payload.word();
        let mut wrong = |field, posted: String, derived: String| {
            let holder = None;
            let mut one = differs(entry, DifferenceKind::Payment { kind, field }, Some(said.period), holder);
            (one.posted, one.derived) = (posted, derived);
            found.push(one);
        };
        if !self.is_at(&said.close, close)? {
            wrong("close", said.close.position.to_string(), close.map(|at| at.to_string()).unwrap_or_default());
        }
        let totals: Vec<Money> = said.totals.iter().map(|total| money(total.amount, total.currency)).collect();
        if totals != right {
            wrong("totals", amounts_text(&totals), amounts_text(right));
        }
        Ok(())
    }

    fn release(
        &self,
        entry: &Entry,
        release: &ReleaseRecord,
        found: &mut Vec<AuditDifference>,
    ) -> Result<(), BookError> {
        let holds = self.state.posted_state().payables.holds(&release.payee);
        let hold = holds.iter().map(|hold| u64::from(hold.position)).find(|at| *at == release.hold.position);
        if !self.is_at(&release.hold, hold)? {
            let what = DifferenceKind::Payment { kind: entry.payload.word(), field: "hold" };
            let mut one = differs(entry, what, None, None);
            one.posted = release.hold.position.to_string();
            found.push(one);
        }
        Ok(())
    }

    fn payout(&self, entry: &Entry, payout: &PayoutRecord, found: &mut Vec<AuditDifference>) -> Result<(), BookError> {
        let holder = (payout.payee.clone(), payout.currency);
        let right = self.state.posted_state().payables.payable(&holder, payout.period);
        let sum = Money::sum(holder.1, right.iter().map(|part| part.amount));
        let kind = entry.payload.word();
        let mut wrong = |field, posted: String, derived: String| {
            let what = DifferenceKind::Payment { kind, field };
            let mut one = differs(entry, what, Some(payout.period), Some(holder.clone()));
            (one.posted, one.derived) = (posted, derived);
            found.push(one);
        };
        let amount = money(payout.amount, holder.1);
        if amount != sum {
            wrong("amount", amount.text(), sum.text());
            return Ok(());
        }
        let said: Vec<(Month, Money)> =
            payout.portions.iter().map(|portion| (portion.period, money(portion.amount, holder.1))).collect();
        let parts: Vec<(Month, Money)> = right.iter().map(|part| (part.period, part.amount)).collect();
        let mut are_approved = said.len() == parts.len();
        for (portion, part) in payout.portions.iter().zip(&right) {
            are_approved &= self.is_at(&portion.approval, Some(u64::from(part.approval)))?;
        }
        if said != parts || !are_approved {
            let list = |parts: &[(Month, Money)]| {
                let words = parts.iter().map(|(month, amount)| format!("{month} {}", amount.text()));
                words.collect::<Vec<_>>().join(", ")
            };
            wrong("portions", list(&said), list(&parts));
        }
        Ok(())
    }

    fn result(&self, entry: &Entry, result: &PayoutResult, found: &mut Vec<AuditDifference>) -> Result<(), BookError> {
        let holder = (result.payee.clone(), result.currency);
        let payouts = self.state.posted_state().payables.payouts(&holder);
        let payout = payouts.iter().find(|payout| u64::from(payout.position) == result.payout.position);
        let kind = entry.payload.word();
        let mut wrong = |field, posted: String, derived: String| {
            let period = payout.map(|payout| payout.period);
            let mut one = differs(entry, DifferenceKind::Payment { kind, field }, period, Some(holder.clone()));
            (one.posted, one.derived) = (posted, derived);
            found.push(one);
        };
        let Some(payout) = payout else {
            wrong("payout", result.payout.position.to_string(), String::new());
            return Ok(());
        };
        if !self.is_at(&result.payout, Some(u64::from(payout.position)))? {
            wrong("payout", result.payout.position.to_string(), payout.position.to_string());
        }
        let amount = money(result.amount, holder.1);
        let (right, most) = match result.status {
            PayoutStatus::Paid => (Money::zero(holder.1), payout.amount),
            PayoutStatus::Partly => (payout.amount - amount, payout.amount),
            PayoutStatus::Returned => (payout.amount - payout.returned, payout.amount),
        };
        let returned = money(result.returned, holder.1);
        if returned != right || amount > most {
            wrong("returned", returned.text(), right.text());
        }
        Ok(())
    }

    fn within_balance(
        &self,
        entry: &Entry,
        holder: PayeeCurrency,
        (owed, draw): (Money, Money),
        found: &mut Vec<AuditDifference>,
    ) {
        let balances = self.state.posted_state().balances.get(&holder).copied();
        let balances = balances.unwrap_or(Balances::zero(holder.1));
        for (field, said, most) in [("owed", owed, balances.owed), ("draw", draw, balances.draw)] {
            if said > most || said.is_negative() {
                let what = DifferenceKind::Payment { kind: entry.payload.word(), field };
                let mut one = differs(entry, what, None, Some(holder.clone()));
                (one.posted, one.derived) = (said.text(), most.text());
                found.push(one);
            }
        }
    }

    fn freeze(&self, entry: &Entry, freeze: &FreezeRecord, found: &mut Vec<AuditDifference>) {
        let closed = self.state.posted_state().last_close().map(|last| last.close.period.last());
        if freeze.until.is_some_and(|until| closed.is_none_or(|closed| until > closed)) {
            let what = DifferenceKind::Payment { kind: entry.payload.word(), field: "until" };
            let mut one = differs(entry, what, None, None);
            one.posted = freeze.until.map(|until| until.to_string()).unwrap_or_default();
            one.derived = closed.map(|closed| closed.to_string()).unwrap_or_default();
            found.push(one);
        }
    }
}

/// The closed month that a record is about.
fn period_of(payload: &Payload) -> Option<Month> {
    match payload {
        Payload::Record(Record::PeriodClose(close)) => Some(close.period),
        Payload::Record(Record::Approval(approval)) => Some(approval.period),
        Payload::Record(Record::Rejection(rejection)) => Some(rejection.period),
        Payload::Record(Record::Payout(payout)) => Some(payout.period),
        Payload::Record(_) | Payload::Fact(_) => None,
    }
}

/// The sums of portions in each currency, in the order of currencies.
fn sums<'p>(portions: impl Iterator<Item = (&'p PayeeCurrency, &'p Portion)>) -> Vec<Money> {
    let mut sums: BTreeMap<Currency, Money> = BTreeMap::new();
    for ((_, currency), portion) in portions {
        *sums.entry(*currency).or_insert(Money::zero(*currency)) += portion.left;
    }
    sums.into_values().collect()
}

fn amounts_text(amounts: &[Money]) -> String {
    amounts.iter().map(|amount| format!("{} {}", amount.text(), amount.currency)).collect::<Vec<_>>().join(", ")
}
