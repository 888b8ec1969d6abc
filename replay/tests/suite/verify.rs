//! What `verify` must notice: every changed, missing, added, swapped or repeated byte, frame, entry and file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::OpenOptions;
use std::io::{Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::Path;

use ledger::date::Month;
use ledger::entry::Entry;
use ledger::fact::{Body, CancellationFact, Fact, Payload, PeriodClose, PlanRecord, Record};
use ledger::field::FreeText;
use ledger::frame::{BLOCK_BYTES, FrameDraft, FrameHeader, FramePart, HEADER_BYTES};
use ledger::hash::hash_entry;
use ledger::head::{HEAD_BYTES, Head};
use ledger::id::{BookingId, Name, PlanId};
use ledger::log::Log;
use ledger::seal::Seed;
use ledger::segment::{format_header, header_bytes};
use ledger::store::Files;
use ledger::tree::{RightEdge, TreeHash, leaf};
use proptest::prelude::*;
use replay::book::Book;
use replay::record::{OnSuperseded, RecordOptions, Rejects, Source, record};
use replay::stamp::Stamp;
use replay::verify::{PROBLEMS_MAX, Verdict, Verification, VerifyError, verify, verify_at};
use tempfile::TempDir;
use uuid::Uuid;

// A kit for logs, right ones and others -------------------------------------------------------------------------------

/// The files of a log, by name.
type Bytes = BTreeMap<String, Vec<u8>>;

/// Writes logs frame by frame, so that tests decide where frames, appends and segments end, and what is in them.
#[derive(Default)]
struct Maker {
    files: Bytes,
    name: String,
    edge: RightEdge,
    append_first: u64,
    entries: Vec<Vec<u8>>,
    roots: Vec<TreeHash>,
}

impl Maker {
    /// Begins with a segment and a book.
    fn new() -> Maker {
        let mut maker = Maker::default();
        maker.segment();
        maker.append(vec![vec![book_entry(0)]]);
        maker
    }

    fn segment(&mut self) {
        self.name = format!("{:020}.seg", self.edge.size());
        self.files.insert(self.name.clone(), format_header(&self.edge));
    }

    fn frame(&mut self, part: FramePart, entries: Vec<Vec<u8>>) {
        if self.roots.is_empty() {
            self.roots.push(self.edge.root());
        }
        let mut draft = FrameDraft::default();
        let mut grown = self.edge.clone();
        for entry in entries {
            draft.push(&entry);
            grown.append(leaf(&hash_entry(&entry)));
            self.roots.push(grown.root());
            self.entries.push(entry);
        }
        let bytes = draft.seal(self.append_first, part, &mut self.edge);
        self.files.get_mut(&self.name).expect("a segment was begun").extend_from_slice(bytes);
        if part == FramePart::Last {
            self.append_first = self.edge.size();
        }
    }

    /// One append of these frames.
    fn append(&mut self, frames: Vec<Vec<Vec<u8>>>) {
        let last = frames.len() - 1;
        for (number, frame) in frames.into_iter().enumerate() {
            self.frame(if number == last { FramePart::Last } else { FramePart::More }, frame);
        }
    }

    fn next(&self) -> u64 {
        self.edge.size()
    }

    /// The head after the last append.
    fn head(&self) -> Head {
        let (size, root) = (self.edge.size(), self.edge.root());
        let (segment, length) = (self.name[..20].parse().unwrap(), self.files[&self.name].len() as u64);
        Head { size, root, segment, length, ..Head::of_nothing() }
    }

    /// An append of plain facts, so many in each frame.
    fn facts(&mut self, frames: &[u64]) {
        let mut position = self.next();
        let mut take = |count: &u64| {
            position += count;
            (position - count..position).map(fact_entry).collect()
        };
        let frames = frames.iter().map(&mut take).collect();
        self.append(frames);
    }

    fn close(&mut self, month: &str, known: u64, root: TreeHash) {
        self.append(vec![vec![close_entry(self.next(), month, known, root)]]);
    }
}

fn entry(position: u64, payload: Payload) -> Entry {
    Entry {
        position,
        recorded: 1_000_000 + position,
        behind: false,
        author: "ana".into(),
        user: "ana".into(),
        id: Uuid::from_u128(u128::from(position)),
        payload,
        replaces: Vec::new(),
        request: None,
        signatures: Vec::new(),
    }
}

fn bytes_of(entry: &Entry) -> Vec<u8> {
    let mut bytes = Vec::new();
    entry.put(&mut bytes, |salt| Seed([1; 32]).salt(entry.position).fill(salt));
    bytes
}

fn book_entry(position: u64) -> Vec<u8> {
    let origin = FreeText("trueup.example/acme/1".into());
    let record =
        ledger::fact::BookRecord { name: name("acme"), book: Uuid::from_u128(1), origin, format: 2, timezone: None };
    bytes_of(&entry(position, Payload::Record(Record::Book(record))))
}

fn fact(number: u64) -> Payload {
    let booking = BookingId::new(&format!("B-{number}")).unwrap();
    let at = ledger::date::Day::parse("2027-01-01").unwrap();
    let body = Body::Cancellation(CancellationFact { at, booking, reason: None });
    Payload::Fact(Fact { body, source: None, note: None })
}

fn fact_entry(position: u64) -> Vec<u8> {
    bytes_of(&entry(position, fact(position)))
}

fn close_entry(position: u64, month: &str, known: u64, root: TreeHash) -> Vec<u8> {
    let record = PeriodClose {
        period: Month::parse(month).unwrap(),
        known,
        root,
        edition: 1,
        engine: 1,
        plans: vec![],
        totals: vec![],
        statements: 0,
        lines: 0,
        digest: [7; 32],
        manner: None,
        trial_balance: None,
    };
    bytes_of(&entry(position, Payload::Record(Record::PeriodClose(record))))
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

/// Three segments, appends of one and of several frames, closes.
fn small_book() -> Maker {
    let mut maker = Maker::new();
    maker.facts(&[2]);
    maker.segment();
    maker.facts(&[1, 1]);
    let (known, root) = (maker.next(), maker.edge.root());
    maker.close("2027-01", known, root);
    maker.segment();
    maker.facts(&[1]);
    let (known, root) = (maker.next(), maker.edge.root());
    maker.close("2027-02", known, root);
    maker.facts(&[1, 2, 1]);
    maker
}

struct Laid {
    folder: TempDir,
}

impl Laid {
    /// A log whose head acknowledges nothing: all of it lies beyond the head.
    fn new(files: &Bytes) -> Laid {
        let laid = Laid { folder: tempfile::tempdir().unwrap() };
        std::fs::create_dir(laid.log()).unwrap();
        laid.put("head", &Head::of_nothing().format_file());
        files.iter().for_each(|(name, bytes)| laid.put(name, bytes));
        laid
    }

    fn log(&self) -> std::path::PathBuf {
        self.folder.path().join("log")
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.log().join(name), bytes).unwrap();
    }

    fn verify(&self) -> Verification {
        self.try_verify().unwrap()
    }

    fn try_verify(&self) -> Result<Verification, VerifyError> {
        verify(self.folder.path())
    }
}

fn verify_files(files: &Bytes) -> Verification {
    Laid::new(files).verify()
}

/// What is found in these files, when the head acknowledges all that the maker made.
fn verify_acknowledged(files: &Bytes, maker: &Maker) -> Verification {
    let laid = Laid::new(files);
    laid.put("head", &maker.head().format_file());
    laid.verify()
}

fn verify_made(maker: &Maker) -> Verification {
    verify_files(&maker.files)
}

#[track_caller]
fn assert_whole(found: &Verification, entries: u64) {
    assert_eq!(found.problems, []);
    let verdict = if found.unfinished.is_some() { Verdict::TornTail } else { Verdict::Consistent };
    assert_eq!((found.verdict, found.entries, found.size), (verdict, entries, entries));
    assert!(!found.stopped_early);
}

/// The verdict, and that one of the problems is said in these words.
#[track_caller]
fn assert_found(found: &Verification, verdict: Verdict, position: Option<u64>, what: &str) {
    assert_eq!(found.verdict, verdict, "{:#?}", found.problems);
    let fits = |problem: &&replay::verify::VerifyProblem| problem.what.contains(what) && problem.position == position;
    assert!(found.problems.iter().find(fits).is_some(), "{what} at {position:?}: {:#?}", found.problems);
}

/// Where the frames of a segment lie.
fn frames_of(name: &str, bytes: &[u8]) -> Vec<Range<usize>> {
    let mut at = header_bytes(name[..20].parse().unwrap());
    let mut frames = Vec::new();
    while at < bytes.len() {
        let length = FrameHeader::parse(&bytes[at..]).unwrap().length as usize;
        frames.push(at..at + length);
        at += length;
    }
    frames
}

/// Changes each byte of a file in turn, and back.
fn flip_each_byte(path: &Path, mut look: impl FnMut(usize)) {
    let bytes = std::fs::read(path).unwrap();
    let mut file = OpenOptions::new().write(true).open(path).unwrap();
    let mut put = |at: usize, byte: u8| {
        file.seek(SeekFrom::Start(at as u64)).unwrap();
        file.write_all(&[byte]).unwrap();
    };
    for (at, byte) in bytes.into_iter().enumerate() {
        put(at, byte ^ 1 << (at % 8));
        look(at);
        put(at, byte);
    }
}

fn mend_checksum(bytes: &mut [u8]) {
    let end = bytes.len() - 4;
    let checksum = crc32c::crc32c(&bytes[..end]);
    bytes[end..].copy_from_slice(&checksum.to_be_bytes());
}

fn mend_frame(frame: &mut [u8]) {
    mend_checksum(&mut frame[..HEADER_BYTES]);
    mend_checksum(frame);
}

// Books as they should be ---------------------------------------------------------------------------------------------

#[test]
fn a_book_is_whole_and_its_roots_are_known_at_every_size() {
    let maker = small_book();
    let laid = Laid::new(&maker.files);
    laid.put("lock", b"");
    let sizes: BTreeSet<u64> = (0..40).collect();
    let found = verify_at(laid.folder.path(), &sizes, None).unwrap();
    assert_whole(&found, maker.next());
    assert_eq!((found.segments, found.closes, found.unfinished), (3, 2, None));
    let bytes: usize = maker.files.values().map(Vec::len).sum();
    assert_eq!(found.bytes, (bytes + HEAD_BYTES) as u64);
    assert_eq!(found.root, Some(maker.edge.root()));
    assert_eq!(found.roots, (0..).zip(maker.roots).collect());
}

/// The vectors of docs/format.md are a log that begins with a book and ends with a close.
#[test]
fn the_vectors_of_the_page_are_a_whole_book() {
    let page = include_str!("../../../docs/format.md");
    let mut maker = Maker::default();
    maker.segment();
    for block in page.split("```vector\n").skip(1) {
        let (block, _) = block.split_once("\n```").unwrap();
        let digits: String = block.lines().skip(5).collect();
        let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
        maker.append(vec![vec![(0..digits.len()).step_by(2).map(byte).collect()]]);
    }
    let found = verify_made(&maker);
    assert_whole(&found, 9);
    assert_eq!(found.closes, 1, "position 8 looked at size 7, before an entry of its own close");
}

#[test]
fn what_the_log_writes_is_whole_at_every_segment_size() {
    for segment_bytes in [1, 1_000, 300_000, u64::MAX] {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::create(folder.path().join("log")).unwrap().with_segment_bytes(segment_bytes);
        let mut log = Log::create(Box::new(files)).unwrap();
        for length in [1, 1, 30, 3_000, 2, 5_000, 1] {
            let mut append = log.begin(None).unwrap();
            for _ in 0..length {
                let bytes = match append.next_position() {
                    0 => book_entry(0),
                    position => fact_entry(position),
                };
                append.push(&bytes).unwrap();
            }
            append.commit().unwrap();
        }
        let found = verify(folder.path()).unwrap();
        assert_whole(&found, log.size());
        assert_eq!(found.root, Some(log.root()));
    }
}

#[test]
fn the_longest_entry_is_read() {
    let mut maker = Maker::new();
    let text = FreeText("x".repeat(1 << 20));
    let effective = ledger::date::Day::parse("2027-01-01").unwrap();
    let plan = PlanRecord { plan: PlanId::new("land").unwrap(), version: 1, effective, text };
    maker.append(vec![vec![bytes_of(&entry(1, Payload::Record(Record::Plan(plan))))]]);
    maker.facts(&[3]);
    assert_whole(&verify_made(&maker), 5);
}

/// A book that was made by the commands, in segments of one append each.
#[test]
fn a_recorded_book_is_whole_and_every_changed_byte_of_it_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let (place, keys) = (folder.path().join("acme"), folder.path().join("acme.keys"));
    let stamp = |now| Stamp {
        now,
        author: "ana".into(),
        user: "ana".into(),
        seed: Seed([now as u8; 32]),
        secret: Seed([now as u8 ^ 0xff; 32]),
        signing: Vec::new(),
    };
    let files = Files::create(place.join("log")).unwrap().with_segment_bytes(1);
    let mut book = Book::init_in(Box::new(files), keys, name("acme"), &stamp(1)).unwrap();
    for (text, now) in [
        (&b"{\"fact\":\"payee\",\"at\":\"2027-01-01\",\"payee\":\"p-17\",\"name\":\"Zoe\"}\n"[..], 2),
        (b"{\"fact\":\"account\",\"at\":\"2027-01-01\",\"account\":\"acme\",\"segment\":\"smb\"}\n", 3),
    ] {
        let open = || Ok(Box::new(text) as Box<dyn std::io::BufRead>);
        let source = Source { name: "facts.jsonl".into(), open: Box::new(open) };
        let options =
            RecordOptions { superseded: OnSuperseded::Refuse, rejects: Rejects::Refuse, ..RecordOptions::default() };
        record(&mut book, &[source], options, &stamp(now)).unwrap();
    }
    let found = verify(&place).unwrap();
    assert_whole(&found, 3);
    assert_eq!((found.segments, found.root), (3, Some(book.root())));
    for entry in std::fs::read_dir(place.join("log")).unwrap() {
        let path = entry.unwrap().path();
        flip_each_byte(&path, |at| {
            assert_ne!(verify(&place).unwrap().verdict, Verdict::Consistent, "{} byte {at}", path.display());
        });
    }
}

