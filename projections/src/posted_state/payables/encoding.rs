//! What is payable as flat bytes, for snapshots.

use std::collections::BTreeMap;

use ledger::date::Month;
use ledger::fact::PayoutStatus;
use ledger::id::PayeeId;
use ledger::money::{Currency, Money};

use super::{Hold, PaidOut, Payables, Portion, PortionDecision, Portions};
use crate::encoding::{ColumnDecoder, Decoder, Encoder};
use crate::knowledge::encoding::{code, currency};
use crate::lines::PayeeCurrency;
use crate::lines::encoding::{read_holders, write_holders};
use crate::position::Position;

impl Payables {
    /// Writes what is payable.
    pub fn write(&self, out: &mut Encoder<'_>) {
        write_holders(self.portions.keys(), out);
        out.column(self.portions.values().map(|portions| portions.from as u32));
        out.column(self.portions.values().map(|portions| portions.all.len() as u32));
        let all = || self.portions.values().flat_map(|portions| &portions.all);
        out.column(all().map(|portion| portion.period.number()));
        out.column(all().map(|portion| portion.amount.minor));
        out.column(all().map(|portion| portion.left.minor));
        out.column(all().map(|portion| decision_code(portion.decision).0));
        out.column(all().map(|portion| decision_code(portion.decision).1));
        out.texts(self.holds.keys().map(PayeeId::as_str));
        out.column(self.holds.values().map(|holds| holds.len() as u32));
        let holds = || self.holds.values().flatten();
        out.column(holds().map(|hold| hold.position));
        out.column(holds().map(|hold| hold.amount.is_some()));
        out.column(holds().map(|hold| hold.amount.map_or(0, |amount| amount.minor)));
        out.column(holds().map(|hold| code(hold.amount.map_or(Currency::FIRST, |amount| amount.currency))));
        self.write_payouts(out);
        out.column(self.first_policy.iter().copied());
    }

    fn write_payouts(&self, out: &mut Encoder<'_>) {
        write_holders(self.payouts.keys(), out);
        out.column(self.payouts.values().map(|payouts| payouts.len() as u32));
        let payouts = || self.payouts.values().flatten();
        out.column(payouts().map(|payout| payout.position));
        out.column(payouts().map(|payout| payout.period.number()));
        out.column(payouts().map(|payout| payout.amount.minor));
        out.column(payouts().map(|payout| payout.returned.minor));
        out.column(payouts().map(|payout| payout.portions.len() as u32));
        let portions = || payouts().flat_map(|payout| &payout.portions);
        out.column(portions().map(|(period, ..)| period.number()));
        out.column(portions().map(|(_, amount, _)| amount.minor));
        out.column(portions().map(|(.., approval)| *approval));
        out.column(payouts().map(|payout| payout.results.len() as u32));
        let results = || payouts().flat_map(|payout| &payout.results);
        out.column(results().map(|(position, _)| *position));
        out.column(results().map(|(_, status)| *status as u8));
    }

    /// Reads what [`Payables::write`] wrote. `None` if the bytes are not that.
    pub fn read(reader: &mut Decoder<'_>) -> Option<Payables> {
        Some(Payables {
            portions: read_portions(reader)?,
            holds: read_holds(reader)?,
            payouts: read_payouts(reader)?,
            first_policy: reader.column()?.all().first().copied(),
        })
    }
}

fn decision_code(decision: PortionDecision) -> (u8, Position) {
    match decision {
        PortionDecision::Open => (0, 0),
        PortionDecision::Approved(position) => (1, position),
        PortionDecision::Rejected(position) => (2, position),
    }
}

fn decision(code: u8, position: Position) -> Option<PortionDecision> {
    match code {
        0 => Some(PortionDecision::Open),
        1 => Some(PortionDecision::Approved(position)),
        2 => Some(PortionDecision::Rejected(position)),
        _ => None,
    }
}

