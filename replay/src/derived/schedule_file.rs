//! The file of the schedule: wake-ups, running totals and sums that the last close left for the next one. The log does not have
//! them. Without the file, the next close evaluates everything.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use ledger::date::{Day, Month};
use ledger::exact::Exact;
use ledger::id::{AccountId, ComponentId, PayeeId, PlanId};
use plans::entitlement::WakeUpKey;
use plans::incremental::carry_forward::{ByMonth, Total};
use projections::encoding::{Decoder, Encoder, name};
use projections::position::Position;

use crate::derived::rejected::RejectedReason;
use crate::derived::sealing::{self, SealKey, Sealed, all_bytes};
use crate::engine::ENGINE;
use crate::evaluation::schedule::{CarryForward, CarryForwardByPayee, PayeeCarryForward, WakeUps};

/// The id of the book, and the root of the log after the close. They tell which close a file belongs to.
pub(crate) type CloseMark = ([u8; 16], [u8; 32]);

const MAGIC: [u8; 8] = *b"\xFFcoming\n";
/// Raise this with every change of the schedule, or of how it is written.
const FORMAT: u32 = 4;
const VERSION: &str = env!("CARGO_PKG_VERSION");
pub(crate) const NAME: &str = "coming.schedule";

pub(crate) fn path_in(folder: &Path) -> PathBuf {
    folder.join(NAME)
}

/// Writes the file, and replaces an older one.
pub(crate) fn write(schedule: &CarryForward, folder: &Path, mark: CloseMark, key: SealKey) -> io::Result<()> {
    let Some(after) = schedule.after else { return Ok(()) };
    let mut bytes = Vec::new();
    let mut sink = |part: &[u8]| bytes.extend_from_slice(part);
    let mut out = Encoder::new(&mut sink);
    out.part(&MAGIC);
    out.one(FORMAT);
    out.one(ENGINE);
    out.bytes(VERSION.as_bytes());
    out.one(mark.0);
    out.one(mark.1);
    out.one(after);
    out.texts(schedule.carried.keys().map(PayeeId::as_str));
    out.column(schedule.carried.values().map(|carried| carried.wake_ups.len() as u32));
    let wake_ups = || schedule.carried.values().flat_map(|carried| &carried.wake_ups);
    out.texts(wake_ups().map(|(of, _)| of.plan.as_str()));
    out.texts(wake_ups().map(|(of, _)| of.component.as_str()));
    out.texts(wake_ups().map(|(of, _)| of.account.as_ref().map_or("", AccountId::as_str)));
    out.column(wake_ups().map(|(of, _)| of.month.number()));
    out.column(wake_ups().map(|(_, day)| day.number()));
    let totals = rows(&schedule.carried, |carried| &carried.totals, |total| &total.value);
    write_rows(&totals, &mut out);
    out.column(totals.iter().map(|row| row.of.4.left_minor));
    write_rows(&rows(&schedule.carried, |carried| &carried.sums, |sum| sum), &mut out);
    out.finish();
    let digest = *key.hash(&bytes).as_bytes();
    bytes.extend_from_slice(&digest);
    sealing::make_folder(folder)?;
    sealing::replace(&path_in(folder), |file| file.write_all(&bytes))
}

/// Reads the file; `None` if there is none. `mark` returns the book and root that belong to the close at a position.
pub(crate) fn read(
    folder: &Path,
    key: SealKey,
    mark: impl FnOnce(Position) -> Option<CloseMark>,
) -> Option<Result<CarryForward, RejectedReason>> {
    let bytes = match all_bytes(&path_in(folder)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => return Some(Err(RejectedReason::Unreadable(error.to_string()))),
    };
    Some(parse(&bytes, key, mark))
}

/// Compares the whole file with its digest, and then reads it.
fn parse(
    bytes: &[u8],
    key: SealKey,
    mark: impl FnOnce(Position) -> Option<CloseMark>,
) -> Result<CarryForward, RejectedReason> {
    let mut reader = Decoder::new(content(bytes, key)?);
    if reader.one() != Some(MAGIC) {
        return Err(RejectedReason::Damaged);
    }
    let same = reader.one() == Some(FORMAT) && reader.one() == Some(ENGINE);
    if !same || reader.bytes() != Some(VERSION.as_bytes()) {
        return Err(RejectedReason::OtherVersion);
    }
    let (book, root, after) = marked(&mut reader).ok_or(RejectedReason::Damaged)?;
    match mark(after) {
        Some((known, _)) if known != book => Err(RejectedReason::OtherBook),
        Some((_, known)) if known == root => {
            let carried =
                read_carried(&mut reader).filter(|_| reader.end().is_some()).ok_or(RejectedReason::Damaged)?;
            Ok(CarryForward { after: Some(after), carried })
        }
        Some(_) | None => Err(RejectedReason::OtherHistory),
    }
}

