//! Posted lines as flat bytes, in the order of statements.

use std::collections::BTreeMap;

use ledger::date::{Day, Month};
use ledger::fact::Nature;
use ledger::fact::item_key::{ItemKey, PeriodKey};
use ledger::id::{AccountId, BookingId, ComponentId, ContractId, Name, PayeeId, PlanId};
use ledger::money::Money;
use uuid::Uuid;

use super::{LineName, PayeeCurrency, PostedLine, PostedLines};
use crate::encoding::{self, Decoder, Encoder};
use crate::knowledge::encoding::{code, currency};
use crate::position::Position;

impl PostedLines {
    /// Writes the lines in the order of statements.
    pub fn write(&self, out: &mut Encoder<'_>) {
        write_holders(self.posted.keys(), out);
        out.column(self.posted.values().map(|lines| lines.len() as u32));
        let lines = || self.posted.values().flatten();
        out.texts(lines().map(|(name, _)| name.plan.as_ref().map_or("", PlanId::as_str)));
        out.texts(lines().map(|(name, _)| name.component.as_str()));
        write_items(lines().map(|(name, _)| &name.item), out);
        out.texts(lines().map(|(name, _)| name.part.as_ref().map_or("", Name::as_str)));
        let posted = || lines().map(|(_, posted)| posted);
        out.column(posted().map(|posted| posted.entitled.minor));
        out.column(posted().map(|posted| posted.date.number()));
        out.texts(posted().map(|posted| posted.account.as_ref().map_or("", AccountId::as_str)));
        out.column(posted().map(|posted| posted.due.number()));
        out.column(posted().map(|posted| nature_code(posted.nature)));
        out.column(posted().map(|posted| posted.version.is_some()));
        out.column(posted().filter_map(|posted| posted.version));
        out.column(posted().map(|posted| posted.last.number()));
        out.lists(posted().map(|posted| posted.positions.as_slice()));
    }

    /// Reads what [`PostedLines::write`] wrote. `None` if the bytes are not that.
    pub fn read(reader: &mut Decoder<'_>) -> Option<PostedLines> {
        let (holders, mut counts) = (read_holders(reader)?, reader.column::<u32>()?);
        let mut rows = LineDecoder::read(reader)?;
        let mut posted = Vec::with_capacity(holders.len());
        for holder in holders {
            let count = counts.next()?;
            let lines: Option<BTreeMap<_, _>> = (0..count).map(|_| rows.next(&holder)).collect();
            posted.push((holder, lines?));
        }
        Some(PostedLines { posted: posted.into_iter().collect() })
    }
}

struct LineDecoder<'a> {
    plan: encoding::TextDecoder<'a>,
    component: encoding::TextDecoder<'a>,
    item: ItemDecoder<'a>,
    part: encoding::TextDecoder<'a>,
    entitled: encoding::ColumnDecoder<'a, i128>,
    date: encoding::ColumnDecoder<'a, i32>,
    account: encoding::TextDecoder<'a>,
    due: encoding::ColumnDecoder<'a, i32>,
    nature: encoding::ColumnDecoder<'a, u8>,
    has_version: encoding::ColumnDecoder<'a, bool>,
    version: encoding::ColumnDecoder<'a, u32>,
    last: encoding::ColumnDecoder<'a, i32>,
    positions: encoding::ListDecoder<'a, Position>,
}

