//! What the log promises, told as stories: appends, crashes at every byte, damage, readers beside the writer.

use std::collections::BTreeMap;

use ledger::frame::{BLOCK_BYTES, ENTRY_BYTES_MAX, FRAME_BYTES_FULL, FrameHeader, FramePart};
use ledger::hash::hash_entry;
use ledger::log::Damage;
use ledger::log::{Append, Committed, Log, LogError, Opened, TornTail};
use ledger::segment::header_bytes;
use ledger::store::{Files, Image, Memory, Store, StoreError};
use ledger::tree::{self, EMPTY_ROOT, TreeHash};
use proptest::prelude::*;

/// An entry of so many blocks that no other test entry is equal to.
fn entry(number: u64, blocks: usize) -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..blocks * BLOCK_BYTES).map(|i| (i as u64 * 31 + number * 17) as u8).collect();
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    bytes
}

fn root_of(entries: &[Vec<u8>]) -> TreeHash {
    let leaves: Vec<_> = entries.iter().map(|entry| tree::leaf(&hash_entry(entry))).collect();
    tree::root(&leaves)
}

fn append(log: &mut Log, entries: &[Vec<u8>]) -> Committed {
    let mut append = log.begin(None).unwrap();
    push_all(&mut append, entries);
    append.commit().unwrap()
}

fn push_all(append: &mut Append<'_>, entries: &[Vec<u8>]) {
    for entry in entries {
        append.push(entry).unwrap();
    }
}

fn create(memory: &Memory) -> Log {
    Log::create(Box::new(memory.clone())).unwrap()
}

fn open(memory: &Memory) -> Result<(Log, Opened), LogError> {
    Log::open(Box::new(memory.clone()))
}

fn open_read(memory: &Memory) -> Result<Log, LogError> {
    Log::open_read(Box::new(memory.clone()))
}

fn read_all(log: &Log) -> Vec<Vec<u8>> {
    let mut entries = Vec::new();
    let mut frames = log.frames(0);
    while let Some(frame) = frames.next().unwrap() {
        for (position, entry) in frame.entries() {
            assert_eq!(position, entries.len() as u64);
            entries.push(entry.to_vec());
        }
    }
    entries
}

/// A log is exactly these entries, however it is asked.
fn assert_holds(log: &Log, entries: &[Vec<u8>]) {
    assert_eq!(log.size(), entries.len() as u64);
    assert_eq!(read_all(log), entries);
    assert_eq!(log.root(), root_of(entries));
    assert_eq!(log.root_at(log.size()).unwrap(), log.root());
    assert!(matches!(log.entry(log.size()), Err(LogError::OutOfRange { .. })));
    assert!(matches!(log.root_at(log.size() + 1), Err(LogError::OutOfRange { .. })));
}

#[test]
fn every_size_is_the_same_after_opening_again() {
    for segment_bytes in [1, 600, 4096, u64::MAX] {
        let memory = Memory::default().with_segment_bytes(segment_bytes);
        let mut entries = Vec::new();
        drop(create(&memory));
        for size in 0..70u64 {
            let (mut log, opened) = open(&memory).unwrap();
            assert_eq!(opened.torn, None);
            assert_holds(&log, &entries);
            assert_holds(&open_read(&memory).unwrap(), &entries);
            for (position, entry) in entries.iter().enumerate() {
                assert_eq!(log.entry(position as u64).unwrap(), *entry);
                assert_eq!(log.hash(position as u64).unwrap(), hash_entry(entry));
                assert_eq!(log.root_at(position as u64).unwrap(), root_of(&entries[..position]));
            }
            let new = entry(size, 1 + size as usize % 20);
            let committed = append(&mut log, std::slice::from_ref(&new));
            entries.push(new);
            assert_eq!(committed, Committed { first: size, size: size + 1, root: root_of(&entries) });
        }
    }
}

#[test]
fn a_log_is_read_as_of_any_earlier_size() {
    for segment_bytes in [1, 600, u64::MAX] {
        let memory = Memory::default().with_segment_bytes(segment_bytes);
        let entries: Vec<_> = (0..30).map(|number| entry(number, 1 + number as usize % 5)).collect();
        let mut log = create(&memory);
        // Sizes within a frame, and at its end.
        for part in entries.chunks(7) {
            append(&mut log, part);
        }
        for size in 0..=30u64 {
            let earlier = open_read(&memory).unwrap().as_of(size).unwrap();
            let known = &entries[..size as usize];
            assert_eq!((earlier.size(), earlier.root()), (size, root_of(known)), "{segment_bytes} {size}");
            assert_eq!(earlier.root_at(size).unwrap(), root_of(known));
            for (position, entry) in entries.iter().enumerate() {
                match earlier.entry(position as u64) {
                    Ok(found) => assert_eq!((found, position < known.len()), (entry.clone(), true)),
                    Err(error) => assert!(matches!(error, LogError::OutOfRange { .. }) && position >= known.len()),
                }
            }
            let mut frames = earlier.frames(0);
            while let Some(frame) = frames.next().unwrap() {
                assert!(frame.header.first < size);
            }
            assert!(matches!(earlier.root_at(size + 1), Err(LogError::OutOfRange { .. })));
            assert_eq!(earlier.written_root(28).unwrap(), Some(root_of(&entries[..28])), "a root of the whole log");
        }
        assert!(matches!(open_read(&memory).unwrap().as_of(31), Err(LogError::OutOfRange { .. })));
    }
}