// Bytes ---------------------------------------------------------------------------------------------------------------

#[test]
fn every_changed_byte_is_noticed() {
    let maker = small_book();
    let laid = Laid::new(&maker.files);
    for name in maker.files.keys() {
        flip_each_byte(&laid.log().join(name), |at| {
            assert_ne!(laid.verify().verdict, Verdict::Consistent, "{name} byte {at}");
        });
    }
    assert_whole(&laid.verify(), maker.next());
}

#[test]
fn every_changed_byte_before_an_unfinished_tail_is_noticed() {
    let mut maker = small_book();
    let (name, whole) = (maker.name.clone(), maker.files[&maker.name].len());
    let size = maker.next();
    maker.frame(FramePart::More, vec![fact_entry(size)]);
    maker.frame(FramePart::More, vec![fact_entry(size + 1)]);
    let laid = Laid::new(&maker.files);
    flip_each_byte(&laid.log().join(&name), |at| {
        let found = laid.verify();
        if at < whole {
            assert_ne!(found.verdict, Verdict::Consistent, "byte {at}")
        } else {
            assert_eq!(found.entries, size, "byte {at}")
        }
    });
}

#[test]
fn every_cut_is_noticed_but_for_whole_appends_and_a_torn_one_at_the_end() {
    let maker = small_book();
    let laid = Laid::new(&maker.files);
    for (name, bytes) in &maker.files {
        for length in 0..bytes.len() {
            laid.put(name, &bytes[..length]);
            let found = laid.verify();
            if *name != maker.name {
                assert_ne!(found.verdict, Verdict::Consistent, "{name} cut to {length}");
                continue;
            }
            // That the end is missing is known only to who remembers the size.
            assert_eq!(found.problems, [], "{name} cut to {length}");
            assert!(found.entries < maker.next());
            let whole = maker.roots[usize::try_from(found.size).unwrap()];
            assert_eq!(found.root, Some(whole), "{name} cut to {length}");
            let torn = found.unfinished.map_or(0, |unfinished| unfinished.bytes);
            assert!(torn > 0 || length.is_multiple_of(BLOCK_BYTES), "{name} cut to {length}");
        }
        laid.put(name, bytes);
    }
}

