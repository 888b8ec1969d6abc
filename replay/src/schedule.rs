//! What a close leaves for the next one: which items come up by the passing of time although nothing new reaches them, and
//! the running totals of performance periods that go on. Kept beside the log in a file of its own, for nothing of it is in the
//! log: without it, everything is worked out.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use ledger::date::{Day, Month};
use ledger::exact::Exact;
use ledger::id::{AccountId, ComponentId, PayeeId, PlanId};
use plans::carried::{Total, Totals};
use plans::entitlement::Waiting;
use projections::flat::{Reader, Writer, name};
use projections::life::Position;

use crate::close::ENGINE;
use crate::snapshot::Why;

/// Items of which something comes up, by payee, and the earliest day.
pub type AllWaiting = BTreeMap<PayeeId, Coming>;
pub type Coming = BTreeMap<Waiting, Day>;
/// Running totals, by payee.
pub type Carried = BTreeMap<PayeeId, Totals>;

/// What the last close left for the next one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schedule {
    /// The `period-close` entry of that close; without it, nothing is known.
    pub after: Option<Position>,
    pub waiting: AllWaiting,
    pub totals: Carried,
}

/// The book and the log's root behind the close, which the file must be of.
pub(crate) type Mark = ([u8; 16], [u8; 32]);

const MAGIC: [u8; 8] = *b"\xFFcoming\n";
/// To be raised with every change of what comes up, or of how it is written.
const FORMAT: u32 = 3;
const VERSION: &str = env!("CARGO_PKG_VERSION");
const NAME: &str = "coming.schedule";

pub(crate) fn path_in(folder: &Path) -> PathBuf {
    folder.join(NAME)
}

impl Schedule {
    /// Something that waits and that this would miss, or come to too late.
    pub(crate) fn missed(&self, waiting: &AllWaiting) -> Option<String> {
        let mut all = waiting.iter().flat_map(|(payee, coming)| coming.iter().map(move |one| (payee, one)));
        let known = |payee, item| self.waiting.get(payee)?.get(item);
        let missed = all.find(|(payee, (item, day))| known(*payee, *item).is_none_or(|known| known > *day));
        missed.map(|(payee, (Waiting { plan, component, month, account }, day))| {
            let account = account.as_ref().map_or("any account", AccountId::as_str);
            format!("{payee} {plan}/{component} {month} of {account} on {day}")
        })
    }

    /// A running total that is not what working out everything comes to.
    pub(crate) fn miscarried(&self, carried: &Carried) -> Option<String> {
        let mut all = carried.iter().flat_map(|(payee, totals)| totals.all().map(move |one| (payee, one)));
        let known = |payee, plan: &PlanId, component, first, month| {
            self.totals.get(payee)?.months(plan.as_str(), component)?.get(&(first, month))
        };
        let wrong = all.find(|(payee, (plan, component, first, month, total))| {
            known(*payee, plan, component, *first, *month).is_some_and(|known| known != *total)
        });
        wrong.map(|(payee, (plan, component, first, month, total))| {
            let known = known(payee, plan, component, first, month);
            format!("{payee} {plan}/{component} since {first} by {month}: {total:?} against {known:?}")
        })
    }

    /// Writes it beside, and puts it in its place.
    pub(crate) fn write(&self, folder: &Path, mark: Mark) -> io::Result<()> {
        let Some(after) = self.after else { return Ok(()) };
        let mut bytes = Vec::new();
        let mut sink = |part: &[u8]| bytes.extend_from_slice(part);
        let mut out = Writer::new(&mut sink);
        out.part(&MAGIC);
        out.one(FORMAT);
        out.one(ENGINE);
        out.bytes(VERSION.as_bytes());
        out.one(mark.0);
        out.one(mark.1);
        out.one(after);
        out.texts(self.waiting.keys().map(PayeeId::as_str));
        out.column(self.waiting.values().map(|coming| coming.len() as u32));
        let coming = || self.waiting.values().flatten();
        out.texts(coming().map(|(of, _)| of.plan.as_str()));
        out.texts(coming().map(|(of, _)| of.component.as_str()));
        out.texts(coming().map(|(of, _)| of.account.as_ref().map_or("", AccountId::as_str)));
        out.column(coming().map(|(of, _)| of.month.number()));
        out.column(coming().map(|(_, day)| day.number()));
        write_totals(&self.totals, &mut out);
        out.finish();
        let digest = *blake3::hash(&bytes).as_bytes();
        bytes.extend_from_slice(&digest);
        std::fs::create_dir_all(folder)?;
        let unfinished = path_in(folder).with_extension("unfinished");
        File::create(&unfinished)?.write_all(&bytes)?;
        std::fs::rename(&unfinished, path_in(folder))
    }

    /// `None` where there is none. `mark` says what the file of a close must be of.
    pub(crate) fn read(folder: &Path, mark: impl FnOnce(Position) -> Option<Mark>) -> Option<Result<Schedule, Why>> {
        let bytes = match std::fs::read(path_in(folder)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => return Some(Err(Why::Io(error.to_string()))),
        };
        Some(parse(&bytes, mark))
    }
}