#[test]
fn an_append_of_several_frames_is_one_append() {
    let memory = Memory::default();
    let mut log = create(&memory);
    let big: Vec<_> = (0..20).map(|number| entry(number, ENTRY_BYTES_MAX / BLOCK_BYTES)).collect();
    append(&mut log, &big[..3]);
    let reader = open_read(&memory).unwrap();
    append(&mut log, &big[3..]);
    assert_holds(&log, &big);
    assert_holds(&reader, &big[..3]);
    drop(log);
    assert_holds(&open(&memory).unwrap().0, &big);
    let log = open_read(&memory).unwrap();
    let mut frames = log.frames(0);
    for position in 0..20 {
        let header = frames.next().unwrap().unwrap().header;
        assert_eq!((header.first, header.count), (position, 1), "entries this long get a frame of their own");
        assert_eq!(header.append_first, if position < 3 { 0 } else { 3 });
        assert_eq!(header.part == FramePart::Last, position == 2 || position == 19);
    }
    assert!(frames.next().unwrap().is_none());
}

#[test]
fn frames_are_filled_to_the_limit_and_not_beyond() {
    let memory = Memory::default();
    let mut log = create(&memory);
    // FrameHeader and trailer are 128 bytes; 3,969 entries of a block have a table of 7,938 bytes, which is 125 blocks.
    let count = 3_969;
    assert_eq!(128 + count * 64 + 125 * 64, FRAME_BYTES_FULL as u64);
    let entries: Vec<_> = (0..2 * count + 5).map(|number| entry(number, 1)).collect();
    append(&mut log, &entries);
    let mut frames = log.frames(0);
    for expected in [count, count, 5] {
        let header = frames.next().unwrap().unwrap().header;
        assert_eq!(u64::from(header.count), expected);
        assert_eq!(header.part == FramePart::Last, expected == 5);
    }
    assert!(frames.next().unwrap().is_none());
    assert_holds(&log, &entries);
    for from in [0, 1, count - 1, count, 2 * count - 1, 2 * count, 2 * count + 4] {
        let header = log.frames(from).next().unwrap().unwrap().header;
        assert_eq!(header.first, from / count * count);
    }
    assert!(log.frames(2 * count + 5).next().unwrap().is_none());
    assert!(log.frames(u64::MAX).next().unwrap().is_none());
}

#[test]
#[should_panic(expected = "BUG: an entry of 65 bytes is not whole blocks")]
fn an_entry_is_whole_blocks() {
    let mut log = create(&Memory::default());
    drop(log.begin(None).unwrap().push(&[0; 65]));
}

#[test]
#[should_panic(expected = "BUG: an entry of 1114176 bytes")]
fn an_entry_one_block_above_the_limit_is_refused() {
    let mut log = create(&Memory::default());
    drop(log.begin(None).unwrap().push(&vec![0; ENTRY_BYTES_MAX + BLOCK_BYTES]));
}

#[test]
fn an_append_of_nothing_changes_nothing() {
    let memory = Memory::default();
    let mut log = create(&memory);
    let before = memory.bytes();
    let committed = log.begin(None).unwrap().commit().unwrap();
    assert_eq!(committed, Committed { first: 0, size: 0, root: EMPTY_ROOT });
    assert_eq!(memory.bytes(), before);
}

#[test]
fn an_append_that_expected_another_size_is_refused() {
    let mut log = create(&Memory::default());
    append(&mut log, &[entry(0, 1)]);
    let refused = log.begin(Some(0)).err().unwrap();
    assert!(matches!(refused, LogError::SizeDiffers { expected: 0, found: 1 }), "{refused}");
    assert!(log.begin(Some(1)).is_ok());
}

#[test]
fn an_append_that_is_dropped_leaves_nothing() {
    let memory = Memory::default();
    let mut log = create(&memory);
    append(&mut log, &[entry(0, 3)]);
    let before = memory.bytes();
    for count in [1, 3, 9_000] {
        let mut append = log.begin(None).unwrap();
        push_all(&mut append, &(0..count).map(|number| entry(number, 1)).collect::<Vec<_>>());
        drop(append);
        assert_eq!(memory.bytes(), before, "{count}");
    }
    append(&mut log, &[entry(1, 2)]);
    assert_holds(&log, &[entry(0, 3), entry(1, 2)]);
    drop(log);
    assert_holds(&open(&memory).unwrap().0, &[entry(0, 3), entry(1, 2)]);
}

#[test]
fn a_log_is_created_once_and_opened_only_where_one_is() {
    let memory = Memory::default();
    assert!(matches!(open(&memory), Err(LogError::NothingThere { .. })));
    assert!(matches!(open_read(&memory), Err(LogError::NothingThere { .. })));
    drop(create(&memory));
    // Nothing was recorded yet: whoever was interrupted may begin again.
    append(&mut create(&memory), &[entry(0, 1)]);
    assert!(matches!(Log::create(Box::new(memory)), Err(LogError::Exists { .. })));
}

