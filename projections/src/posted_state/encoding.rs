//! What closes have written, as flat bytes for snapshots.

use std::collections::BTreeMap;

use ledger::date::{Day, Month};
use ledger::exact::Exact;
use ledger::fact::{Payload, Posting, Record};
use ledger::field::Stored;
use ledger::id::{Name, PlanId};
use ledger::money::Money;

use super::accounts::LedgerAccounts;
use super::disputes::Disputes;
use super::payables::Payables;
use super::{Balances, ClosedPeriod, GivenDraw, PostedState, StatementEntries};
use crate::encoding::{self, Decoder, Encoder};
use crate::lines::encoding::{day, read_holders, write_holders};
use crate::lines::{PayeeCurrency, PostedLines};
use crate::position::Position;

impl PostedState {
    /// Writes the state.
    pub fn write(&self, out: &mut Encoder<'_>) {
        write_holders(self.balances.keys(), out);
        out.column(self.balances.values().map(|balances| balances.payable.minor));
        out.column(self.balances.values().map(|balances| balances.owed.minor));
        out.column(self.balances.values().map(|balances| balances.draw.minor));
        self.write_draws(out);
        self.write_closes(out);
        self.lines.write(out);
        self.write_statements(out);
        self.accounts.write(out);
        self.payables.write(out);
        self.disputes.write(out);
        out.column(self.between_closes.iter().copied());
        out.column(self.freezes.iter().map(|(position, _)| *position));
        out.column(self.freezes.iter().map(|(_, until)| until.map_or(NO_DAY, Day::number)));
        write_postings(&self.withheld, out);
        write_postings(&self.withheld_by_open_close, out);
        out.column(self.open_close.iter().copied());
    }

    /// Reads what [`PostedState::write`] wrote. `None` if the bytes are not that.
    pub fn read(reader: &mut Decoder<'_>) -> Option<PostedState> {
        Some(PostedState {
            balances: read_balances(reader)?,
            draws: read_draws(reader)?,
            closes: read_closes(reader)?,
            lines: PostedLines::read(reader)?,
            statements: read_statements(reader)?,
            open_statement: reader.column()?.all().first().copied(),
            accounts: LedgerAccounts::read(reader)?,
            payables: Payables::read(reader)?,
            disputes: Disputes::read(reader)?,
            between_closes: reader.column()?.all(),
            freezes: read_freezes(reader)?,
            withheld: read_postings(reader)?,
            withheld_by_open_close: read_postings(reader)?,
            open_close: reader.column()?.all().first().copied(),
        })
    }

    fn write_draws(&self, out: &mut Encoder<'_>) {
        write_holders(self.draws.keys(), out);
        out.column(self.draws.values().map(|draws| draws.len() as u32));
        let draws = || self.draws.values().flatten();
        out.texts(draws().map(|draw| draw.plan.as_ref().map_or("", PlanId::as_str)));
        out.texts(draws().map(|draw| draw.draw.as_str()));
        out.texts(draws().map(|draw| draw.trigger.as_str()));
        out.column(draws().map(|draw| draw.month.number()));
        out.column(draws().map(|draw| draw.recoverable));
        out.column(draws().map(|draw| draw.begins.map_or(NO_DAY, Day::number)));
        out.column(draws().map(|draw| draw.triggered.map_or(NO_DAY, Day::number)));
        // A stored percent is a decimal of at most 96 bits over a power of ten. Nothing has the denominator 0.
        let parts = |rate: &Exact| rate.fraction().expect("BUG: a percent of the log of more than 128 bits");
        let rates = || draws().map(|draw| draw.rate.as_ref().map_or((0, 0), parts));
        out.column(rates().map(|(num, _)| num));
        out.column(rates().map(|(_, den)| den));
        out.column(draws().map(|draw| draw.balance.minor));
    }

    fn write_statements(&self, out: &mut Encoder<'_>) {
        write_holders(self.statements.keys(), out);
        out.column(self.statements.values().map(|statements| statements.len() as u32));
        let statements = || self.statements.values().flatten();
        out.column(statements().map(|entries| entries.first));
        out.column(statements().map(|entries| entries.settlement));
        out.column(self.open_statement.iter().copied());
    }

    fn write_closes(&self, out: &mut Encoder<'_>) {
        out.column(self.closes.iter().map(|closed| closed.first));
        out.column(self.closes.iter().map(|closed| closed.position));
        let stored = |closed: &ClosedPeriod| {
            let mut bytes = Vec::new();
            Record::PeriodClose(closed.close.clone()).content(&mut bytes);
            bytes
        };
        let closes: Vec<Vec<u8>> = self.closes.iter().map(stored).collect();
        out.lists(closes.iter().map(Vec::as_slice));
    }
}

