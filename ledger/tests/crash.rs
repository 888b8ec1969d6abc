//! The disk as an adversary: every write and sync can be the last, and whatever was not synced may be there, missing or torn.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use ledger::frame::{BLOCK_BYTES, ENTRY_BYTES_MAX};
use ledger::head::HEAD_BYTES;
use ledger::log::{Log, LogError};
use ledger::store::{Image, Memory, Store, StoreError};

/// All files by number: segments, and the head as one more.
type Files = BTreeMap<u64, Vec<u8>>;

const HEAD: u64 = u64::MAX;

/// A store that remembers what is synced beside what is written, and fails when its script says so.
#[derive(Clone, Default)]
struct Disk {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    written: Files,
    synced: Files,
    /// What was done to each segment since it was synced: a power cut may keep any of it.
    unsynced: Vec<(u64, FieldChange)>,
    torn: BTreeMap<String, Vec<u8>>,
    changes: usize,
    fails: Fails,
}

#[derive(Clone)]
enum FieldChange {
    Write { at: usize, bytes: Vec<u8> },
    Cut { length: usize },
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Fails {
    #[default]
    Never,
    /// This change fails, and those after it succeed again.
    Once(usize),
    /// The machine stops at this change.
    From(usize),
}

impl Disk {
    fn failing(fails: Fails) -> Disk {
        let disk = Disk::default();
        disk.state().fails = fails;
        disk
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Counts a change, and says whether it fails.
    fn change(&self) -> Result<(), StoreError> {
        let mut state = self.state();
        let number = state.changes;
        state.changes += 1;
        let fails = match state.fails {
            Fails::Never => false,
            Fails::Once(at) => number == at,
            Fails::From(at) => number >= at,
        };
        if !fails {
            return Ok(());
        }
        let source = io::Error::other("the disk failed");
        Err(StoreError::Io { doing: "writing", place: "disk".into(), source })
    }

    fn write(&self, segment: u64, at: u64, bytes: &[u8]) -> Result<(), StoreError> {
        let failed = self.change();
        let mut state = self.state();
        let held = state.written.entry(segment).or_default();
        assert_eq!(held.len() as u64, at);
        // A write that fails has often written something.
        let written = if failed.is_ok() { bytes.len() } else { bytes.len() / 3 };
        if state_goes_on(&state, failed.is_ok()) {
            let bytes = bytes[..written].to_vec();
            state.written.get_mut(&segment).unwrap().extend_from_slice(&bytes);
            state.unsynced.push((segment, FieldChange::Write { at: at as usize, bytes }));
        }
        failed
    }
}

/// After the machine stopped, nothing more is written; the change at which it stopped is half done.
fn state_goes_on(state: &State, succeeded: bool) -> bool {
    match state.fails {
        Fails::From(at) => succeeded || state.changes == at + 1,
        Fails::Never | Fails::Once(_) => true,
    }
}

impl Store for Disk {
    fn book(&self) -> String {
        "disk".into()
    }

    fn place(&self, segment: u64) -> String {
        format!("disk/{segment}")
    }

    fn segment_bytes(&self) -> u64 {
        3000
    }

    fn lock(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    fn segments(&self) -> Result<Vec<u64>, StoreError> {
        Ok(self.state().written.keys().copied().filter(|file| *file != HEAD).collect())
    }

    fn length(&self, segment: u64) -> Result<u64, StoreError> {
        Ok(self.state().written[&segment].len() as u64)
    }

    fn read(&self, segment: u64, at: u64, into: &mut [u8]) -> Result<usize, StoreError> {
        let state = self.state();
        let from = state.written[&segment].get(at as usize..).unwrap_or_default();
        let read = from.len().min(into.len());
        into[..read].copy_from_slice(&from[..read]);
        Ok(read)
    }

    fn create(&mut self, segment: u64, header: &[u8]) -> Result<(), StoreError> {
        self.write(segment, 0, header)
    }

    fn append(&mut self, segment: u64, at: u64, frame: &[u8]) -> Result<(), StoreError> {
        self.write(segment, at, frame)
    }

    fn cut(&mut self, segment: u64, length: u64) -> Result<(), StoreError> {
        self.change()?;
        let mut state = self.state();
        let length = length as usize;
        state.written.get_mut(&segment).unwrap().truncate(length);
        state.unsynced.push((segment, FieldChange::Cut { length }));
        Ok(())
    }

    fn sync(&mut self, segment: u64) -> Result<(), StoreError> {
        self.change()?;
        let mut state = self.state();
        let bytes = state.written[&segment].clone();
        state.synced.insert(segment, bytes);
        state.unsynced.retain(|(changed, _)| *changed != segment);
        Ok(())
    }

    fn head(&self) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.state().written.get(&HEAD).cloned())
    }