/// Creating a log and its first append, cut at every byte of every file: it can be done again, and what was torn is kept.
#[test]
fn a_first_append_that_crashed_can_be_done_again() {
    let memory = Memory::default();
    drop(create(&memory));
    let empty = memory.image();
    append(&mut create(&memory), &[entry(0, 1)]);
    let after = memory.image();
    for length in empty.segments[&0].len()..after.segments[&0].len() {
        let mut image = Image { head: empty.head.clone(), ..after.clone() };
        image.segments.get_mut(&0).unwrap().truncate(length);
        let memory = Memory::of_image(image);
        let mut log = create(&memory);
        append(&mut log, &[entry(7, 2)]);
        assert_holds(&log, &[entry(7, 2)]);
        assert_eq!(memory.image().torn.len(), usize::from(length > empty.segments[&0].len()));
    }
    for length in 0..empty.head.as_ref().unwrap().len() {
        let head = empty.head.as_ref().map(|head| head[..length].to_vec());
        let memory = Memory::of_image(Image { head, ..empty.clone() });
        assert!(matches!(open_read(&memory), Err(LogError::NothingThere { .. })));
        append(&mut create(&memory), &[entry(7, 2)]);
    }
}

#[test]
fn a_creation_that_crashed_is_nothing_and_can_be_done_again() {
    let memory = Memory::default();
    drop(create(&memory));
    let whole = memory.bytes()[&0].clone();
    for length in 0..whole.len() {
        let memory = Memory::of(BTreeMap::from([(0, whole[..length].to_vec())]));
        assert!(matches!(open(&memory), Err(LogError::NothingThere { .. })));
        assert!(matches!(open_read(&memory), Err(LogError::NothingThere { .. })));
        let mut log = create(&memory);
        append(&mut log, &[entry(0, 1)]);
        assert_holds(&log, &[entry(0, 1)]);
    }
}

#[test]
fn a_second_writer_is_refused_by_name_until_the_first_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("acme");
    let first = Log::create(Box::new(Files::create(&path).unwrap())).unwrap();
    let refused = Log::open(Box::new(Files::at(&path))).err().unwrap();
    assert!(matches!(refused, LogError::Store(StoreError::Locked { .. })));
    assert!(refused.to_string().contains("acme"), "{refused}");
    assert!(Log::open_read(Box::new(Files::at(&path))).is_ok(), "readers need no lock");
    drop(first);
    assert!(Log::open(Box::new(Files::at(&path))).is_ok());
}

#[test]
fn a_reader_changes_no_byte_and_makes_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = Log::create(Box::new(Files::at(folder.path()))).unwrap();
    append(&mut log, &[entry(0, 1), entry(1, 2)]);
    drop(log);
    std::fs::remove_file(folder.path().join("lock")).unwrap();
    let head = std::fs::read(folder.path().join("head")).unwrap();
    let path = folder.path().join("00000000000000000000.seg");
    let mut torn = std::fs::read(&path).unwrap();
    let torn_frame = torn[64..].to_vec();
    torn.extend_from_slice(&torn_frame[..100]);
    // Not a continuation, but half of something: readers leave it alone.
    torn[64 + torn_frame.len()] ^= 1;
    std::fs::write(&path, &torn).unwrap();
    let log = Log::open_read(Box::new(Files::at(folder.path()))).unwrap();
    assert_holds(&log, &[entry(0, 1), entry(1, 2)]);
    assert_eq!(std::fs::read(&path).unwrap(), torn);
    assert_eq!(std::fs::read(folder.path().join("head")).unwrap(), head);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn a_reader_beside_the_writer_sees_whole_appends_only() {
    let memory = Memory::default().with_segment_bytes(20_000);
    let mut log = create(&memory);
    let mut reader = open_read(&memory).unwrap();
    let mut entries = Vec::new();
    for round in 0..40u64 {
        let blocks = if round % 8 == 7 { 9000 } else { 40 };
        let new: Vec<_> = (0..10).map(|number| entry(round * 10 + number, blocks)).collect();
        let mut append = log.begin(None).unwrap();
        for entry in &new {
            append.push(entry).unwrap();
            assert_eq!(reader.refresh().unwrap(), entries.len() as u64, "in the middle of an append");
        }
        append.commit().unwrap();
        entries.extend(new);
        assert_eq!(reader.refresh().unwrap(), entries.len() as u64);
        assert_eq!(reader.root(), log.root());
    }
    assert_holds(&reader, &entries);
    assert!(memory.bytes().len() > 10, "{} segments", memory.bytes().len());
    for position in 0..reader.size() {
        assert_eq!(reader.entry(position).unwrap(), log.entry(position).unwrap());
    }
}

/// A small history: three acknowledged appends, and then one of several frames. Frames are filled by big entries.
struct History {
    before: BTreeMap<u64, Vec<u8>>,
    after: BTreeMap<u64, Vec<u8>>,
    entries_before: Vec<Vec<u8>>,
    entries_after: Vec<Vec<u8>>,
    head_before: Option<Vec<u8>>,
    /// Everything after the last append was acknowledged.
    image: Image,
}

fn history(segment_bytes: u64, last: &[Vec<u8>]) -> History {
    let memory = Memory::default().with_segment_bytes(segment_bytes);
    let mut log = create(&memory);
    let entries_before: Vec<_> = (0..6).map(|number| entry(number, 1 + number as usize)).collect();
    append(&mut log, &entries_before[..1]);
    append(&mut log, &entries_before[1..3]);
    append(&mut log, &entries_before[3..]);
    let Image { segments: before, head: head_before, .. } = memory.image();
    append(&mut log, last);
    let entries_after = [&entries_before[..], last].concat();
    History { before, after: memory.bytes(), entries_before, entries_after, head_before, image: memory.image() }
}

impl History {
    fn last_segment(&self) -> u64 {
        *self.after.keys().last().unwrap()
    }