fn read_portions(reader: &mut Decoder<'_>) -> Option<BTreeMap<PayeeCurrency, Portions>> {
    let holders = read_holders(reader)?;
    let (mut from, mut counts) = (reader.column::<u32>()?, reader.column::<u32>()?);
    let (mut periods, mut amounts, mut left) = (reader.column()?, reader.column()?, reader.column()?);
    let (mut codes, mut positions) = (reader.column()?, reader.column()?);
    let mut next = |currency| {
        let money = |minor| Money { minor, currency };
        Some(Portion {
            period: Month::from_number(periods.next()?),
            amount: money(amounts.next()?),
            left: money(left.next()?),
            decision: decision(codes.next()?, positions.next()?)?,
        })
    };
    let mut of_holder = |holder: PayeeCurrency| {
        let all: Option<Vec<Portion>> = (0..counts.next()?).map(|_| next(holder.1)).collect();
        let (all, from) = (all?, from.next()? as usize);
        (from <= all.len()).then_some((holder, Portions { all, from }))
    };
    holders.into_iter().map(&mut of_holder).collect()
}

fn read_holds(reader: &mut Decoder<'_>) -> Option<BTreeMap<PayeeId, Vec<Hold>>> {
    let (mut payees, mut counts) = (reader.texts()?, reader.column::<u32>()?);
    let (mut positions, mut is_amount) = (reader.column()?, reader.column::<bool>()?);
    let (mut amounts, mut codes) = (reader.column()?, reader.column()?);
    let mut next = |_| {
        let money = Money { minor: amounts.next()?, currency: currency(&mut codes)? };
        Some(Hold { position: positions.next()?, amount: is_amount.next()?.then_some(money) })
    };
    let mut all = BTreeMap::new();
    for _ in 0..payees.len() {
        let payee = PayeeId::new(payees.next()?)?;
        let holds: Option<Vec<Hold>> = (0..counts.next()?).map(&mut next).collect();
        all.insert(payee, holds?);
    }
    Some(all)
}

fn read_payouts(reader: &mut Decoder<'_>) -> Option<BTreeMap<PayeeCurrency, Vec<PaidOut>>> {
    let (holders, mut counts) = (read_holders(reader)?, reader.column::<u32>()?);
    let (mut positions, mut periods) = (reader.column()?, reader.column()?);
    let (mut amounts, mut returned) = (reader.column()?, reader.column()?);
    let mut portions = PaidPortions {
        counts: reader.column()?,
        periods: reader.column()?,
        amounts: reader.column()?,
        approvals: reader.column()?,
    };
    let (mut result_counts, mut results, mut statuses) =
        (reader.column::<u32>()?, reader.column()?, reader.column::<u8>()?);
    let mut next = |currency| {
        let money = |minor| Money { minor, currency };
        Some(PaidOut {
            position: positions.next()?,
            period: Month::from_number(periods.next()?),
            amount: money(amounts.next()?),
            returned: money(returned.next()?),
            portions: portions.next(currency)?,
            results: (0..result_counts.next()?)
                .map(|_| Some((results.next()?, status(statuses.next()?)?)))
                .collect::<Option<_>>()?,
        })
    };
    let mut of_holder = |holder: PayeeCurrency| {
        let payouts: Option<Vec<PaidOut>> = (0..counts.next()?).map(|_| next(holder.1)).collect();
        Some((holder, payouts?))
    };
    holders.into_iter().map(&mut of_holder).collect()
}

struct PaidPortions<'a> {
    counts: ColumnDecoder<'a, u32>,
    periods: ColumnDecoder<'a, i32>,
    amounts: ColumnDecoder<'a, i128>,
    approvals: ColumnDecoder<'a, Position>,
}

impl PaidPortions<'_> {
    fn next(&mut self, currency: Currency) -> Option<Vec<(Month, Money, Position)>> {
        let mut one = || {
            let amount = Money { minor: self.amounts.next()?, currency };
            Some((Month::from_number(self.periods.next()?), amount, self.approvals.next()?))
        };
        (0..self.counts.next()?).map(|_| one()).collect()
    }
}

fn status(code: u8) -> Option<PayoutStatus> {
    [PayoutStatus::Paid, PayoutStatus::Partly, PayoutStatus::Returned].into_iter().find(|one| *one as u8 == code)
}