#[test]
fn added_bytes_are_noticed_or_said() {
    let maker = small_book();
    for (name, bytes) in &maker.files {
        for added in [vec![0], vec![0; 64], vec![9; 64], vec![9; 100], vec![9; 320], vec![0; 5_000]] {
            let mut files = maker.files.clone();
            files.insert(name.clone(), [bytes.clone(), added.clone()].concat());
            let found = verify_acknowledged(&files, &maker);
            let said = found.unfinished.is_some_and(|tail| tail.bytes == added.len() as u64);
            let expected = if *name == maker.name { Verdict::TornTail } else { Verdict::Altered };
            assert_eq!((found.verdict, said), (expected, *name == maker.name), "{name} and {}", added.len());
        }
    }
}

/// Every byte of every file, head included, flipped, lost and added in turn: nothing that was acknowledged is missed.
#[test]
fn no_byte_of_an_acknowledged_book_is_changed_lost_or_added_silently() {
    let maker = small_book();
    let mut whole = maker.files.clone();
    whole.insert("head".into(), maker.head().format_file());
    let laid = Laid::new(&whole);
    assert_whole(&laid.verify(), maker.next());
    for (name, bytes) in &whole {
        for at in 0..bytes.len() {
            for how in ["flipped", "lost", "added"] {
                let mut changed = bytes.clone();
                match how {
                    "flipped" => changed[at] ^= 0x20,
                    "lost" => drop(changed.remove(at)),
                    _ => changed.insert(at, !bytes[at]),
                }
                laid.put(name, &changed);
                let found = laid.verify();
                let is_wrong = matches!(found.verdict, Verdict::Incomplete | Verdict::Altered);
                assert!(is_wrong && !found.problems.is_empty(), "{name} byte {at} {how}: {found:?}");
            }
        }
        laid.put(name, bytes);
    }
}

#[test]
fn a_cut_tail_is_incomplete_at_every_byte_and_says_up_to_where_it_is_sound() {
    let maker = small_book();
    let (name, bytes) = maker.files.last_key_value().unwrap();
    for length in 0..bytes.len() {
        let mut files = maker.files.clone();
        files.insert(name.clone(), bytes[..length].to_vec());
        let found = verify_acknowledged(&files, &maker);
        assert_eq!(found.unfinished, None, "{length}");
        assert!(matches!(found.verdict, Verdict::Incomplete | Verdict::Altered), "{length}: {found:?}");
        assert!(found.sound < maker.next() && [6, 7, 8].contains(&found.sound), "{length}: {}", found.sound);
    }
}

#[test]
fn a_book_without_a_readable_head_is_incomplete() {
    let maker = small_book();
    let laid = Laid::new(&maker.files);
    let size = maker.next();
    for (head, what) in [
        (vec![0; HEAD_BYTES], "neither of its slots"),
        (vec![1; 7], "is not 8192 bytes long"),
        (vec![0; HEAD_BYTES + 1], "is not 8192 bytes long"),
    ] {
        laid.put("head", &head);
        assert_found(&laid.verify(), Verdict::Incomplete, None, what);
    }
    std::fs::remove_file(laid.log().join("head")).unwrap();
    let found = laid.verify();
    assert_found(&found, Verdict::Incomplete, None, "the head is missing");
    assert_eq!((found.size, found.sound, found.head), (size, size, None), "all is there, as far as anybody can tell");
}