    fn head_place(&self) -> String {
        "disk/head".into()
    }

    fn create_head(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        if let Some(old) = self.state().written.get_mut(&HEAD) {
            old.clear();
        }
        self.write(HEAD, 0, bytes)?;
        self.sync(HEAD)
    }

    fn write_head(&mut self, at: u64, slot: &[u8]) -> Result<(), StoreError> {
        let failed = self.change();
        let mut state = self.state();
        if state_goes_on(&state, failed.is_ok()) {
            let written = if failed.is_ok() { slot.len() } else { slot.len() / 3 };
            let (at, bytes) = (at as usize, slot[..written].to_vec());
            state.written.get_mut(&HEAD).unwrap()[at..at + written].copy_from_slice(&bytes);
            state.unsynced.push((HEAD, FieldChange::Write { at, bytes }));
        }
        drop(state);
        failed?;
        self.sync(HEAD)
    }

    /// Kept as a file of its own would be, with a sync; what is kept is not a part of the images.
    fn keep_torn(&mut self, segment: u64, from: u64, name: &str) -> Result<String, StoreError> {
        self.change()?;
        let mut state = self.state();
        let bytes = state.written[&segment][from as usize..].to_vec();
        state.torn.insert(name.to_owned(), bytes);
        Ok(format!("disk/torn/{name}"))
    }

