//! A log that was damaged: opened, cut at an unfinished append, or refused with words; never more than was committed.
#![no_main]

use ledger::entry::Entry;
use ledger::frame::{Frame, HEADER_BYTES, FrameHeader};
use ledger::log::Log;
use libfuzzer_sys::fuzz_target;
use trueup_fuzz::{Desk, store_of};

fuzz_target!(|data: &[u8]| {
    let Some((manner, rest)) = data.split_first() else { return };
    let bytes = match manner % 2 {
        0 => rest.to_vec(),
        _ => damaged(rest),
    };
    let _ = FrameHeader::parse(&bytes);
    let _ = Frame::parse(&bytes);
    open(&bytes);
});

/// A sound log with changes made to it, five bytes each: what to do, where, and with what.
fn damaged(changes: &[u8]) -> Vec<u8> {
    let mut bytes = Desk::with_history().store.bytes().remove(&0).expect("a segment");
    for change in changes.chunks_exact(5).take(16) {
        let at = u32::from_be_bytes([0, change[1], change[2], change[3]]) as usize % bytes.len().max(1);
        match change[0] % 6 {
            0 if !bytes.is_empty() => bytes[at] ^= change[4].max(1),
            1 => bytes.truncate(at),
            2 => bytes.extend(std::iter::repeat_n(change[4], at % 512)),
            3 => drop(bytes.drain(at..(at + usize::from(change[4])).min(bytes.len()))),
            4 => bytes.extend_from_within(at..(at + usize::from(change[4]) * 64).min(bytes.len())),
            // Checksums are made right, so that what lies behind them is looked at.
            _ => mend_checksums(&mut bytes),
        }
    }
    bytes
}

fn mend_checksums(bytes: &mut [u8]) {
    for at in (0..bytes.len()).step_by(64) {
        let Some(header) = bytes.get_mut(at..at + HEADER_BYTES) else { return };
        if !header.starts_with(b"\xFFframe\r\n") {
            continue;
        }
        let checksum = crc32c::crc32c(&header[..60]);
        header[60..].copy_from_slice(&checksum.to_be_bytes());
        let length = u32::from_be_bytes(header[36..40].try_into().expect("four bytes")) as usize;
        if let Some(frame) = bytes.get_mut(at..at.saturating_add(length)).filter(|frame| frame.len() > HEADER_BYTES) {
            let end = frame.len() - 4;
            let checksum = crc32c::crc32c(&frame[..end]);
            frame[end..].copy_from_slice(&checksum.to_be_bytes());
        }
    }
}

fn open(bytes: &[u8]) {
    let reader = Log::open_read(store_of(bytes.to_vec()));
    let writer = Log::open(store_of(bytes.to_vec()));
    // A reader compares no roots: it may show what nobody may build on.
    assert!(reader.is_ok() || writer.is_err(), "what takes more can be read");
    let (Ok(reader), Ok((mut writer, opened))) = (reader, writer) else { return };
    assert_eq!((reader.size(), reader.root()), (writer.size(), writer.root()));
    assert!(opened.torn.is_none_or(|cut| cut.bytes <= bytes.len() as u64));
    let mut frames = reader.frames(0);
    let mut next = 0;
    while let Some(frame) = frames.next().expect("what was opened can be read") {
        for (position, entry) in frame.entries() {
            assert_eq!(position, next);
            next += 1;
            drop(Entry::get(entry));
        }
    }
    assert_eq!(next, reader.size());
    assert_eq!(reader.root_at(next).expect("a root"), reader.root());
    let mut append = writer.begin(Some(next)).expect("it takes more");
    append.push(&[7; 64]).expect("one more entry");
    assert_eq!(append.commit().expect("committed").size, next + 1);
}