#[test]
fn the_head_of_another_book_or_time_is_found() {
    let maker = small_book();
    let right = maker.head();
    let laid = Laid::new(&maker.files);
    let size = Some(right.size);
    let wrong = [
        Head { root: [9; 32], ..right.clone() },
        Head { length: right.length - 64, ..right.clone() },
        Head { segment: 0, ..right.clone() },
    ];
    for head in wrong {
        laid.put("head", &head.format_file());
        assert_found(&laid.verify(), Verdict::Altered, size, "the head remembers");
    }
    let inside = Head { size: right.size - 1, ..right.clone() };
    laid.put("head", &inside.format_file());
    assert_found(&laid.verify(), Verdict::Altered, Some(right.size - 1), "where no append of the log ends");
    let beyond = Head { size: right.size + 1, ..right.clone() };
    laid.put("head", &beyond.format_file());
    assert_found(&laid.verify(), Verdict::Incomplete, size, "entries were acknowledged");
}

// Segments ------------------------------------------------------------------------------------------------------------

#[test]
fn a_missing_segment_is_incomplete() {
    let maker = small_book();
    let names: Vec<_> = maker.files.keys().cloned().collect();
    for (gone, position) in [(0, 0), (1, 3)] {
        let mut files = maker.files.clone();
        files.remove(&names[gone]);
        let found = verify_files(&files);
        assert_eq!(found.problems.len(), 1);
        let next: u64 = names[gone + 1][..20].parse().unwrap();
        let what = format!("entries {position} to {} are missing", next - 1);
        assert_found(&found, Verdict::Incomplete, Some(position), &what);
    }
}

#[test]
fn swapped_repeated_and_renamed_segments_are_altered() {
    let maker = small_book();
    let names: Vec<_> = maker.files.keys().cloned().collect();
    for a in 0..names.len() {
        for b in 0..names.len() {
            let mut files = maker.files.clone();
            if a != b {
                files.insert(names[a].clone(), maker.files[&names[b]].clone());
                assert_eq!(verify_files(&files).verdict, Verdict::Altered, "{b} in place of {a}");
                files.insert(names[b].clone(), maker.files[&names[a]].clone());
                assert_eq!(verify_files(&files).verdict, Verdict::Altered, "{a} and {b} swapped");
            }
        }
        for position in [1, 4, 1_000] {
            let mut files = maker.files.clone();
            files.insert(format!("{position:020}.seg"), maker.files[&names[a]].clone());
            assert_eq!(verify_files(&files).verdict, Verdict::Altered, "{a} again as {position}");
            files.remove(&names[a]);
            assert_eq!(verify_files(&files).verdict, Verdict::Altered, "{a} as {position}");
        }
    }
}

#[test]
fn after_damage_the_next_segment_is_checked_too() {
    let maker = small_book();
    let mut files = maker.files.clone();
    for bytes in files.values_mut() {
        let at = bytes.len() - 100;
        bytes[at] ^= 1;
    }
    let found = verify_acknowledged(&files, &maker);
    let damaged: BTreeSet<_> = found.problems.iter().map(|problem| &problem.file).collect();
    assert_eq!(damaged.len(), 4, "{:#?}", found.problems);
    assert_eq!(found.problems.len(), 4, "one for each, and the head: {:#?}", found.problems);
}

#[test]
fn strange_files_are_named() {
    let maker = small_book();
    for name in [
        "00000000000000000000.seg.bak",
        "0.seg",
        "00000000000000000000.SEG",
        "x",
        "99999999999999999999.seg",
        "00099999999999999999.seg",
    ] {
        let laid = Laid::new(&maker.files);
        laid.put(name, b"");
        let found = laid.verify();
        assert_found(&found, Verdict::Altered, None, "no part of a log");
        assert_eq!(found.problems[0].file, format!("log/{name}"));
    }
    let laid = Laid::new(&maker.files);
    laid.put("lock", b"x");
    assert_found(&laid.verify(), Verdict::Altered, None, "no part of a log");
    let laid = Laid::new(&maker.files);
    std::fs::create_dir(laid.log().join(format!("{:020}.seg", maker.next()))).unwrap();
    assert_found(&laid.verify(), Verdict::Altered, None, "no part of a log");
}

#[test]
fn a_log_that_is_not_there_is_incomplete_and_a_book_that_is_not_there_cannot_be_read() {
    let laid = Laid::new(&Bytes::new());
    assert_found(&laid.verify(), Verdict::Incomplete, Some(0), "no entries");
    std::fs::remove_dir_all(laid.log()).unwrap();
    assert_found(&laid.verify(), Verdict::Incomplete, None, "the folder of the log is missing");
    let nowhere = laid.folder.path().join("nowhere");
    assert!(matches!(verify(&nowhere), Err(VerifyError::Io { .. })));
    let mut maker = Maker::default();
    maker.segment();
    assert_found(&verify_made(&maker), Verdict::Incomplete, Some(0), "no entries");
}

// Frames --------------------------------------------------------------------------------------------------------------

/// Every way to take the frames of one segment: each one left out, each two swapped, each one twice.
fn rearranged(frames: &[&[u8]]) -> Vec<(String, Vec<u8>)> {
    let mut ways = Vec::new();
    for a in 0..frames.len() {
        let mut removed = frames.to_vec();
        removed.remove(a);
        ways.push((format!("{a} removed"), removed.concat()));
        let mut twice = frames.to_vec();
        twice.insert(a, frames[a]);
        ways.push((format!("{a} twice"), twice.concat()));
        for b in 0..a {
            let mut swapped = frames.to_vec();
            swapped.swap(a, b);
            ways.push((format!("{a} and {b} swapped"), swapped.concat()));
        }
    }
    ways
}

#[test]
fn removed_swapped_and_repeated_frames_are_noticed() {
    let maker = small_book();
    for (name, bytes) in &maker.files {
        let places = frames_of(name, bytes);
        let frames: Vec<&[u8]> = places.iter().map(|place| &bytes[place.clone()]).collect();
        for (how, rearranged) in rearranged(&frames) {
            let mut files = maker.files.clone();
            files.insert(name.clone(), [&bytes[..places[0].start], &rearranged[..]].concat());
            let found = verify_files(&files);
            // Without its last frame the last append was never finished, and that is said.
            let is_tail = *name == maker.name && how == format!("{} removed", frames.len() - 1);
            if is_tail {
                assert!(found.unfinished.is_some(), "{name}: {how}")
            } else {
                assert_ne!(found.verdict, Verdict::Consistent, "{name}: {how}")
            }
        }
    }
}