    fn put_torn_back(&mut self, segment: u64, at: u64, name: &str) -> Result<(), StoreError> {
        let bytes = self.state().torn.remove(name).unwrap();
        self.write(segment, at, &bytes)?;
        self.sync(segment)
    }
}

/// What a power cut may leave. Image 0 keeps nothing that was not synced, 1 keeps all. Every other even one keeps some whole
/// changes and not others; the odd ones tear: of each block the old bytes, the new ones or zeros, of the file any length.
fn image(state: &State, number: u64) -> Files {
    let mut dice = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    match number {
        0 => state.synced.clone(),
        1 => state.written.clone(),
        _ if number.is_multiple_of(2) => some_changes(state, &mut dice),
        _ => state
            .written
            .iter()
            .filter(|(segment, _)| state.synced.contains_key(segment) || roll(&mut dice, 4) > 0)
            .map(|(segment, new)| {
                let old = state.synced.get(segment).map_or(&[][..], |bytes| bytes);
                (*segment, torn(old, new, number, &mut roll_again(number)))
            })
            .collect(),
    }
}

fn some_changes(state: &State, dice: &mut u64) -> Files {
    let mut image = state.synced.clone();
    for (segment, change) in &state.unsynced {
        if roll(dice, 2) == 0 {
            continue;
        }
        let held = image.entry(*segment).or_default();
        match change {
            FieldChange::Cut { length } => held.truncate(*length),
            FieldChange::Write { at, bytes } => {
                held.resize(held.len().max(at + bytes.len()), 0);
                held[*at..at + bytes.len()].copy_from_slice(bytes);
            }
        }
    }
    image
}

fn roll_again(number: u64) -> u64 {
    number.wrapping_mul(0xD134_2543_DE82_EF95) | 1
}

fn torn(old: &[u8], new: &[u8], number: u64, dice: &mut u64) -> Vec<u8> {
    let (shorter, longer) = (old.len().min(new.len()), old.len().max(new.len()));
    let length = shorter + roll(dice, (longer - shorter) as u64 + 1) as usize;
    let keeps_order = number % 4 == 3;
    let block = [64, 512, 4096][number as usize % 3];
    let byte = |from: &[u8], at: usize| from.get(at).copied().unwrap_or(0);
    let mut bytes = Vec::with_capacity(length);
    for start in (0..length).step_by(block) {
        let choice = if keeps_order { 0 } else { roll(dice, 3) };
        for at in start..length.min(start + block) {
            let same = byte(old, at) == byte(new, at) && at < shorter;
            bytes.push(match choice {
                _ if same => byte(new, at),
                0 => byte(new, at),
                1 => byte(old, at),
                _ => 0,
            });
        }
    }
    bytes
}

/// xorshift64: the same dice on every run.
fn roll(dice: &mut u64, sides: u64) -> u64 {
    *dice ^= *dice << 13;
    *dice ^= *dice >> 7;
    *dice ^= *dice << 17;
    (*dice >> 11) % sides
}

fn entry(number: u64, bytes: usize) -> Vec<u8> {
    let mut entry: Vec<u8> = (0..bytes).map(|i| (i as u64 * 29 + number * 7) as u8).collect();
    entry[..8].copy_from_slice(&number.to_be_bytes());
    entry
}

/// The appends of the script, by the lengths of their entries in blocks; the third of them is dropped halfway.
fn script() -> Vec<Vec<usize>> {
    let long = ENTRY_BYTES_MAX / BLOCK_BYTES / 5;
    vec![
        vec![1],
        vec![3, 40, 2],
        vec![long, long, long],
        vec![long],
        vec![long, 1, long, long],
        vec![5],
        vec![30],
        vec![2, 2],
    ]
}

const DROPPED: usize = 2;

/// What was acknowledged when the disk failed, and what was on its way.
struct Played {
    acknowledged: Vec<Vec<u8>>,
    on_its_way: Vec<Vec<u8>>,
    stopped_by: Option<LogError>,
}

fn play(disk: &Disk) -> Played {
    let mut played = Played { acknowledged: Vec::new(), on_its_way: Vec::new(), stopped_by: None };
    let mut log = match Log::create(Box::new(disk.clone())) {
        Ok(log) => log,
        Err(error) => return Played { stopped_by: Some(error), ..played },
    };
    for (number, blocks) in script().into_iter().enumerate() {
        let first = played.acknowledged.len() as u64;
        let entries = blocks.iter().zip(first..).map(|(blocks, number)| entry(number, blocks * BLOCK_BYTES));
        played.on_its_way = entries.collect();
        match append(&mut log, &played.on_its_way, number == DROPPED) {
            Ok(()) if number == DROPPED => played.on_its_way.clear(),
            Ok(()) => played.acknowledged.append(&mut played.on_its_way),
            Err(error) => {
                assert!(matches!(log.begin(None), Err(LogError::Broken { .. })), "a failed writer must not go on");
                assert_eq!(log.size(), first, "what failed is not visible");
                return Played { stopped_by: Some(error), ..played };
            }
        }
    }
    played
}

fn append(log: &mut Log, entries: &[Vec<u8>], dropped: bool) -> Result<(), LogError> {
    let mut append = log.begin(None)?;
    for entry in entries {
        append.push(entry)?;
    }
    if !dropped {
        append.commit()?;
        return Ok(());
    }
    drop(append);
    // Cutting off may have failed; the next append says so.
    log.begin(None).map(drop)
}

fn entries_of(log: &Log) -> Vec<Vec<u8>> {
    let mut entries = Vec::new();
    let mut frames = log.frames(0);
    while let Some(frame) = frames.next().unwrap() {
        entries.extend(frame.entries().map(|(_, entry)| entry.to_vec()));
    }
    entries
}

/// After a crash the log holds the acknowledged entries and, at most, all of the append that was on its way.
fn assert_survives(image: Files, played: &Played, what: &str) {
    let memory = memory_of(image);
    // No size is remembered but by the head: it alone must tell what was acknowledged.
    let mut log = match Log::open(Box::new(memory.clone())) {
        Ok((log, opened)) => {
            assert!(opened.report.kept().is_none(), "{what}: opening changes nothing");
            log
        }
        // Only the very creation can leave nothing, and then it can be done again.
        Err(LogError::NothingThere { .. }) => {
            assert!(played.acknowledged.is_empty(), "{what}");
            Log::create(Box::new(memory.clone())).unwrap()
        }
        Err(error) => panic!("{what}: {error}"),
    };
    let found = entries_of(&log);
    let with_last = [&played.acknowledged[..], &played.on_its_way].concat();
    assert!(found == played.acknowledged || found == with_last, "{what}: {} entries", found.len());
    let reader = Log::open_read(Box::new(memory.clone())).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!((reader.size(), reader.root()), (log.size(), log.root()), "{what}");
    let mut append = log.begin(None).unwrap();
    append.push(&entry(77, BLOCK_BYTES)).unwrap();
    append.commit().unwrap();
    let size = log.size();
    drop(log);
    assert_eq!(Log::open(Box::new(memory)).unwrap().0.size(), size, "{what}");
}

fn memory_of(mut files: Files) -> Memory {
    let head = files.remove(&HEAD);
    assert!(head.as_ref().is_none_or(|head| head.len() <= HEAD_BYTES));
    Memory::of_image(Image { segments: files, head, torn: BTreeMap::new() }).with_segment_bytes(3000)
}

fn changes_of_the_script() -> usize {
    let disk = Disk::default();
    let played = play(&disk);
    assert!(played.stopped_by.is_none());
    assert_eq!(played.acknowledged.len(), script().iter().map(Vec::len).sum::<usize>() - 3);
    let state = disk.state();
    assert_eq!(state.written, state.synced, "all that is acknowledged is synced");
    assert!(state.written.len() >= 3, "{} segments", state.written.len());
    state.changes
}

#[test]
fn a_power_cut_at_any_change_loses_nothing_that_was_acknowledged() {
    for change in 0..changes_of_the_script() {
        let disk = Disk::failing(Fails::From(change));
        let played = play(&disk);
        assert!(played.stopped_by.is_some());
        for number in 0..24 {
            let image = image(&disk.state(), number);
            assert_survives(image, &played, &format!("change {change}, image {number}"));
        }
    }
}

#[test]
fn a_write_or_sync_that_fails_once_ends_the_writer_and_nothing_of_it_stays() {
    for change in 0..changes_of_the_script() {
        let disk = Disk::failing(Fails::Once(change));
        let played = play(&disk);
        assert!(played.stopped_by.is_some());
        let left = disk.state().written.clone();
        assert_survives(left, &played, &format!("change {change}"));
    }
}

/// A process that died between write and sync left frames in memory only. Whoever opens after it shows them to users.
#[test]
fn what_opening_shows_is_on_disk() {
    for change in 0..changes_of_the_script() {
        let disk = Disk::failing(Fails::From(change));
        let played = play(&disk);
        disk.state().fails = Fails::Never;
        let Ok((log, _)) = Log::open(Box::new(disk.clone())) else {
            assert!(played.acknowledged.is_empty());
            continue;
        };
        let shown = Played { acknowledged: entries_of(&log), on_its_way: Vec::new(), stopped_by: None };
        for number in 0..8 {
            assert_survives(image(&disk.state(), number), &shown, &format!("change {change}, image {number}"));
        }
    }
}

#[test]
fn a_second_crash_while_opening_after_a_crash_loses_nothing_either() {
    for change in 0..changes_of_the_script() {
        let disk = Disk::failing(Fails::From(change));
        let played = play(&disk);
        for number in [0, 1, 2, 5, 7] {
            let left = image(&disk.state(), number);
            for later in 0..4 {
                let again = Disk::failing(Fails::From(later));
                again.state().written = left.clone();
                again.state().synced = left.clone();
                drop(Log::open(Box::new(again.clone())));
                let left = image(&again.state(), number + later as u64);
                assert_survives(left, &played, &format!("change {change}, image {number}, then {later}"));
            }
        }
    }
}
