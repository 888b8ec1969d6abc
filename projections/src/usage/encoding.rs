//! Usage runs as flat bytes: each column of all runs is one column, so that runs come back by copying.

use ledger::date::Day;
use ledger::exact::Exact;
use ledger::id::Name;

use super::prefix_sums::PrefixSums;
use super::{EndedUsage, KnownSnapshot, Quantities, UsageRun};
use crate::encoding::{self, Decoder, Encoder};
use crate::position::Position;
use crate::validity::Validity;

/// The runs that `runs` gives, in its order.
pub fn write<'r>(runs: impl Iterator<Item = &'r UsageRun> + Clone, out: &mut Encoder<'_>) {
    out.texts(runs.clone().map(|run| run.meter.as_ref().map_or("", Name::as_str)));
    out.column(runs.clone().map(|run| run.has_negative));
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

fn columns<'c>(columns: impl Iterator<Item = &'c PrefixSums> + Clone, out: &mut Encoder<'_>) {
    out.column(columns.clone().map(|column| column.scale));
    out.column(columns.clone().map(|column| column.is_wide));
    out.slices(columns.clone().map(|column| column.narrow.as_slice()));
    out.slices(columns.map(|column| column.wide.as_slice()));
}

fn ended<'e>(ended: impl Iterator<Item = &'e EndedUsage> + Clone, out: &mut Encoder<'_>) {
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
    validities(ended.map(|ended| &ended.validity), out);
}

pub fn validities<'l>(validities: impl Iterator<Item = &'l Validity> + Clone, out: &mut Encoder<'_>) {
    out.lists(validities.clone().map(|validity| validity.replaced_by.as_slice()));
    out.lists(validities.map(|validity| validity.retracted_by.as_slice()));
}

pub fn read(reader: &mut Decoder<'_>) -> Option<Vec<UsageRun>> {
    let (mut meters, mut negative) = (reader.texts()?, reader.column::<bool>()?);
    let mut counts = reader.column::<u32>()?;
    let (mut starts, mut lengths) = (reader.column::<i32>()?, reader.column::<u16>()?);
    let mut positions = reader.column::<Position>()?;
    let mut amounts = PrefixSumsDecoder::read(reader)?;
    let (mut has_quantities, mut present) = (reader.column::<bool>()?, reader.column::<bool>()?);
    let mut quantities = PrefixSumsDecoder::read(reader)?;
    let (mut ended_counts, mut ended) = (reader.column::<u32>()?, EndedUsageDecoder::read(reader)?);
    let mut runs = Vec::with_capacity(counts.len());
    while let Some(count) = counts.next() {
        let count = count as usize;
        let positions = positions.many(count)?;
        let mut run = UsageRun {
            latest: positions.iter().copied().max().unwrap_or_default(),
            meter: encoding::name(meters.next()?)?,
            has_negative: negative.next()?,
            starts: starts.many(count)?,
            lengths: lengths.many(count)?,
            positions,
            amounts: amounts.next(count)?,
            quantities: if has_quantities.next()? {
                Some(Quantities { present: present.many(count)?, column: quantities.next(count)? })
            } else {
                None
            },
            ..UsageRun::default()
        };
        run.find_put_before();
        run.find_span();
        for _ in 0..ended_counts.next()? {
            run.set_aside(ended.next()?);
        }
        runs.push(run);
    }
    Some(runs)
}

struct PrefixSumsDecoder<'a> {
    scales: encoding::ColumnDecoder<'a, u32>,
    wides: encoding::ColumnDecoder<'a, bool>,
    narrow: encoding::ColumnDecoder<'a, i64>,
    wide: encoding::ColumnDecoder<'a, i128>,
}