#[test]
fn a_header_that_no_writer_writes_is_noticed_whatever_its_checksum() {
    let maker = small_book();
    for (name, bytes) in &maker.files {
        for place in frames_of(name, bytes) {
            for at in (0..HEADER_BYTES - 4).chain([place.len() - 30, place.len() - 64]) {
                let mut files = maker.files.clone();
                let frame = &mut files.get_mut(name).unwrap()[place.clone()];
                frame[at] ^= 0x10;
                mend_frame(frame);
                let found = verify_files(&files);
                // A last frame that says that it is longer than the file looks like one that was never finished.
                let is_cut_tail = *name == maker.name && place.end == bytes.len() && found.unfinished.is_some();
                assert!(found.verdict != Verdict::Consistent || is_cut_tail, "{name} {place:?} byte {at}");
            }
        }
        let header = header_bytes(name[..20].parse().unwrap());
        for at in 8..header - 4 {
            let mut files = maker.files.clone();
            files.get_mut(name).unwrap()[at] ^= 0x10;
            mend_checksum(&mut files.get_mut(name).unwrap()[..header]);
            // A first segment of another version is a log of another format, and not verified at all.
            match Laid::new(&files).try_verify() {
                Ok(found) => assert_eq!(found.verdict, Verdict::Altered, "{name} header byte {at}"),
                Err(VerifyError::OtherFormat { .. }) => {
                    assert!((8..12).contains(&at) && name.starts_with("00000000000000000000"), "{name} {at}");
                }
                Err(error) => panic!("{name} header byte {at}: {error}"),
            }
        }
    }
}

#[test]
fn a_forged_header_is_refused_by_name() {
    let mut maker = Maker::new();
    maker.facts(&[2]);
    let whole = &maker.files[&maker.name];
    let place = frames_of(&maker.name, whole)[1].clone();
    let table = place.len() - 128;
    for (at, byte, what) in [
        (11, 2, "its version is 2"),
        (15, 2, "its flags are"),
        (16, 1, "its positions cannot be"),
        (31, 2, "its positions cannot be"),
        (35, 0, "it says that it has 0 entries"),
        (33, 2, "entries"),
        (39, 0x41, "bytes long"),
        (38, 0, "bytes long"),
        (59, 1, "bytes that must be zero are not"),
        (table, 0x44, "a length that cannot be"),
        (table + 1, 0, "a length that cannot be"),
        (table + 1, 9, "longer entries than it holds"),
        (table + 1, 1, "shorter entries than it holds"),
        (table + 63, 1, "bytes that must be zero are not"),
        (table + 64 + 59, 1, "bytes that must be zero are not"),
    ] {
        let mut files = maker.files.clone();
        let frame = &mut files.get_mut(&maker.name).unwrap()[place.clone()];
        frame[at] = byte;
        mend_frame(frame);
        assert_found(&verify_files(&files), Verdict::Altered, Some(1), what);
    }
}

#[test]
fn another_tree_in_the_header_of_a_segment_without_frames_is_noticed() {
    let mut maker = small_book();
    maker.segment();
    let header = maker.files.get_mut(&maker.name).unwrap();
    header[28] ^= 1;
    mend_checksum(header);
    assert_found(&verify_made(&maker), Verdict::Altered, Some(maker.next()), "the tree in the segment's header");
}

#[test]
fn a_frame_that_is_there_again_is_noticed_whole_or_not() {
    let maker = small_book();
    let bytes = &maker.files[&maker.name];
    let last = bytes[frames_of(&maker.name, bytes).pop().unwrap()].to_vec();
    for again in [&last[..], &last[..last.len() - 64]] {
        let mut files = maker.files.clone();
        files.insert(maker.name.clone(), [&bytes[..], again].concat());
        assert_found(&verify_files(&files), Verdict::Altered, Some(maker.next() - 1), "was expected");
    }
}

#[test]
fn a_sealed_segment_that_ends_inside_of_a_frame_is_said_to() {
    let maker = small_book();
    let (name, bytes) = maker.files.first_key_value().unwrap();
    let mut files = maker.files.clone();
    files.insert(name.clone(), bytes[..bytes.len() - 64].to_vec());
    assert_found(&verify_files(&files), Verdict::Incomplete, Some(1), "the file ends inside of the frame");
}

#[test]
fn damage_behind_damage_is_found_too() {
    let mut maker = Maker::new();
    (0..3).for_each(|_| maker.facts(&[1]));
    let bytes = maker.files.get_mut(&maker.name).unwrap();
    let places = frames_of(&maker.name, &bytes.clone());
    bytes[places[1].start + 70] ^= 1;
    bytes[places[2].start + 20] ^= 1;
    let found = verify_made(&maker);
    assert_found(&found, Verdict::Altered, Some(1), "the checksum of the frame");
    assert_found(&found, Verdict::Altered, Some(2), "no whole header");
    assert_eq!(found.problems.len(), 2);
}

#[test]
fn an_append_that_another_interrupts_is_altered() {
    let mut maker = Maker::new();
    maker.frame(FramePart::More, vec![fact_entry(1)]);
    maker.append_first = maker.next();
    maker.facts(&[1]);
    assert_found(&verify_made(&maker), Verdict::Altered, Some(2), "belongs to another append");
}

#[test]
fn an_append_is_not_cut_by_the_end_of_a_segment() {
    let mut maker = Maker::new();
    maker.frame(FramePart::More, vec![fact_entry(1)]);
    maker.segment();
    maker.frame(FramePart::Last, vec![fact_entry(2)]);
    assert_found(&verify_made(&maker), Verdict::Altered, Some(2), "ends inside of an append");
}

// Entries -------------------------------------------------------------------------------------------------------------

#[test]
fn reordered_entries_are_noticed_with_every_checksum_mended() {
    let mut maker = Maker::new();
    maker.facts(&[3]);
    let at = frames_of(&maker.name, &maker.files[&maker.name])[1].clone();
    let length = fact_entry(1).len();
    let frame = &mut maker.files.get_mut(&maker.name).unwrap()[at];
    let (first, second) = frame[HEADER_BYTES..].split_at_mut(length);
    first.swap_with_slice(&mut second[..length]);
    mend_frame(frame);
    let found = verify_made(&maker);
    assert_found(&found, Verdict::Altered, Some(1), "it says that its position is 2");
    assert_found(&found, Verdict::Altered, Some(1), "tree root");
}

#[test]
fn a_changed_entry_under_mended_checksums_is_noticed_by_the_tree() {
    let maker = small_book();
    for (name, bytes) in &maker.files {
        for place in frames_of(name, bytes) {
            let mut files = maker.files.clone();
            let frame = &mut files.get_mut(name).unwrap()[place];
            // The last byte of the first entry's salt: nothing but the hash knows it.
            let blocks = u16::from_be_bytes(*frame[frame.len() - 128..].first_chunk().unwrap());
            frame[HEADER_BYTES + usize::from(blocks) * BLOCK_BYTES - 1] ^= 1;
            mend_frame(frame);
            let found = verify_files(&files);
            assert!(found.problems.iter().any(|problem| problem.what.contains("tree root")), "{:#?}", found.problems);
        }
    }
}