    /// Where the last append begins in its segment: a new segment's header counts as part of it.
    fn last_append_at(&self) -> usize {
        self.before.get(&self.last_segment()).map_or(0, Vec::len)
    }

    fn damaged(&self, damage: impl FnOnce(&mut Vec<u8>)) -> Memory {
        let mut segments = self.after.clone();
        damage(segments.get_mut(&self.last_segment()).unwrap());
        Memory::of(segments)
    }

    /// Opening finds exactly the acknowledged appends, says what it cut, and the log goes on from there.
    fn assert_cut_to_acknowledged(&self, memory: &Memory, what: &str) {
        assert_holds(&open_read(memory).unwrap(), &self.entries_before);
        let before = memory.image();
        let (mut log, opened) = open(memory).unwrap();
        assert_holds(&log, &self.entries_before);
        // Neither opening nor an append that is dropped changes anything.
        drop(log.begin(None).unwrap());
        assert_eq!(memory.image(), before, "{what}");
        append(&mut log, &[entry(99, 2)]);
        drop(log);
        self.assert_kept(&before, &memory.image(), opened.torn, what);
        assert_eq!(opened.report.kept().is_some(), opened.torn.is_some(), "{what}");
        let again = [&self.entries_before[..], &[entry(99, 2)]].concat();
        let (log, opened) = open(memory).unwrap();
        assert_eq!(opened.torn, None);
        assert_holds(&log, &again);
    }

    /// Every byte behind the last acknowledged append is in the torn tail's own file.
    fn assert_kept(&self, before: &Image, after: &Image, torn: Option<TornTail>, what: &str) {
        let Some(torn) = torn else {
            assert!(after.torn.is_empty(), "{what}");
            return;
        };
        let expected = before.segments[&torn.segment][torn.at as usize..].to_vec();
        assert_eq!(expected.len() as u64, torn.bytes, "{what}");
        let kept: Vec<_> = after.torn.iter().collect();
        assert_eq!(kept, [(&format!("{}-19700101T000000000000Z", self.entries_before.len()), &expected)], "{what}");
    }
}

#[test]
fn killed_at_every_byte_of_an_append_the_acknowledged_ones_are_there() {
    for segment_bytes in [100, u64::MAX] {
        let history = history(segment_bytes, &[entry(6, 2), entry(7, 5)]);
        let whole = history.after[&history.last_segment()].len();
        for length in history.last_append_at()..whole {
            let memory = history.damaged(|bytes| bytes.truncate(length));
            history.assert_cut_to_acknowledged(&memory, &format!("{length} bytes"));
        }
        let memory = Memory::of(history.after.clone());
        assert_holds(&open(&memory).unwrap().0, &history.entries_after);
    }
}

#[test]
fn torn_at_every_byte_by_a_power_cut_the_acknowledged_ones_are_there() {
    let history = history(u64::MAX, &[entry(6, 2), entry(7, 5)]);
    let whole = history.after[&history.last_segment()].len();
    for at in history.last_append_at()..whole {
        let changed = history.damaged(|bytes| bytes[at] ^= 0xA5);
        history.assert_cut_to_acknowledged(&changed, &format!("byte {at} changed"));
        let zeroed = history.damaged(|bytes| bytes[at..].fill(0));
        if zeroed.bytes() != history.after {
            history.assert_cut_to_acknowledged(&zeroed, &format!("zero from byte {at}"));
        }
        let holed = history.damaged(|bytes| bytes[history.last_append_at()..=at].fill(0));
        history.assert_cut_to_acknowledged(&holed, &format!("zero up to byte {at}"));
    }
}

#[test]
fn a_changed_byte_in_an_acknowledged_append_is_damage_and_never_cut() {
    for segment_bytes in [100, u64::MAX] {
        let history = history(segment_bytes, &[entry(6, 2)]);
        for segment in history.before.keys() {
            for at in 0..history.before[segment].len() {
                let mut segments = history.after.clone();
                segments.get_mut(segment).unwrap()[at] ^= 0x20;
                let memory = Memory::of(segments.clone());
                let opened = open(&memory);
                let sealed = *segment != history.last_segment();
                match opened {
                    Err(LogError::Damaged { .. }) => {}
                    // Opening looks at the headers of sealed segments only: what they hold is checked when it is read.
                    Ok((log, _)) if sealed => {
                        let mut frames = log.frames(0);
                        let damage = std::iter::from_fn(|| frames.next().map(|frame| frame.map(|_| ())).transpose());
                        assert!(damage.into_iter().any(|frame| frame.is_err()), "segment {segment} byte {at}");
                    }
                    Ok(_) => panic!("segment {segment} byte {at} was changed and nobody noticed"),
                    Err(other) => panic!("{other}"),
                }
                assert_eq!(memory.bytes(), segments, "nothing may be changed");
            }
        }
    }
}

#[test]
fn a_changed_header_of_the_last_segment_is_damage_once_a_frame_is_in_it() {
    for segment_bytes in [100, u64::MAX] {
        let history = history(segment_bytes, &[entry(6, 2)]);
        for at in 0..header_bytes(history.last_segment()) {
            let memory = history.damaged(|bytes| bytes[at] ^= 8);
            let before = memory.bytes();
            assert!(matches!(open(&memory), Err(LogError::Damaged { .. })), "byte {at}");
            assert!(matches!(open_read(&memory), Err(LogError::Damaged { .. })), "byte {at}");
            assert!(matches!(Log::create(Box::new(memory.clone())), Err(LogError::Exists { .. })), "byte {at}");
            assert_eq!(memory.bytes(), before);
        }
    }
}