/// No day has this number.
const NO_DAY: i32 = i32::MIN;

fn maybe_day(number: i32) -> Option<Option<Day>> {
    if number == NO_DAY { Some(None) } else { day(number).map(Some) }
}

fn read_balances(reader: &mut Decoder<'_>) -> Option<BTreeMap<PayeeCurrency, Balances>> {
    let holders = read_holders(reader)?;
    let (mut payable, mut owed, mut draw) =
        (reader.column::<i128>()?, reader.column::<i128>()?, reader.column::<i128>()?);
    let mut balances = |holder: &PayeeCurrency| {
        let money = |minor| Money { minor, currency: holder.1 };
        Some(Balances { payable: money(payable.next()?), owed: money(owed.next()?), draw: money(draw.next()?) })
    };
    holders.into_iter().map(|holder| balances(&holder).map(|balances| (holder, balances))).collect()
}

fn read_draws(reader: &mut Decoder<'_>) -> Option<BTreeMap<PayeeCurrency, Vec<GivenDraw>>> {
    let (holders, mut counts) = (read_holders(reader)?, reader.column::<u32>()?);
    let (mut plans, mut names, mut triggers) = (reader.texts()?, reader.texts()?, reader.texts()?);
    let (mut months, mut recoverable) = (reader.column()?, reader.column()?);
    let (mut begins, mut triggered) = (reader.column()?, reader.column()?);
    let (mut num, mut den) = (reader.column::<i128>()?, reader.column::<i128>()?);
    let mut balances = reader.column()?;
    let mut next = |holder: &PayeeCurrency| {
        let (num, den) = (num.next()?, den.next()?);
        Some(GivenDraw {
            plan: encoding::name(plans.next()?)?.map(PlanId),
            draw: Name::new(names.next()?)?,
            trigger: Name::new(triggers.next()?)?,
            month: Month::from_number(months.next()?),
            recoverable: recoverable.next()?,
            begins: maybe_day(begins.next()?)?,
            triggered: maybe_day(triggered.next()?)?,
            rate: (den != 0).then(|| Exact::ratio(num, den)),
            balance: Money { minor: balances.next()?, currency: holder.1 },
        })
    };
    let mut of_holder = |holder: PayeeCurrency| {
        let draws: Option<Vec<GivenDraw>> = (0..counts.next()?).map(|_| next(&holder)).collect();
        Some((holder, draws?))
    };
    holders.into_iter().map(&mut of_holder).collect()
}

fn read_statements(reader: &mut Decoder<'_>) -> Option<BTreeMap<PayeeCurrency, Vec<StatementEntries>>> {
    let (holders, mut counts) = (read_holders(reader)?, reader.column::<u32>()?);
    let (mut first, mut settlement) = (reader.column()?, reader.column()?);
    let mut next = |_| Some(StatementEntries { first: first.next()?, settlement: settlement.next()? });
    let mut of_holder = |holder: PayeeCurrency| {
        let statements: Option<Vec<StatementEntries>> = (0..counts.next()?).map(&mut next).collect();
        Some((holder, statements?))
    };
    holders.into_iter().map(&mut of_holder).collect()
}

fn read_closes(reader: &mut Decoder<'_>) -> Option<Vec<ClosedPeriod>> {
    let (mut first, mut position) = (reader.column::<Position>()?, reader.column::<Position>()?);
    let mut closes = reader.texts()?;
    let count = closes.len();
    let mut next = |_| match Payload::whole(closes.bytes()?) {
        Ok(Payload::Record(Record::PeriodClose(close))) => {
            Some(ClosedPeriod { close, first: first.next()?, position: position.next()? })
        }
        Ok(Payload::Record(_) | Payload::Fact(_)) | Err(_) => None,
    };
    (0..count).map(&mut next).collect()
}

fn read_freezes(reader: &mut Decoder<'_>) -> Option<Vec<(Position, Option<Day>)>> {
    let (mut positions, mut until) = (reader.column()?, reader.column()?);
    (0..positions.len()).map(|_| Some((positions.next()?, maybe_day(until.next()?)?))).collect()
}

fn write_postings(postings: &[Posting], out: &mut Encoder<'_>) {
    let mut buffer = Vec::new();
    let mut writer = ledger::wire::CborWriter { buffer: &mut buffer };
    writer.array(postings.len());
    postings.iter().for_each(|posting| posting.put(&mut writer));
    out.bytes(&buffer);
}

fn read_postings(reader: &mut Decoder<'_>) -> Option<Vec<Posting>> {
    Stored::get(&mut ledger::wire::CborReader::new(reader.bytes()?)).ok()
}
