//! Posted lines as flat bytes, in the order of statements.

use std::collections::BTreeMap;

use ledger::date::{Day, Month};
use ledger::fact::Nature;
use ledger::id::{ComponentId, Name, PayeeId, PlanId};
use ledger::money::Money;

use super::{Holder, LineName, PostedLine, PostedLines};
use crate::encoding::{self, Decoder, Encoder};
use crate::knowledge::encoding::{code, currency};
use crate::position::Position;

impl PostedLines {
    pub fn write(&self, out: &mut Encoder<'_>) {
        write_holders(self.posted.keys(), out);
        out.column(self.posted.values().map(|lines| lines.len() as u32));
        let lines = || self.posted.values().flatten();
        out.texts(lines().map(|(name, _)| name.plan.as_ref().map_or("", PlanId::as_str)));
        out.texts(lines().map(|(name, _)| name.component.as_str()));
        out.texts(lines().map(|(name, _)| name.item.as_str()));
        out.texts(lines().map(|(name, _)| name.part.as_ref().map_or("", Name::as_str)));
        let posted = || lines().map(|(_, posted)| posted);
        out.column(posted().map(|posted| posted.entitled.minor));
        out.column(posted().map(|posted| posted.due.number()));
        out.column(posted().map(|posted| nature_code(posted.nature)));
        out.column(posted().map(|posted| posted.version.is_some()));
        out.column(posted().filter_map(|posted| posted.version));
        out.column(posted().map(|posted| posted.last.number()));
        out.lists(posted().map(|posted| posted.positions.as_slice()));
    }

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
    item: encoding::TextDecoder<'a>,
    part: encoding::TextDecoder<'a>,
    entitled: encoding::ColumnDecoder<'a, i128>,
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
            item: reader.texts()?,
            part: reader.texts()?,
            entitled: reader.column()?,
            due: reader.column()?,
            nature: reader.column()?,
            has_version: reader.column()?,
            version: reader.column()?,
            last: reader.column()?,
            positions: reader.lists()?,
        })
    }

    fn next(&mut self, holder: &Holder) -> Option<(LineName, PostedLine)> {
        let name = LineName {
            plan: encoding::name(self.plan.next()?)?.map(PlanId),
            component: ComponentId::new(self.component.next()?)?,
            item: self.item.next()?.to_owned(),
            part: encoding::name(self.part.next()?)?,
        };
        let posted = PostedLine {
            entitled: Money { minor: self.entitled.next()?, currency: holder.1 },
            due: day(self.due.next()?)?,
            nature: nature(self.nature.next()?)?,
            version: if self.has_version.next()? { Some(self.version.next()?) } else { None },
            last: Month::from_number(self.last.next()?),
            positions: self.positions.next()?,
        };
        Some((name, posted))
    }
}

pub(crate) fn write_holders<'h>(holders: impl Iterator<Item = &'h Holder> + Clone, out: &mut Encoder<'_>) {
    out.texts(holders.clone().map(|(payee, _)| payee.as_str()));
    out.column(holders.map(|(_, currency)| code(*currency)));
}

pub(crate) fn read_holders(reader: &mut Decoder<'_>) -> Option<Vec<Holder>> {
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