#[test]
fn a_power_cut_inside_of_an_append_of_several_frames_is_cut_off() {
    let big: Vec<_> = (6..10).map(|number| entry(number, ENTRY_BYTES_MAX / BLOCK_BYTES)).collect();
    let history = history(u64::MAX, &big);
    let frames = frame_starts(&history);
    assert_eq!(frames.len(), 4);
    // The last frame was not there yet: any of those before it may be torn, with whole ones behind it.
    for torn in 0..3 {
        for byte in [0, 5, 70, 1_000_000] {
            let memory = history.damaged(|bytes| {
                bytes.truncate(frames[3]);
                bytes[frames[torn] + byte] ^= 1;
            });
            history.assert_cut_to_acknowledged(&memory, &format!("frame {torn} byte {byte}"));
        }
    }
    // The last frame is torn itself.
    let memory = history.damaged(|bytes| *bytes.last_mut().unwrap() ^= 1);
    history.assert_cut_to_acknowledged(&memory, "last frame");
    // The last frame is there, so those before it were on disk: this is damage.
    for damaged in 0..3 {
        for byte in [0, 5, 70, 1_000_000] {
            let memory = history.damaged(|bytes| bytes[frames[damaged] + byte] ^= 1);
            let before = memory.bytes();
            assert!(matches!(open(&memory), Err(LogError::Damaged { damage: Damage::Damaged, .. })));
            assert!(matches!(open_read(&memory), Err(LogError::Damaged { damage: Damage::Damaged, .. })));
            assert_eq!(memory.bytes(), before);
        }
    }
}

/// Where the frames of the last append begin.
fn frame_starts(history: &History) -> Vec<usize> {
    let bytes = &history.after[&history.last_segment()];
    let mut at = history.last_append_at();
    let mut starts = Vec::new();
    while at < bytes.len() {
        starts.push(at);
        at += FrameHeader::parse(&bytes[at..]).unwrap().length as usize;
    }
    starts
}

#[test]
fn whole_frames_of_an_append_without_its_last_are_counted_and_cut_off() {
    let big: Vec<_> = (6..10).map(|number| entry(number, ENTRY_BYTES_MAX / BLOCK_BYTES)).collect();
    let history = history(u64::MAX, &big);
    let frames = frame_starts(&history);
    let memory = history.damaged(|bytes| bytes.truncate(frames[2]));
    let cut = open(&memory).unwrap().1.torn.unwrap();
    assert_eq!((cut.at, cut.bytes, cut.entries), (frames[0] as u64, (frames[2] - frames[0]) as u64, 2));
    let memory = history.damaged(|bytes| bytes.truncate(frames[2] + 1));
    let cut = open(&memory).unwrap().1.torn.unwrap();
    assert_eq!((cut.bytes, cut.entries), ((frames[2] + 1 - frames[0]) as u64, 2));
}

#[test]
fn a_log_shorter_than_somebody_remembers_is_not_cut_further() {
    let history = history(u64::MAX, &[entry(6, 2), entry(7, 5)]);
    let (before, after) = (history.entries_before.len() as u64, history.entries_after.len() as u64);
    let whole = Memory::of(history.after.clone());
    assert!(Log::open_remembering(Box::new(whole), after).is_ok());
    let cut_clean = Memory::of(history.before.clone());
    let torn = history.damaged(|bytes| bytes[history.last_append_at() + 200] ^= 1);
    for memory in [cut_clean, torn] {
        let bytes = memory.bytes();
        for remembered in [before + 1, after, after + 1] {
            let refused = Log::open_remembering(Box::new(memory.clone()), remembered).err().unwrap();
            assert!(
                matches!(refused, LogError::Damaged { damage: Damage::Incomplete | Damage::Damaged, .. }),
                "{refused}"
            );
            assert_eq!(memory.bytes(), bytes);
        }
        assert!(Log::open_remembering(Box::new(memory), before).is_ok());
    }
}

/// What became of one byte.
#[derive(Clone, Copy, Debug)]
enum Attack {
    Flip,
    Delete,
    Add,
}

fn attack(bytes: &mut Vec<u8>, at: usize, how: Attack) {
    match how {
        Attack::Flip => bytes[at] ^= 0x40,
        Attack::Delete => drop(bytes.remove(at)),
        Attack::Add => bytes.insert(at, bytes[at] ^ 0x11),
    }
}

/// Reads everything that a log shows; `None` where something stops it.
fn everything(log: Result<Log, LogError>) -> Option<(Vec<Vec<u8>>, Option<u64>)> {
    let log = log.ok()?;
    let mut entries = Vec::new();
    let mut frames = log.frames(0);
    while let Some(frame) = frames.next().ok()? {
        entries.extend(frame.entries().map(|(_, entry)| entry.to_vec()));
    }
    Some((entries, log.damaged_slot()))
}