/// Reads nothing before all of it was compared with its digest.
fn parse(bytes: &[u8], mark: impl FnOnce(Position) -> Option<Mark>) -> Result<Schedule, Why> {
    let (content, digest) = bytes.split_last_chunk::<32>().ok_or(Why::Damaged)?;
    if blake3::hash(content).as_bytes() != digest {
        return Err(Why::Damaged);
    }
    let mut reader = Reader::new(content);
    if reader.one() != Some(MAGIC) {
        return Err(Why::Damaged);
    }
    let same = reader.one() == Some(FORMAT) && reader.one() == Some(ENGINE);
    if !same || reader.bytes() != Some(VERSION.as_bytes()) {
        return Err(Why::OtherVersion);
    }
    let (book, root, after) = marked(&mut reader).ok_or(Why::Damaged)?;
    match mark(after) {
        Some((known, _)) if known != book => Err(Why::OtherBook),
        Some((_, known)) if known == root => {
            let waiting = waiting(&mut reader).ok_or(Why::Damaged)?;
            let totals = read_totals(&mut reader).filter(|_| reader.end().is_some()).ok_or(Why::Damaged)?;
            Ok(Schedule { after: Some(after), waiting, totals })
        }
        Some(_) | None => Err(Why::OtherHistory),
    }
}

fn marked(reader: &mut Reader<'_>) -> Option<([u8; 16], [u8; 32], Position)> {
    Some((reader.one()?, reader.one()?, reader.one()?))
}

fn waiting(reader: &mut Reader<'_>) -> Option<AllWaiting> {
    let (mut payees, mut counts) = (reader.texts()?, reader.column::<u32>()?);
    let (mut plans, mut components, mut accounts) = (reader.texts()?, reader.texts()?, reader.texts()?);
    let (mut months, mut days) = (reader.column::<i32>()?, reader.column::<i32>()?);
    let mut waiting = AllWaiting::new();
    for _ in 0..payees.len() {
        let payee = PayeeId::new(payees.next()?)?;
        let mut coming = Coming::new();
        for _ in 0..counts.next()? {
            let (plan, component) = (PlanId::new(plans.next()?)?, ComponentId::new(components.next()?)?);
            let day = Day::from_number(i64::from(days.next()?))?;
            let account = name(accounts.next()?)?.map(AccountId);
            coming.insert(Waiting { plan, component, month: Month::from_number(months.next()?), account }, day);
        }
        waiting.insert(payee, coming);
    }
    Some(waiting)
}

/// Those that are fractions of 128 bits; what is left out is worked out from the beginning of its period.
fn write_totals(carried: &Carried, out: &mut Writer<'_>) {
    let all = carried.iter().flat_map(|(payee, totals)| totals.all().map(move |one| (payee, one)));
    let small = all.filter_map(|(payee, one)| Some((payee, one, one.4.value.fraction()?)));
    let rows: Vec<_> = small.collect();
    out.texts(rows.iter().map(|(payee, ..)| payee.as_str()));
    out.texts(rows.iter().map(|(_, (plan, ..), _)| plan.as_str()));
    out.texts(rows.iter().map(|(_, (_, component, ..), _)| component.as_str()));
    out.column(rows.iter().map(|(_, (_, _, first, ..), _)| first.number()));
    out.column(rows.iter().map(|(_, (_, _, _, month, _), _)| month.number()));
    out.column(rows.iter().map(|(_, _, (num, _))| *num));
    out.column(rows.iter().map(|(_, _, (_, den))| *den));
    out.column(rows.iter().map(|(_, (.., total), _)| total.left_minor));
}

fn read_totals(reader: &mut Reader<'_>) -> Option<Carried> {
    let (mut payees, mut plans, mut components) = (reader.texts()?, reader.texts()?, reader.texts()?);
    let (mut firsts, mut months) = (reader.column::<i32>()?, reader.column::<i32>()?);
    let (mut nums, mut dens, mut left) = (reader.column()?, reader.column()?, reader.column()?);
    let mut carried = Carried::new();
    for _ in 0..payees.len() {
        let payee = PayeeId::new(payees.next()?)?;
        let (plan, component) = (PlanId::new(plans.next()?)?, ComponentId::new(components.next()?)?);
        let first = Day::from_number(i64::from(firsts.next()?))?;
        let month = Month::from_number(months.next()?);
        let (num, den) = (nums.next()?, dens.next().filter(|den| *den > 0)?);
        let total = Total { value: Exact::ratio(num, den), left_minor: left.next()? };
        carried.entry(payee).or_default().months_mut(&plan, &component).insert((first, month), total);
    }
    Some(carried)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule() -> Schedule {
        let day = |text: &str| Day::parse(text).expect("a date");
        let key = |component: &str, month: &str, account: Option<&str>| Waiting {
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
        let mut totals = Totals::default();
        let total = Total { value: Exact::ratio(-7, 3), left_minor: 1 << 70 };
        let Waiting { plan, component, month, .. } = key("logo", "2027-02", None);
        totals.months_mut(&plan, &component).insert((day("2027-01-15"), month), total);
        Schedule {
            after: Some(17),
            waiting: [(name("ana"), ana.into()), (name("bea"), bea.into())].into(),
            totals: [(name("ana"), totals)].into_iter().collect(),
        }
    }

    #[test]
    fn what_was_written_comes_back_and_nothing_else_does() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (mark, schedule) = (([1; 16], [2; 32]), schedule());
        assert!(Schedule::read(folder.path(), |_| Some(mark)).is_none());
        schedule.write(folder.path(), mark).expect("written");
        let read = |mark| Schedule::read(folder.path(), |after| (after == 17).then_some(mark)).expect("a file");
        assert_eq!(read(mark), Ok(schedule));
        assert_eq!(read(([9; 16], mark.1)), Err(Why::OtherBook));
        assert_eq!(read((mark.0, [9; 32])), Err(Why::OtherHistory));
        let path = path_in(folder.path());
        let bytes = std::fs::read(&path).expect("bytes");
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            std::fs::write(&path, &changed).expect("written");
            assert_eq!(read(mark), Err(Why::Damaged), "byte {at}");
            std::fs::write(&path, &bytes[..at]).expect("written");
            assert_eq!(read(mark), Err(Why::Damaged), "{at} bytes");
        }
    }
}
