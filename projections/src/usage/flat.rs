//! Usage runs as flat bytes: each column of all runs is one column, so that runs come back by copying.

use ledger::date::Day;
use ledger::exact::Exact;
use ledger::id::Name;

use super::{Column, Ended, Quantities, Run, Snapshot};
use crate::flat::{self, Reader, Writer};
use crate::life::{Life, Position};

/// The runs that `runs` gives, in its order.
pub fn write<'r>(runs: impl Iterator<Item = &'r Run> + Clone, out: &mut Writer<'_>) {
    out.texts(runs.clone().map(|run| run.meter.as_ref().map_or("", Name::as_str)));
    out.column(runs.clone().map(|run| run.starts.len() as u32));
    out.slices(runs.clone().map(|run| run.starts.as_slice()));
    out.slices(runs.clone().map(|run| run.lengths.as_slice()));
    out.slices(runs.clone().map(|run| run.positions.as_slice()));
    columns(runs.clone().map(|run| &run.amounts), out);
    out.column(runs.clone().map(|run| run.quantities.is_some()));
    let quantities = runs.clone().filter_map(|run| run.quantities.as_ref());
    out.slices(quantities.clone().map(|quantities| quantities.present.as_slice()));
    columns(quantities.map(|quantities| &quantities.column), out);
    out.column(runs.clone().map(|run| run.ended.len() as u32));
    ended(runs.flat_map(|run| run.ended.values()), out);
}

fn columns<'c>(columns: impl Iterator<Item = &'c Column> + Clone, out: &mut Writer<'_>) {
    out.column(columns.clone().map(|column| column.scale));
    out.column(columns.clone().map(|column| column.is_wide));
    out.slices(columns.clone().map(|column| column.narrow.as_slice()));
    out.slices(columns.map(|column| column.wide.as_slice()));
}

fn ended<'e>(ended: impl Iterator<Item = &'e Ended> + Clone, out: &mut Writer<'_>) {
    let snapshots = ended.clone().map(|ended| &ended.snapshot);
    out.column(snapshots.clone().map(|snapshot| snapshot.from.number()));
    out.column(snapshots.clone().map(|snapshot| snapshot.to.number()));
    out.column(snapshots.clone().map(|snapshot| snapshot.position));
    // An amount of the log is a decimal of at most 96 bits over a power of ten.
    let parts = |value: &Exact| value.fraction().expect("BUG: an amount of the log of more than 128 bits");
    let amounts = snapshots.clone().map(move |snapshot| parts(&snapshot.amount));
    out.column(amounts.clone().map(|(num, _)| num));
    out.column(amounts.map(|(_, den)| den));
    // Nothing has the denominator 0.
    let quantities = snapshots.map(move |snapshot| snapshot.quantity.as_ref().map_or((0, 0), parts));
    out.column(quantities.clone().map(|(num, _)| num));
    out.column(quantities.map(|(_, den)| den));
    lives(ended.map(|ended| &ended.life), out);
}

pub fn lives<'l>(lives: impl Iterator<Item = &'l Life> + Clone, out: &mut Writer<'_>) {
    out.lists(lives.clone().map(|life| life.replaced_by.as_slice()));
    out.lists(lives.map(|life| life.retracted_by.as_slice()));
}

pub fn read(reader: &mut Reader<'_>) -> Option<Vec<Run>> {
    let (mut meters, mut counts) = (reader.texts()?, reader.column::<u32>()?);
    let (mut starts, mut lengths) = (reader.column::<i32>()?, reader.column::<u16>()?);
    let mut positions = reader.column::<Position>()?;
    let mut amounts = Columns::read(reader)?;
    let (mut has_quantities, mut present) = (reader.column::<bool>()?, reader.column::<bool>()?);
    let mut quantities = Columns::read(reader)?;
    let (mut ended_counts, mut ended) = (reader.column::<u32>()?, EndedRows::read(reader)?);
    let mut runs = Vec::with_capacity(counts.len());
    while let Some(count) = counts.next() {
        let count = count as usize;
        let mut run = Run {
            meter: flat::name(meters.next()?)?,
            starts: starts.many(count)?,
            lengths: lengths.many(count)?,
            positions: positions.many(count)?,
            amounts: amounts.next(count)?,
            quantities: match has_quantities.next()? {
                true => Some(Quantities { present: present.many(count)?, column: quantities.next(count)? }),
                false => None,
            },
            ..Run::default()
        };
        for _ in 0..ended_counts.next()? {
            run.set_aside(ended.next()?);
        }
        runs.push(run);
    }
    Some(runs)
}

struct Columns<'a> {
    scales: flat::Column<'a, u32>,
    wides: flat::Column<'a, bool>,
    narrow: flat::Column<'a, i64>,
    wide: flat::Column<'a, i128>,
}

impl<'a> Columns<'a> {
    fn read(reader: &mut Reader<'a>) -> Option<Columns<'a>> {
        Some(Columns {
            scales: reader.column()?,
            wides: reader.column()?,
            narrow: reader.column()?,
            wide: reader.column()?,
        })
    }

    fn next(&mut self, count: usize) -> Option<Column> {
        let (scale, is_wide) = (self.scales.next()?, self.wides.next()?);
        let (narrow, wide) = if is_wide { (0, count) } else { (count, 0) };
        Some(Column { scale, is_wide, narrow: self.narrow.many(narrow)?, wide: self.wide.many(wide)? })
    }
}

struct EndedRows<'a> {
    from: flat::Column<'a, i32>,
    to: flat::Column<'a, i32>,
    position: flat::Column<'a, Position>,
    amount: [flat::Column<'a, i128>; 2],
    quantity: [flat::Column<'a, i128>; 2],
    lives: LifeRows<'a>,
}

impl<'a> EndedRows<'a> {
    fn read(reader: &mut Reader<'a>) -> Option<EndedRows<'a>> {
        Some(EndedRows {
            from: reader.column()?,
            to: reader.column()?,
            position: reader.column()?,
            amount: [reader.column()?, reader.column()?],
            quantity: [reader.column()?, reader.column()?],
            lives: LifeRows::read(reader)?,
        })
    }

    fn next(&mut self) -> Option<Ended> {
        let day = |number: Option<i32>| number.and_then(|number| Day::from_number(i64::from(number)));
        let part = |[num, den]: &mut [flat::Column<'a, i128>; 2]| Some((num.next()?, den.next()?));
        let (num, den) = part(&mut self.amount).filter(|(_, den)| *den != 0)?;
        let (quantity, over) = part(&mut self.quantity)?;
        let snapshot = Snapshot {
            from: day(self.from.next())?,
            to: day(self.to.next())?,
            position: self.position.next()?,
            amount: Exact::ratio(num, den),
            quantity: (over != 0).then(|| Exact::ratio(quantity, over)),
        };
        Some(Ended { snapshot, life: self.lives.next()? })
    }
}

pub struct LifeRows<'a> {
    replaced_by: flat::Lists<'a, Position>,
    retracted_by: flat::Lists<'a, Position>,
}

impl<'a> LifeRows<'a> {
    pub fn read(reader: &mut Reader<'a>) -> Option<LifeRows<'a>> {
        Some(LifeRows { replaced_by: reader.lists()?, retracted_by: reader.lists()? })
    }

    pub fn next(&mut self) -> Option<Life> {
        Some(Life { replaced_by: self.replaced_by.next()?, retracted_by: self.retracted_by.next()? })
    }
}