/// No flipped, lost or added byte takes an acknowledged entry away without an error, and nothing is changed by looking.
#[test]
fn no_byte_of_log_or_head_is_lost_or_changed_silently() {
    for segment_bytes in [100, u64::MAX] {
        let memory = Memory::default().with_segment_bytes(segment_bytes);
        let mut log = create(&memory);
        let entries: Vec<_> = (0..6).map(|number| entry(number, 1 + number as usize)).collect();
        append(&mut log, &entries[..1]);
        append(&mut log, &entries[1..3]);
        append(&mut log, &entries[3..]);
        drop(log);
        let whole = memory.image();
        for how in [Attack::Flip, Attack::Delete, Attack::Add] {
            for segment in whole.segments.keys() {
                for at in 0..whole.segments[segment].len() {
                    let mut image = whole.clone();
                    attack(image.segments.get_mut(segment).unwrap(), at, how);
                    assert_told_or_whole(image, &entries, &format!("{how:?} segment {segment} byte {at}"));
                }
            }
            for at in 0..whole.head.as_ref().unwrap().len() {
                let mut image = whole.clone();
                attack(image.head.as_mut().unwrap(), at, how);
                assert_told_or_whole(image, &entries, &format!("{how:?} head byte {at}"));
            }
        }
        for segment in whole.segments.keys() {
            let mut image = whole.clone();
            image.segments.remove(segment);
            assert_told_or_whole(image, &entries, &format!("without segment {segment}"));
        }
        assert_told_or_whole(Image { segments: BTreeMap::new(), ..whole.clone() }, &entries, "without segments");
        assert_told_or_whole(Image { head: None, ..whole.clone() }, &entries, "without head");
    }
}

fn assert_told_or_whole(image: Image, entries: &[Vec<u8>], what: &str) {
    let memory = Memory::of_image(image.clone());
    for shown in [everything(open(&memory).map(|(log, _)| log)), everything(open_read(&memory))] {
        // Where the newer slot of the head is damaged, the log proves the last append, and the slot is told.
        let is_told = shown.is_none_or(|(found, damaged_slot)| found == entries && damaged_slot.is_some());
        assert!(is_told, "{what}");
    }
    assert!(Log::create(Box::new(memory.clone())).is_err(), "{what}: a new log in its place");
    assert_eq!(memory.image(), image, "{what}: nothing may be changed");
}

#[test]
fn the_last_append_cut_at_every_byte_is_refused_once_it_was_acknowledged() {
    for segment_bytes in [100, u64::MAX] {
        let history = history(segment_bytes, &[entry(6, 2), entry(7, 5)]);
        let last = history.last_segment();
        for length in 0..history.after[&last].len() {
            let mut segments = history.after.clone();
            segments.get_mut(&last).unwrap().truncate(length);
            let memory = Memory::of_image(Image { segments, ..history.image.clone() });
            for refused in [open(&memory).err(), open_read(&memory).err()] {
                assert!(matches!(refused, Some(LogError::Damaged { .. })), "{length}: {refused:?}");
            }
        }
    }
}

#[test]
fn a_whole_append_beyond_the_head_is_taken_and_a_torn_slot_is_told() {
    let history = history(u64::MAX, &[entry(6, 2), entry(7, 5)]);
    let taken = Image { head: history.head_before.clone(), ..history.image.clone() };
    let memory = Memory::of_image(taken.clone());
    assert_holds(&open_read(&memory).unwrap(), &history.entries_after);
    let (log, opened) = open(&memory).unwrap();
    assert_holds(&log, &history.entries_after);
    assert_eq!((opened.torn, log.damaged_slot()), (None, None));
    drop(log);
    // The head of the append was being written: its slot is torn, and the other one is whole.
    let mut torn = taken;
    let head = torn.head.as_mut().unwrap();
    let newer = history.image.head.as_ref().unwrap();
    let changed = (0..head.len()).find(|at| head[*at] != newer[*at]).unwrap() / 4096;
    head[changed * 4096..changed * 4096 + 40].copy_from_slice(&newer[changed * 4096..changed * 4096 + 40]);
    let memory = Memory::of_image(torn);
    let reader = open_read(&memory).unwrap();
    assert_holds(&reader, &history.entries_after);
    assert_eq!(reader.damaged_slot(), Some(changed as u64));
    let (mut log, _) = open(&memory).unwrap();
    assert_eq!(log.damaged_slot(), Some(changed as u64));
    append(&mut log, &[entry(99, 1)]);
    assert_eq!(log.damaged_slot(), None, "the next append writes the slot again");
    drop(log);
    assert_eq!(open(&memory).unwrap().0.damaged_slot(), None);
}

#[test]
fn a_dropped_append_puts_the_torn_tail_back() {
    let history = history(u64::MAX, &[entry(6, 2), entry(7, 5)]);
    let mut image = Image { head: history.head_before.clone(), ..history.image.clone() };
    let length = image.segments[&0].len();
    image.segments.get_mut(&0).unwrap().truncate(length - 70);
    let memory = Memory::of_image(image.clone());
    let (mut log, opened) = open(&memory).unwrap();
    let long: Vec<_> = (0..9_000).map(|number| entry(number, 1)).collect();
    let mut dropped = log.begin(None).unwrap();
    push_all(&mut dropped, &long);
    assert!(opened.report.kept().is_some(), "frames were written where the tail was");
    drop(dropped);
    assert_eq!(opened.report.kept(), None);
    assert_eq!(memory.image(), image, "the log is as it was");
    append(&mut log, &long);
    let kept = opened.report.kept().unwrap();
    assert_eq!((kept.position, kept.tail.bytes), (6, opened.torn.unwrap().bytes));
    assert_eq!(memory.image().torn.len(), 1);
}