/// The bytes before the digest. Fails if the digest is wrong.
fn content(bytes: &[u8], key: SealKey) -> Result<&[u8], RejectedReason> {
    let (content, digest) = bytes.split_last_chunk::<32>().ok_or(RejectedReason::Damaged)?;
    if key.hash(content) == blake3::Hash::from_bytes(*digest) { Ok(content) } else { Err(RejectedReason::Damaged) }
}

/// Checks the seal of a file, and returns the size and root that it belongs to.
pub(crate) fn sealed(path: &Path, key: SealKey) -> Result<Sealed, RejectedReason> {
    let bytes = all_bytes(path).map_err(|error| RejectedReason::Unreadable(error.to_string()))?;
    let mut reader = Decoder::new(content(&bytes, key)?);
    let format = (reader.one(), reader.one(), reader.one());
    let is_current = format == (Some(MAGIC), Some(FORMAT), Some(ENGINE)) && reader.bytes() == Some(VERSION.as_bytes());
    let of = if is_current { marked(&mut reader).map(|(_, root, after)| (u64::from(after) + 1, root)) } else { None };
    Ok(Sealed { is_current, of })
}

fn marked(reader: &mut Decoder<'_>) -> Option<([u8; 16], [u8; 32], Position)> {
    Some((reader.one()?, reader.one()?, reader.one()?))
}

fn read_carried(reader: &mut Decoder<'_>) -> Option<CarryForwardByPayee> {
    let mut all = read_wake_ups(reader)?;
    let totals = read_rows(reader)?;
    let mut left_minor = reader.column()?;
    for (payee, plan, component, month, value) in totals {
        let total = Total { value, left_minor: left_minor.next()? };
        all.entry(payee).or_default().totals.months_mut(&plan, &component).insert(month, total);
    }
    for (payee, plan, component, month, sum) in read_rows(reader)? {
        all.entry(payee).or_default().sums.months_mut(&plan, &component).insert(month, sum);
    }
    Some(all)
}

fn read_wake_ups(reader: &mut Decoder<'_>) -> Option<CarryForwardByPayee> {
    let (mut payees, mut counts) = (reader.texts()?, reader.column::<u32>()?);
    let (mut plans, mut components, mut accounts) = (reader.texts()?, reader.texts()?, reader.texts()?);
    let (mut months, mut days) = (reader.column::<i32>()?, reader.column::<i32>()?);
    let mut all = CarryForwardByPayee::new();
    for _ in 0..payees.len() {
        let payee = PayeeId::new(payees.next()?)?;
        let mut wake_ups = WakeUps::new();
        for _ in 0..counts.next()? {
            let (plan, component) = (PlanId::new(plans.next()?)?, ComponentId::new(components.next()?)?);
            let day = Day::from_number(i64::from(days.next()?))?;
            let account = name(accounts.next()?)?.map(AccountId);
            wake_ups.insert(WakeUpKey { plan, component, month: Month::from_number(months.next()?), account }, day);
        }
        all.insert(payee, PayeeCarryForward { wake_ups, ..PayeeCarryForward::default() });
    }
    Some(all)
}

/// The value of a payee's month, as a fraction.
struct CarriedRow<'l, T> {
    payee: &'l PayeeId,
    of: (&'l PlanId, &'l ComponentId, Day, Month, &'l T),
    fraction: (i128, i128),
}

/// The values that are fractions of 128-bit integers. The next close computes the others again.
fn rows<'l, T>(
    all: &'l CarryForwardByPayee,
    of: impl Fn(&'l PayeeCarryForward) -> &'l ByMonth<T>,
    value: impl Fn(&'l T) -> &'l Exact,
) -> Vec<CarriedRow<'l, T>> {
    let all = all.iter().flat_map(|(payee, carried)| of(carried).all().map(move |one| (payee, one)));
    all.filter_map(|(payee, of)| Some(CarriedRow { payee, of, fraction: value(of.4).fraction()? })).collect()
}