/// Whoever computes every hash again is found by nothing but a root that somebody else remembers.
#[test]
fn a_book_that_was_written_again_is_found_by_a_remembered_root() {
    let (mut one, mut other) = (Maker::new(), Maker::new());
    one.facts(&[3]);
    other.append(vec![(1..4).map(|position| bytes_of(&entry(position, fact(position + 100)))).collect()]);
    let laid = Laid::new(&other.files);
    let found = verify_at(laid.folder.path(), &BTreeSet::from([1, 3]), None).unwrap();
    assert_whole(&found, 4);
    assert_eq!(found.roots[&1], one.roots[1]);
    assert_ne!(found.roots[&3], one.roots[3]);
}

/// An entry of these parts, salted as it should be.
fn raw(parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = vec![0x8c];
    parts.iter().for_each(|part| bytes.extend_from_slice(part));
    let head = |length: usize| if length < 24 { 1 } else { 2 };
    let fits = |length: &usize| (bytes.len() + head(*length) + *length).is_multiple_of(64);
    let length = (16..).find(fits).unwrap();
    if length < 24 {
        bytes.push(0x40 | length as u8)
    } else {
        bytes.extend([0x58, length as u8])
    }
    bytes.resize(bytes.len() + length, 9);
    bytes
}

const UUID: [u8; 19] = [0xd8, 37, 0x50, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1];

/// What an entry at position 1 would be with this fact.
fn with_fact(fact: &[u8]) -> Vec<u8> {
    raw(&[&[1], &[9], &[0xf4], b"\x61a", b"\x61u", &UUID, fact, &[0x80], &[0xf6], &[0x80]])
}

fn verdict_on(entry: Vec<u8>) -> Verification {
    let mut maker = Maker::default();
    maker.segment();
    let mut first =
        raw(&[&[0], &[8], &[0xf4], b"\x61a", b"\x61u", &UUID, &[0x18, 32, 0xa0], &[0x80], &[0xf6], &[0x80]]);
    first.truncate(first.len() / BLOCK_BYTES * BLOCK_BYTES);
    maker.append(vec![vec![first]]);
    maker.append(vec![vec![entry]]);
    verify_made(&maker)
}

#[test]
fn cbor_that_is_the_only_form_of_what_it_says_is_whole() {
    for fact in [
        &[7, 0xa0][..],
        &[7, 0xa2, 0, 1, 0x18, 24, 2],
        &[7, 0xa1, 0, 0xa2, 0x61, b'b', 0xf6, 0x62, b'a', b'a', 0xf5],
        &[7, 0xa1, 0, 0xc4, 0x82, 0x20, 0x15],
        &[7, 0xa1, 0, 0xc4, 0x82, 0, 0],
        &[7, 0xa1, 0, 0xc4, 0x82, 0x38, 27, 0xc3, 0x49, 1, 0, 0, 0, 0, 0, 0, 0, 0],
        &[7, 0xa1, 0, 0xc4, 0x82, 0, 0xc3, 0x4c, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 254],
        &[7, 0xa1, 0, 0xd8, 100, 0x39, 0x63, 0xde],
    ] {
        assert_whole(&verdict_on(with_fact(fact)), 2);
    }
}