#[test]
fn a_damaged_log_is_read_up_to_a_size_before_the_damage() {
    for segment_bytes in [100, u64::MAX] {
        let history = history(segment_bytes, &[entry(6, 2), entry(7, 5)]);
        let mut segments = history.after.clone();
        let at = history.last_append_at() + 100;
        segments.get_mut(&history.last_segment()).unwrap()[at] ^= 1;
        let memory = Memory::of_image(Image { segments, head: None, torn: BTreeMap::new() });
        assert!(matches!(open_read(&memory), Err(LogError::Head { .. })));
        let until = |size| Log::open_until(Box::new(memory.clone()), size);
        // The appends end at 1, 3 and 6.
        for (size, end) in [(1, 1), (2, 3), (3, 3), (4, 6), (6, 6)] {
            assert_holds(&until(size).unwrap(), &history.entries_before[..end]);
        }
        for size in [7, 8, 9] {
            assert!(matches!(until(size), Err(LogError::Damaged { .. })), "{size}");
        }
    }
}

#[test]
fn a_head_of_another_log_is_refused() {
    let history = history(u64::MAX, &[entry(6, 2)]);
    let other = Memory::default();
    let mut log = create(&other);
    append(&mut log, &[entry(50, 1)]);
    append(&mut log, &[entry(51, 4), entry(52, 1), entry(53, 1), entry(54, 1), entry(55, 1), entry(56, 1)]);
    let memory = Memory::of_image(Image { head: other.image().head, ..history.image });
    for refused in [open(&memory).err(), open_read(&memory).err()] {
        assert!(matches!(refused, Some(LogError::Damaged { damage: Damage::NotItsHead, .. })), "{refused:?}");
    }
}

#[test]
fn missing_swapped_and_repeated_segments_and_frames_are_noticed() {
    let history = history(100, &[entry(6, 2)]);
    assert_eq!(history.after.len(), 4);
    let names: Vec<u64> = history.after.keys().copied().collect();
    for missing in &names[..3] {
        let mut segments = history.after.clone();
        segments.remove(missing);
        assert_damaged(segments, &format!("without {missing}"));
    }
    let mut swapped = history.after.clone();
    let (one, two) = (swapped[&names[1]].clone(), swapped[&names[2]].clone());
    swapped.insert(names[1], two);
    swapped.insert(names[2], one);
    assert_damaged(swapped, "swapped");
    let mut repeated = history.after.clone();
    let segment = repeated.get_mut(&names[3]).unwrap();
    let frame = segment[header_bytes(names[3])..].to_vec();
    segment.extend_from_slice(&frame);
    assert_damaged(repeated, "a frame twice");
    let mut cut = history.after.clone();
    let shorter = cut.get_mut(&names[1]).unwrap();
    shorter.truncate(shorter.len() - 1);
    assert_damaged(cut, "a sealed segment cut");
}

fn assert_damaged(segments: BTreeMap<u64, Vec<u8>>, what: &str) {
    let memory = Memory::of(segments.clone());
    assert!(matches!(open(&memory), Err(LogError::Damaged { .. })), "{what}");
    assert!(matches!(open_read(&memory), Err(LogError::Damaged { .. })), "{what}");
    assert_eq!(memory.bytes(), segments, "{what}");
}

#[test]
fn entries_changed_under_a_recomputed_checksum_do_not_have_the_root() {
    let history = history(u64::MAX, &[entry(6, 2)]);
    for at in (0..4).map(|entry_block| history.last_append_at() - 200 - 64 * entry_block) {
        let memory = history.damaged(|bytes| {
            bytes[at] ^= 1;
            recompute_checksums(bytes);
        });
        let refused = open(&memory).err().unwrap();
        assert!(matches!(refused, LogError::Damaged { damage: Damage::Altered, .. }), "byte {at}: {refused}");
    }
}

fn recompute_checksums(bytes: &mut [u8]) {
    let mut at = header_bytes(0);
    while at < bytes.len() {
        let length = FrameHeader::parse(&bytes[at..]).unwrap().length as usize;
        let end = at + length - 4;
        let checksum = crc32c::crc32c(&bytes[at..end]);
        bytes[end..end + 4].copy_from_slice(&checksum.to_be_bytes());
        at += length;
    }
}

#[test]
fn a_later_format_is_named_and_nothing_is_cut() {
    let history = history(u64::MAX, &[entry(6, 2)]);
    for (at, end) in [(0, 60), (history.last_append_at(), history.last_append_at() + 60)] {
        let memory = history.damaged(|bytes| {
            bytes[at + 11] = 3;
            let checksum = crc32c::crc32c(&bytes[at..end]);
            bytes[end..end + 4].copy_from_slice(&checksum.to_be_bytes());
        });
        let before = memory.bytes();
        assert!(matches!(open(&memory), Err(LogError::OtherVersion { version: 3, .. })));
        assert!(matches!(open_read(&memory), Err(LogError::OtherVersion { version: 3, .. })));
        assert_eq!(memory.bytes(), before);
    }
}

#[test]
fn a_file_that_grew_under_the_writer_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = Log::create(Box::new(Files::at(folder.path()))).unwrap();
    append(&mut log, &[entry(0, 1)]);
    let path = folder.path().join("00000000000000000000.seg");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.extend_from_slice(b"somebody else");
    std::fs::write(&path, &bytes).unwrap();
    let mut append = log.begin(None).unwrap();
    append.push(&entry(1, 1)).unwrap();
    assert!(matches!(append.commit(), Err(LogError::Store(StoreError::Moved { .. }))));
    assert!(matches!(log.begin(None), Err(LogError::Broken { .. })));
    drop(log);
    assert_eq!(std::fs::read(&path).unwrap(), bytes, "what somebody else wrote may be acknowledged");
}