impl<'a> LineDecoder<'a> {
    fn read(reader: &mut Decoder<'a>) -> Option<LineDecoder<'a>> {
        Some(LineDecoder {
            plan: reader.texts()?,
            component: reader.texts()?,
            item: ItemDecoder::read(reader)?,
            part: reader.texts()?,
            entitled: reader.column()?,
            date: reader.column()?,
            account: reader.texts()?,
            due: reader.column()?,
            nature: reader.column()?,
            has_version: reader.column()?,
            version: reader.column()?,
            last: reader.column()?,
            positions: reader.lists()?,
        })
    }

    fn next(&mut self, holder: &PayeeCurrency) -> Option<(LineName, PostedLine)> {
        let name = LineName {
            plan: encoding::name(self.plan.next()?)?.map(PlanId),
            component: ComponentId::new(self.component.next()?)?,
            item: self.item.next()?,
            part: encoding::name(self.part.next()?)?,
        };
        let posted = PostedLine {
            entitled: Money { minor: self.entitled.next()?, currency: holder.1 },
            date: day(self.date.next()?)?,
            account: encoding::name(self.account.next()?)?.map(AccountId),
            due: day(self.due.next()?)?,
            nature: nature(self.nature.next()?)?,
            version: if self.has_version.next()? { Some(self.version.next()?) } else { None },
            last: Month::from_number(self.last.next()?),
            positions: self.positions.next()?,
        };
        Some((name, posted))
    }
}

/// Kinds of keys as they are written.
const BOOKING: u8 = 1;
const CONTRACT_MONTH: u8 = 2;
const MONTH: u8 = 3;
const PERIOD: u8 = 4;
const FACT: u8 = 5;

/// The kind of each key, and a column for each thing that a key may have.
fn write_items<'k>(keys: impl Iterator<Item = &'k ItemKey> + Clone, out: &mut Encoder<'_>) {
    out.column(keys.clone().map(|key| match key {
        ItemKey::Booking(_) => BOOKING,
        ItemKey::ContractMonth { .. } => CONTRACT_MONTH,
        ItemKey::Month(_) => MONTH,
        ItemKey::Period(_) => PERIOD,
        ItemKey::Fact(_) => FACT,
    }));
    out.texts(keys.clone().filter_map(|key| match key {
        ItemKey::Booking(booking) => Some(booking.as_str()),
        ItemKey::ContractMonth { contract, .. } => Some(contract.as_str()),
        ItemKey::Month(_) | ItemKey::Period(_) | ItemKey::Fact(_) => None,
    }));
    out.column(keys.clone().filter_map(|key| match key {
        ItemKey::ContractMonth { month, .. } | ItemKey::Month(month) => Some(month.number()),
        ItemKey::Period(period) => Some(period.first().number()),
        ItemKey::Booking(_) | ItemKey::Fact(_) => None,
    }));
    out.column(keys.clone().filter_map(|key| match key {
        ItemKey::Period(period) => Some([period.months(), period.year_start()]),
        ItemKey::Booking(_) | ItemKey::ContractMonth { .. } | ItemKey::Month(_) | ItemKey::Fact(_) => None,
    }));
    out.column(keys.filter_map(|key| match key {
        ItemKey::Fact(id) => Some(id.into_bytes()),
        ItemKey::Booking(_) | ItemKey::ContractMonth { .. } | ItemKey::Month(_) | ItemKey::Period(_) => None,
    }));
}

struct ItemDecoder<'a> {
    kind: encoding::ColumnDecoder<'a, u8>,
    id: encoding::TextDecoder<'a>,
    month: encoding::ColumnDecoder<'a, i32>,
    period: encoding::ColumnDecoder<'a, [u8; 2]>,
    fact: encoding::ColumnDecoder<'a, [u8; 16]>,
}

impl<'a> ItemDecoder<'a> {
    fn read(reader: &mut Decoder<'a>) -> Option<ItemDecoder<'a>> {
        Some(ItemDecoder {
            kind: reader.column()?,
            id: reader.texts()?,
            month: reader.column()?,
            period: reader.column()?,
            fact: reader.column()?,
        })
    }

    fn next(&mut self) -> Option<ItemKey> {
        match self.kind.next()? {
            BOOKING => BookingId::new(self.id.next()?).map(ItemKey::Booking),
            CONTRACT_MONTH => {
                let contract = ContractId::new(self.id.next()?)?;
                Some(ItemKey::ContractMonth { contract, month: Month::from_number(self.month.next()?) })
            }
            MONTH => Some(ItemKey::Month(Month::from_number(self.month.next()?))),
            PERIOD => {
                let [months, year_start] = self.period.next()?;
                PeriodKey::new(Month::from_number(self.month.next()?), months, year_start).map(ItemKey::Period)
            }
            FACT => Some(ItemKey::Fact(Uuid::from_bytes(self.fact.next()?))),
            _ => None,
        }
    }
}

pub(crate) fn write_holders<'h>(holders: impl Iterator<Item = &'h PayeeCurrency> + Clone, out: &mut Encoder<'_>) {
    out.texts(holders.clone().map(|(payee, _)| payee.as_str()));
    out.column(holders.map(|(_, currency)| code(*currency)));
}

pub(crate) fn read_holders(reader: &mut Decoder<'_>) -> Option<Vec<PayeeCurrency>> {
    let (mut payees, mut codes) = (reader.texts()?, reader.column()?);
    (0..payees.len()).map(|_| Some((PayeeId::new(payees.next()?)?, currency(&mut codes)?))).collect()
}

pub(crate) fn day(number: i32) -> Option<Day> {
    Day::from_number(i64::from(number))
}

fn nature_code(nature: Nature) -> u8 {
    match nature {
        Nature::Earned => 0,
        Nature::Clawback => 1,
        Nature::Adjustment => 2,
    }
}

fn nature(code: u8) -> Option<Nature> {
    match code {
        0 => Some(Nature::Earned),
        1 => Some(Nature::Clawback),
        2 => Some(Nature::Adjustment),
        _ => None,
    }
}