fn write_rows<T>(rows: &[CarriedRow<'_, T>], out: &mut Encoder<'_>) {
    out.texts(rows.iter().map(|row| row.payee.as_str()));
    out.texts(rows.iter().map(|row| row.of.0.as_str()));
    out.texts(rows.iter().map(|row| row.of.1.as_str()));
    out.column(rows.iter().map(|row| row.of.2.number()));
    out.column(rows.iter().map(|row| row.of.3.number()));
    out.column(rows.iter().map(|row| row.fraction.0));
    out.column(rows.iter().map(|row| row.fraction.1));
}

type ReadRow = (PayeeId, PlanId, ComponentId, (Day, Month), Exact);

fn read_rows(reader: &mut Decoder<'_>) -> Option<Vec<ReadRow>> {
    let (mut payees, mut plans, mut components) = (reader.texts()?, reader.texts()?, reader.texts()?);
    let (mut firsts, mut months) = (reader.column::<i32>()?, reader.column::<i32>()?);
    let (mut nums, mut dens) = (reader.column()?, reader.column()?);
    let count = payees.len();
    let mut next = || {
        let payee = PayeeId::new(payees.next()?)?;
        let (plan, component) = (PlanId::new(plans.next()?)?, ComponentId::new(components.next()?)?);
        let first = Day::from_number(i64::from(firsts.next()?))?;
        let month = Month::from_number(months.next()?);
        let (num, den) = (nums.next()?, dens.next().filter(|den| *den > 0)?);
        Some((payee, plan, component, (first, month), Exact::ratio(num, den)))
    };
    (0..count).map(|_| next()).collect()
}

#[cfg(test)]
mod tests {
    use plans::incremental::carry_forward::{RunningTotals, Sums};

    use super::*;

    fn schedule() -> CarryForward {
        let day = |text: &str| Day::parse(text).expect("a date");
        let key = |component: &str, month: &str, account: Option<&str>| WakeUpKey {
            plan: PlanId::new("land").expect("a name"),
            component: ComponentId::new(component).expect("a name"),
            month: Month::parse(month).expect("a month"),
            account: account.map(|text| AccountId::new(text).expect("a name")),
        };
        let ana = [
            (key("logo", "2027-01", Some("acme")), day("2027-04-01")),
            (key("logo", "2027-01", Some("bolt")), day("2027-05-02")),
        ];
        let bea = [(key("use", "2027-01", None), day("2028-01-01"))];
        let name = |text| PayeeId::new(text).expect("a name");
        let mut totals = RunningTotals::default();
        let total = Total { value: Exact::ratio(-7, 3), left_minor: 1 << 70 };
        let WakeUpKey { plan, component, month, .. } = key("logo", "2027-02", None);
        totals.months_mut(&plan, &component).insert((day("2027-01-15"), month), total);
        let mut sums = Sums::default();
        sums.months_mut(&plan, &component).insert((day("2027-01-15"), month), Exact::ratio(5, 7));
        let ana = PayeeCarryForward { wake_ups: ana.into(), totals, sums: Sums::default() };
        let bea = PayeeCarryForward { wake_ups: bea.into(), totals: RunningTotals::default(), sums };
        CarryForward { after: Some(17), carried: [(name("ana"), ana), (name("bea"), bea)].into() }
    }

    #[test]
    fn what_was_written_comes_back_and_nothing_else_does() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (mark, schedule) = (([1; 16], [2; 32]), schedule());
        let secret = ledger::keyring::BookSecret { book: [1; 16], secret: [3; 32] };
        let key = sealing::Seals::of(&secret).schedule;
        assert!(read(folder.path(), key, |_| Some(mark)).is_none());
        write(&schedule, folder.path(), mark, key).expect("written");
        let read = |mark| read(folder.path(), key, |after| (after == 17).then_some(mark)).expect("a file");
        assert_eq!(read(mark), Ok(schedule));
        assert_eq!(read(([9; 16], mark.1)), Err(RejectedReason::OtherBook));
        assert_eq!(read((mark.0, [9; 32])), Err(RejectedReason::OtherHistory));
        let path = path_in(folder.path());
        let bytes = std::fs::read(&path).expect("bytes");
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            std::fs::write(&path, &changed).expect("written");
            assert_eq!(read(mark), Err(RejectedReason::Damaged), "byte {at}");
            // With the digest that anybody can compute, too.
            let content = &changed[..changed.len() - 32];
            std::fs::write(&path, [content, blake3::hash(content).as_bytes()].concat()).expect("written");
            assert_eq!(read(mark), Err(RejectedReason::Damaged), "byte {at}");
            std::fs::write(&path, &bytes[..at]).expect("written");
            assert_eq!(read(mark), Err(RejectedReason::Damaged), "{at} bytes");
        }
    }
}