impl<'a> PrefixSumsDecoder<'a> {
    fn read(reader: &mut Decoder<'a>) -> Option<PrefixSumsDecoder<'a>> {
        Some(PrefixSumsDecoder {
            scales: reader.column()?,
            wides: reader.column()?,
            narrow: reader.column()?,
            wide: reader.column()?,
        })
    }

    fn next(&mut self, count: usize) -> Option<PrefixSums> {
        let (scale, is_wide) = (self.scales.next()?, self.wides.next()?);
        let (narrow, wide) = if is_wide { (0, count) } else { (count, 0) };
        Some(PrefixSums { scale, is_wide, narrow: self.narrow.many(narrow)?, wide: self.wide.many(wide)? })
    }
}

struct EndedUsageDecoder<'a> {
    from: encoding::ColumnDecoder<'a, i32>,
    to: encoding::ColumnDecoder<'a, i32>,
    position: encoding::ColumnDecoder<'a, Position>,
    amount: [encoding::ColumnDecoder<'a, i128>; 2],
    quantity: [encoding::ColumnDecoder<'a, i128>; 2],
    validities: ValidityDecoder<'a>,
}

impl<'a> EndedUsageDecoder<'a> {
    fn read(reader: &mut Decoder<'a>) -> Option<EndedUsageDecoder<'a>> {
        Some(EndedUsageDecoder {
            from: reader.column()?,
            to: reader.column()?,
            position: reader.column()?,
            amount: [reader.column()?, reader.column()?],
            quantity: [reader.column()?, reader.column()?],
            validities: ValidityDecoder::read(reader)?,
        })
    }

    fn next(&mut self) -> Option<EndedUsage> {
        let day = |number: Option<i32>| number.and_then(|number| Day::from_number(i64::from(number)));
        let part = |[num, den]: &mut [encoding::ColumnDecoder<'a, i128>; 2]| Some((num.next()?, den.next()?));
        let (num, den) = part(&mut self.amount).filter(|(_, den)| *den != 0)?;
        let (quantity, over) = part(&mut self.quantity)?;
        let snapshot = KnownSnapshot {
            from: day(self.from.next())?,
            to: day(self.to.next())?,
            position: self.position.next()?,
            amount: Exact::ratio(num, den),
            quantity: (over != 0).then(|| Exact::ratio(quantity, over)),
        };
        Some(EndedUsage { snapshot, validity: self.validities.next()? })
    }
}

pub struct ValidityDecoder<'a> {
    replaced_by: encoding::ListDecoder<'a, Position>,
    retracted_by: encoding::ListDecoder<'a, Position>,
}

impl<'a> ValidityDecoder<'a> {
    pub fn read(reader: &mut Decoder<'a>) -> Option<ValidityDecoder<'a>> {
        Some(ValidityDecoder { replaced_by: reader.lists()?, retracted_by: reader.lists()? })
    }

    pub fn next(&mut self) -> Option<Validity> {
        Some(Validity { replaced_by: self.replaced_by.next()?, retracted_by: self.retracted_by.next()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::usage::UsageColumn;
    use crate::validity::Visibility;
    use ledger::field::Amount;
    use proptest::prelude::*;
    use rust_decimal::Decimal;

    fn day(number: i32) -> Day {
        Day::from_number(20_000 + i64::from(number)).expect("a day")
    }

    fn written(runs: &[UsageRun]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut sink = |part: &[u8]| bytes.extend_from_slice(part);
        let mut writer = Encoder::new(&mut sink);
        write(runs.iter(), &mut writer);
        writer.finish();
        bytes
    }

    /// A run of snapshots of one to four days, wide and narrow amounts, some with quantities, some ended.
    fn run(snapshots: &[(i32, i64, u32, bool, bool)], meter: bool, wide: bool) -> UsageRun {
        let mut run = UsageRun::new(Name::new("m").filter(|_| meter));
        let mut from = 0;
        for (position, (days, mantissa, scale, has_quantity, ends)) in snapshots.iter().enumerate() {
            let mantissa = i128::from(*mantissa) * if wide { 1_000_000_007 } else { 1 };
            let amount = Amount(Decimal::from_i128_with_scale(mantissa, *scale).normalize());
            let position = position as Position;
            run.insert(day(from), day(from + days - 1), amount, has_quantity.then_some(amount), position);
            if *ends {
                let validity = run.end_at(position);
                validity.replaced_by.push(position + 100);
                validity.retracted_by.extend((position + 200..).take(*days as usize - 1));
            } else {
                from += days;
            }
        }
        run
    }

    proptest! {
        #[test]
        fn runs_come_back_as_they_were(
            all in proptest::collection::vec((proptest::collection::vec((1i32..5, any::<i64>(), 0u32..6, any::<bool>(), any::<bool>()), 0..20), any::<bool>(), any::<bool>()), 0..5),
            from in 0i32..40, days in 1i32..40
        ) {
            let runs: Vec<UsageRun> = all.iter().map(|(snapshots, meter, wide)| run(snapshots, *meter, *wide)).collect();
            let bytes = written(&runs);
            let mut reader = Decoder::new(&bytes);
            let again = read(&mut reader).expect("what was written can be read");
            prop_assert_eq!(reader.end(), Some(()));
            prop_assert_eq!(written(&again), bytes.clone());
            let (from, to) = (day(from), day(from + days - 1));
            for (one, other) in runs.iter().zip(&again) {
                for reading in [UsageColumn::Amount, UsageColumn::Quantity] {
                    let sum = |run: &UsageRun| run.sum(from, to, reading, Visibility::below(50), |position| position % 2 == 0);
                    prop_assert_eq!(sum(one), sum(other));
                }
                prop_assert_eq!((one.first_day(), one.last_day()), (other.first_day(), other.last_day()));
                let since = |run: &UsageRun| {
                    let mut found: Vec<_> = run.new_since(3, to).collect();
                    found.sort();
                    found
                };
                prop_assert_eq!(since(one), since(other));
                let ended = |run: &UsageRun| run.ended().map(|ended| (ended.snapshot.clone(), ended.validity.replaced_by.clone())).collect::<Vec<_>>();
                prop_assert_eq!(ended(one), ended(other));
            }
            for end in 0..bytes.len() {
                let mut reader = Decoder::new(&bytes[..end]);
                prop_assert!(read(&mut reader).is_none(), "cut at {}", end);
            }
        }
    }
}