#[test]
fn cbor_in_another_form_is_refused_under_right_hashes() {
    for (fact, what) in [
        (&[7][..], "a map was expected"),
        (&[17, 0xa0], "its kind is 17"),
        (&[0x18, 7, 0xa0], "not the shortest"),
        (&[7, 0xa1, 0x18, 23, 0], "not the shortest"),
        (&[7, 0xa1, 0, 0x19, 0, 200], "not the shortest"),
        (&[7, 0xbf, 0xff], "an indefinite length"),
        (&[7, 0xa1, 0, 0x7f, 0x60, 0xff], "an indefinite length"),
        (&[7, 0xa2, 1, 0, 1, 0], "keys that do not ascend"),
        (&[7, 0xa2, 1, 0, 0, 0], "keys that do not ascend"),
        (&[7, 0xa1, 0x61, b'a', 0], "a key was expected"),
        (&[7, 0xa1, 0, 0xa2, 0x62, b'a', b'a', 0, 0x61, b'b', 0], "keys that do not ascend"),
        (&[7, 0xa1, 0, 0xa2, 0x61, b'a', 0, 0x61, b'a', 0], "keys that do not ascend"),
        (&[7, 0xa1, 0, 0xa0], "an empty map"),
        (&[7, 0xa1, 0, 0x62, 0xc3, 0x28], "not UTF-8"),
        (&[7, 0xa1, 0, 0xf9, 0, 0], "a float"),
        (&[7, 0xa1, 0, 0xf7], "a float or another simple value"),
        (&[7, 0xa1, 0, 0xc0, 0x60], "the tag 0"),
        (&[7, 0xa1, 0, 0xc4, 0x82, 0x20, 0x0a], "ends in zeros"),
        (&[7, 0xa1, 0, 0xc4, 0x82, 0x20, 0], "ends in zeros"),
        (&[7, 0xa1, 0, 0xc4, 0x82, 1, 1], "a decimal out of range"),
        (&[7, 0xa1, 0, 0xc4, 0x82, 0x38, 28, 1], "a decimal out of range"),
        (&[7, 0xa1, 0, 0xc4, 0x82, 0, 0xc2, 0x48, 1, 0, 0, 0, 0, 0, 0, 0], "a big integer that is not the shortest"),
        (&[7, 0xa1, 0, 0xc4, 0x82, 0, 0xc2, 0x49, 0, 1, 0, 0, 0, 0, 0, 0, 0], "a big integer that is not the shortest"),
        (&[7, 0xa1, 0, 0xc4, 0x82, 0, 0xc2, 0x4d, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "a decimal out of range"),
        (
            &[7, 0xa1, 0, 0xc4, 0x82, 0, 0xc3, 0x4c, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255],
            "a decimal out of range",
        ),
        (&[7, 0xa1, 0, 0xc4, 0x83, 0, 0, 0], "a decimal of two parts"),
        (&[7, 0xa1, 0, 0xd8, 37, 0x41, 0], "a UUID of 16 bytes"),
        (&[7, 0xa1, 0, 0xd8, 100, 0x39, 0x63, 0xdf], "a date out of range"),
        (&[7, 0xa1, 0, 0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0], "deeper"),
        (&[7, 0xa1, 0, 0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], ""),
        (&[7, 0xa1, 0, 0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], "it ends too early"),
        (&[0x18, 44, 0xa1, 1, 1], "a close without"),
        (&[0x18, 44, 0xa3, 1, 1, 2, 1, 3, 0x41, 1], "a root of 32 bytes"),
    ] {
        let found = verdict_on(with_fact(fact));
        assert_found(&found, Verdict::Altered, Some(1), what);
        assert_eq!(found.problems.len(), 1, "{:#?}", found.problems);
    }
}

#[test]
fn the_parts_of_an_entry_are_refused_under_right_hashes() {
    let (fact, none): (&[u8], &[u8]) = (&[7, 0xa0], &[0x80]);
    let parts = |position: &[u8],
                 recorded: &[u8],
                 behind: &[u8],
                 id: &[u8],
                 replaces: &[u8],
                 request: &[u8],
                 signatures: &[u8]| {
        raw(&[position, recorded, behind, b"\x61a", b"\x61u", id, fact, replaces, request, signatures])
    };
    let (f, null): (&[u8], &[u8]) = (&[0xf4], &[0xf6]);
    for entry in
        [parts(&[1], &[8], &[0xf5], &UUID, &[0x81, 0], b"\x62r1", none), parts(&[1], &[8], f, &UUID, none, null, none)]
    {
        assert_whole(&verdict_on(entry), 2);
    }
    let signed = parts(&[1], &[8], f, &UUID, none, null, &[0x81, 0x84, 0x61, b's', 1, 0x41, 7, 0x41, 5]);
    let found = verdict_on(signed);
    assert_found(&found, Verdict::Altered, Some(1), "it is signed as `s` with a key that is not valid there");
    let mut long_salt = parts(&[1], &[8], f, &UUID, none, null, none);
    let at = long_salt.iter().rposition(|byte| *byte != 9).unwrap();
    long_salt[at] += 64;
    long_salt.resize(long_salt.len() + 64, 9);
    for (entry, position, what) in [
        (parts(&[2], &[8], f, &UUID, none, null, none), 1, "it says that its position is 2"),
        (parts(&[1], &[7], f, &UUID, none, null, none), 1, "it has an earlier recorded time"),
        (parts(&[1], &[8], &[0], &UUID, none, null, none), 1, "true or false"),
        (parts(&[1], &[8], f, &[0], none, null, none), 1, "a UUID was expected"),
        (parts(&[1], &[8], f, &UUID, &[0x81, 1], null, none), 1, "do not ascend below its own"),
        (parts(&[1], &[8], f, &UUID, &[0x82, 0, 0], null, none), 1, "do not ascend"),
        (parts(&[1], &[8], f, &UUID, none, &[0], none), 1, "a text was expected"),
        (parts(&[1], &[8], f, &UUID, none, null, null), 1, "signatures was expected"),
        (parts(&[1], &[8], f, &UUID, none, null, &[0x81, 0x83, 0x61, b's', 1, 0x40]), 1, "a signature of 4 parts"),
        (long_salt, 1, "a salt of"),
        ([fact_entry(1), vec![9; 64]].concat(), 1, "there are bytes after the salt"),
        (vec![0x8c; 64], 1, "a position was expected"),
        (vec![0; 64], 1, "an array was expected"),
        (book_entry(1), 1, "another book begins"),
    ] {
        assert_found(&verdict_on(entry), Verdict::Altered, Some(position), what);
    }
    let mut maker = Maker::default();
    maker.segment();
    maker.facts(&[2]);
    assert_found(&verify_made(&maker), Verdict::Altered, Some(0), "does not say which book");
}

// Closes --------------------------------------------------------------------------------------------------------------

#[test]
fn a_close_says_the_root_of_any_size_before_it() {
    for known in 0..=6 {
        for (root, right) in [(known, true), (known + 1, false)] {
            let mut maker = Maker::new();
            maker.facts(&[2, 3]);
            let root = maker.roots.get(root as usize).copied().unwrap_or([1; 32]);
            maker.close("2027-01", known, root);
            maker.facts(&[1]);
            let found = verify_made(&maker);
            if right {
                assert_whole(&found, 8);
                assert_eq!(found.closes, 1);
            } else {
                assert_found(&found, Verdict::Altered, Some(6), "another root of the tree at size")
            }
        }
    }
    let mut maker = Maker::new();
    maker.close("2027-01", 2, [0; 32]);
    assert_found(&verify_made(&maker), Verdict::Altered, Some(1), "which came later");
}

#[test]
fn closed_periods_follow_each_other() {
    for (second, right) in [("2028-01", true), ("2027-12", false), ("2028-02", false), ("2027-11", false)] {
        let mut maker = Maker::new();
        for month in ["2027-12", second] {
            let (known, root) = (maker.next(), maker.edge.root());
            maker.close(month, known, root);
        }
        if right {
            assert_whole(&verify_made(&maker), 3)
        } else {
            assert_found(&verify_made(&maker), Verdict::Altered, Some(2), "its period does not follow")
        }
    }
}

// What a crash leaves -------------------------------------------------------------------------------------------------

#[test]
fn an_unfinished_tail_is_said_and_is_no_alteration() {
    let mut maker = small_book();
    let (size, name) = (maker.next(), maker.name.clone());
    let whole = maker.files[&name].clone();
    maker.frame(FramePart::More, vec![fact_entry(size)]);
    maker.frame(FramePart::More, vec![fact_entry(size + 1)]);
    maker.frame(FramePart::Last, vec![fact_entry(size + 2)]);
    let all = maker.files[&name].clone();
    let places = frames_of(&name, &all);
    let [first, second, last] = &places[places.len() - 3..] else { panic!("three frames") };
    let zeros = |range: Range<usize>| {
        let mut bytes = all.clone();
        bytes[range].fill(0);
        bytes
    };
    let changed = |at: usize| {
        let mut bytes = all.clone();
        bytes[at] ^= 1;
        bytes
    };
    for (tail, entries, how) in [
        (all[..second.start].to_vec(), 1, "one frame"),
        (all[..last.start].to_vec(), 2, "two frames"),
        (all[..last.start + 1].to_vec(), 2, "a byte of the last one"),
        (all[..last.end - 1].to_vec(), 2, "all but a byte of the last one"),
        (zeros(last.start..last.end), 2, "room for the last one"),
        (zeros(last.end - 64..last.end), 2, "the last one without its trailer"),
        (changed(first.start + 70)[..second.start].to_vec(), 0, "one frame, and not as it should be"),
        (changed(second.start + 70)[..last.start].to_vec(), 1, "two frames, one not as it should be"),
        (zeros(first.start..first.start + 64)[..last.start].to_vec(), 0, "no header, and a frame of the same append"),
        (zeros(second.start + 64..second.end)[..last.start].to_vec(), 1, "half of the second"),
    ] {
        let mut files = maker.files.clone();
        let bytes = (tail.len() - whole.len()) as u64;
        files.insert(name.clone(), tail);
        let found = verify_at(Laid::new(&files).folder.path(), &(0..size + 9).collect(), None).unwrap();
        assert_whole(&found, size);
        assert!(found.roots.keys().copied().eq(0..=size), "no root is told of what is not committed");
        let unfinished = found.unfinished.expect(how);
        assert_eq!((unfinished.byte, unfinished.bytes), (whole.len() as u64, bytes), "{how}");
        assert_eq!(unfinished.entries, entries, "{how}");
        assert_eq!(unfinished.file, format!("log/{name}"));
    }
    // Later bytes prove that these were once on disk.
    for range in [first.clone(), second.clone()] {
        let mut files = maker.files.clone();
        files.insert(name.clone(), zeros(range));
        assert_eq!(verify_files(&files).verdict, Verdict::Altered);
    }
}

#[test]
fn a_segment_that_was_hardly_begun_is_unfinished() {
    let maker = small_book();
    let mut begun = small_book();
    begun.segment();
    let header = begun.files[&begun.name].clone();
    for length in 0..=header.len() {
        let mut files = maker.files.clone();
        files.insert(begun.name.clone(), header[..length].to_vec());
        let found = verify_files(&files);
        assert_whole(&found, maker.next());
        assert_eq!(found.unfinished.is_some(), length < header.len(), "{length}");
    }
    let mut files = maker.files.clone();
    files.insert(format!("{:020}.seg", maker.next() + 5), Vec::new());
    assert_found(&verify_files(&files), Verdict::Incomplete, Some(maker.next()), "are missing");
    // It was begun, so what lies before it was whole.
    let (name, bytes) = maker.files.last_key_value().unwrap();
    let mut files = maker.files.clone();
    files.insert(name.clone(), bytes[..bytes.len() - 64].to_vec());
    files.insert(begun.name.clone(), Vec::new());
    assert_eq!(verify_files(&files).verdict, Verdict::Incomplete);
}

// Limits, and anything at all -----------------------------------------------------------------------------------------

#[test]
fn a_hundred_problems_are_enough() {
    for (bad, reported) in [(PROBLEMS_MAX, PROBLEMS_MAX), (PROBLEMS_MAX + 1, PROBLEMS_MAX)] {
        let mut maker = Maker::new();
        maker.append(vec![vec![vec![0; 64]; bad]]);
        maker.facts(&[1]);
        let found = verify_made(&maker);
        assert_eq!((found.problems.len(), found.stopped_early), (reported, bad > reported));
        assert_eq!(found.verdict, Verdict::Altered);
    }
}

/// One way to damage bytes, with the checksums mended or not.
#[derive(Clone, Debug)]
enum Harm {
    Change { at: usize, byte: u8 },
    Cut { at: usize },
    Remove { at: usize, length: usize },
    Repeat { at: usize, length: usize },
    MendFrame { number: usize },
}

fn harm() -> impl Strategy<Value = (usize, Harm)> {
    let place = || 0usize..6_000;
    let change = (place(), any::<u8>()).prop_map(|(at, byte)| Harm::Change { at, byte });
    let cut = place().prop_map(|at| Harm::Cut { at });
    let remove = (place(), 0usize..700).prop_map(|(at, length)| Harm::Remove { at, length });
    let repeat = (place(), 0usize..700).prop_map(|(at, length)| Harm::Repeat { at, length });
    let mend = (0usize..8).prop_map(|number| Harm::MendFrame { number });
    (0usize..3, prop_oneof![6 => change, 1 => cut, 1 => remove, 1 => repeat, 6 => mend])
}

fn do_harm(bytes: &mut Vec<u8>, places: &[Range<usize>], harm: Harm) {
    let length = bytes.len();
    let range = |at: usize, count: usize| at.min(length)..(at + count).min(length);
    match harm {
        Harm::Change { at, byte } if length > 0 => bytes[at % length] = byte,
        Harm::Change { .. } => {}
        Harm::Cut { at } => bytes.truncate(at),
        Harm::Remove { at, length } => drop(bytes.drain(range(at, length))),
        Harm::Repeat { at, length } => {
            let again = bytes[range(at, length)].to_vec();
            bytes.splice(range(at, 0), again);
        }
        Harm::MendFrame { number } => {
            if let Some(frame) = bytes.get_mut(places[number % places.len()].clone()) {
                mend_frame(frame);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn no_damage_panics_and_none_is_missed(harms in prop::collection::vec(harm(), 1..8)) {
        let maker = small_book();
        let mut files = maker.files.clone();
        for (segment, harm) in harms {
            let (name, bytes) = files.iter_mut().nth(segment).expect("three segments");
            let places = frames_of(name, &maker.files[name]);
            do_harm(bytes, &places, harm);
        }
        let found = verify_files(&files);
        if found.verdict == Verdict::Consistent {
            prop_assert_eq!(found.root, Some(maker.roots[found.size as usize]));
            prop_assert!(files == maker.files || found.size < maker.next() || found.unfinished.is_some());
        }
        prop_assert!(found.problems.len() <= PROBLEMS_MAX);
    }

    #[test]
    fn no_bytes_at_all_panic(bytes in prop::collection::vec(any::<u8>(), 0..600), with_header in any::<bool>()) {
        let mut maker = Maker::new();
        let file = maker.files.get_mut(&maker.name).expect("it was begun");
        if !with_header {
            file.clear();
        }
        file.extend(bytes);
        verify_made(&maker);
    }

    /// Entries of any bytes under right hashes: only the decoder can refuse them.
    #[test]
    fn no_entry_panics(at in any::<prop::sample::Index>(), byte in any::<u8>(), kind in 0usize..3) {
        let mut bytes = [fact_entry(1), close_entry(1, "2027-01", 1, [1; 32]), with_fact(&[7, 0xa1, 0, 0xc4, 0x82, 0x20, 0x15])][kind].clone();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let found = verdict_on(bytes.clone());
        // What the book's own reader takes, the stranger's takes too.
        if Entry::get(&bytes).is_ok_and(|entry| entry.position == 1 && entry.recorded >= 8) && kind == 0 {
            prop_assert_eq!(found.verdict, Verdict::Consistent);
        }
    }
}

// What it shares ------------------------------------------------------------------------------------------------------

/// docs/format.md is all that it may know of the writer.
#[test]
fn it_shares_no_code_with_the_writer() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let inside = std::fs::read_dir(source.join("verify")).unwrap().map(|entry| entry.unwrap().path());
    let mut read = 0;
    for path in inside {
        let text = std::fs::read_to_string(&path).unwrap();
        let (code, _) = text.split_once("#[cfg(test)]").unwrap_or((&text, ""));
        for shared in ["ledger", "projections", "plans", "crate::"] {
            assert!(!code.contains(shared), "{} uses `{shared}`", path.display());
        }
        read += 1;
    }
    assert!(read > 1);
}