/// Real files, a writer that appends, drops and opens again, and readers that look at any moment.
#[test]
fn readers_in_other_threads_see_prefixes_that_only_grow() {
    let folder = tempfile::tempdir().unwrap();
    let files = || Box::new(Files::at(folder.path()).with_segment_bytes(200_000));
    drop(Log::create(files()).unwrap());
    let finished = std::sync::atomic::AtomicBool::new(false);
    let order = std::sync::atomic::Ordering::SeqCst;
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut reader = Log::open_read(files()).unwrap();
                let mut checked = 0;
                while !finished.load(order) {
                    let size = reader.refresh().unwrap();
                    let mut frames = reader.frames(checked);
                    while let Some(frame) = frames.next().unwrap() {
                        frame
                            .entries()
                            .for_each(|(position, bytes)| assert_eq!(bytes, entry(position, bytes.len() / 64)));
                    }
                    assert_eq!(reader.root(), reader.root_at(size).unwrap());
                    assert_eq!(Log::open_read(files()).unwrap().root_at(size).unwrap(), reader.root());
                    checked = size;
                }
            });
        }
        write_for_a_while(&files);
        finished.store(true, order);
    });
}

fn write_for_a_while(files: &dyn Fn() -> Box<Files>) {
    let mut log = Log::open(files()).unwrap().0;
    for round in 0..120u64 {
        let first = log.size();
        let blocks = |number: u64| if round % 5 == 0 { 3000 } else { 1 + number as usize % 9 };
        let new: Vec<_> = (first..first + 1 + round % 7).map(|number| entry(number, blocks(number))).collect();
        let mut dropped = log.begin(None).unwrap();
        push_all(&mut dropped, &new[..new.len() / 2]);
        drop(dropped);
        append(&mut log, &new);
        if round % 10 == 9 {
            drop(log);
            log = Log::open(files()).unwrap().0;
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Append(Vec<usize>),
    Drop(Vec<usize>),
    Reopen,
    Tear(usize),
    Refresh,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let blocks = || prop::collection::vec(1usize..40, 0..30);
    let step = prop_oneof![
        4 => blocks().prop_map(Step::Append),
        1 => blocks().prop_map(Step::Drop),
        2 => Just(Step::Reopen),
        1 => (1usize..5000).prop_map(Step::Tear),
        1 => Just(Step::Refresh),
    ];
    prop::collection::vec(step, 0..30)
}

/// The slow model of a log is a vector.
fn play(steps: Vec<Step>, segment_bytes: u64, folder: &std::path::Path) {
    let files = || Box::new(Files::at(folder).with_segment_bytes(segment_bytes));
    let mut model: Vec<Vec<u8>> = Vec::new();
    let mut log = Log::create(files()).unwrap();
    let mut reader = Log::open_read(files()).unwrap();
    for step in steps {
        match step {
            Step::Append(blocks) => {
                let first = model.len() as u64;
                let new: Vec<_> = blocks.iter().zip(first..).map(|(blocks, number)| entry(number, *blocks)).collect();
                append(&mut log, &new);
                model.extend(new);
            }
            Step::Drop(blocks) => {
                let mut append = log.begin(Some(model.len() as u64)).unwrap();
                push_all(&mut append, &blocks.iter().map(|blocks| entry(7, *blocks)).collect::<Vec<_>>());
            }
            Step::Reopen => {
                drop(log);
                log = Log::open(files()).unwrap().0;
            }
            Step::Tear(bytes) => {
                drop(log);
                let last = *files().segments().unwrap().last().unwrap();
                let path = folder.join(format!("{last:020}.seg"));
                let mut content = std::fs::read(&path).unwrap();
                content.resize(content.len() + bytes, 0x5A);
                std::fs::write(&path, content).unwrap();
                let (opened, found) = Log::open(files()).unwrap();
                assert!(found.torn.unwrap().bytes >= bytes as u64);
                log = opened;
            }
            Step::Refresh => assert_eq!(reader.refresh().unwrap(), model.len() as u64),
        }
        assert_eq!((log.size(), log.root()), (model.len() as u64, root_of(&model)));
    }
    reader.refresh().unwrap();
    assert_holds(&log, &model);
    assert_holds(&reader, &model);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn any_history_is_what_a_vector_would_be(steps in steps(), segment_bytes in 1u64..40_000) {
        let folder = tempfile::tempdir().unwrap();
        play(steps, segment_bytes, folder.path());
    }
}

#[test]
fn a_log_can_be_shared_between_threads() {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<Log>();
}

/// The example that strangers start from is what we write.
#[test]
fn the_example_in_the_documentation_is_what_is_written() {
    let memory = Memory::default().with_segment_bytes(1);
    let mut log = create(&memory);
    append(&mut log, &[vec![0x11; 64], vec![0x22; 128]]);
    append(&mut log, &[vec![0x33; 64]]);
    let document = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/format.md")).unwrap();
    for (segment, bytes) in memory.bytes() {
        let block = format!("```hex\n{segment:020}.seg\n{}```", hex_lines(&bytes));
        assert!(document.contains(&block), "docs/format.md should show:\n{block}");
    }
}

/// 32 bytes a line.
fn hex_lines(bytes: &[u8]) -> String {
    let line = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    bytes.chunks(32).map(|bytes| line(bytes) + "\n").collect()
}
